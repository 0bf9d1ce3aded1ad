using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Tests.Observability;

public sealed class RecentTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));

    [Fact]
    public void TheRateIsTheMeanOfTheLastMinute()
    {
        var rate = new RecentRate(_time);
        rate.PerSecond.ShouldBe(0);
        rate.Add(10);
        rate.PerSecond.ShouldBe(10, "of the one second there was");
        _time.Advance(TimeSpan.FromSeconds(1));
        rate.Add(20);
        rate.PerSecond.ShouldBe(15);
        _time.Advance(TimeSpan.FromSeconds(58));
        rate.PerSecond.ShouldBe(0.5, "30 in 60 seconds");
        _time.Advance(TimeSpan.FromSeconds(1));
        rate.PerSecond.ShouldBe(20 / 60.0, "the first second has left");
        _time.Advance(TimeSpan.FromSeconds(1));
        rate.PerSecond.ShouldBe(0);
    }

    [Theory]
    [InlineData(60)]
    [InlineData(3_600)]
    public void ARestLeavesNothingBehind(int seconds)
    {
        var rate = new RecentRate(_time);
        for (var i = 0; i < 90; i++)
        {
            rate.Add(1);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        _time.Advance(TimeSpan.FromSeconds(seconds));
        rate.PerSecond.ShouldBe(0);
        rate.Add(6);
        rate.PerSecond.ShouldBe(0.1);
    }

    [Fact]
    public void PercentilesAreThoseOfWhatCameLast()
    {
        var times = new RecentTimes();
        times.Percentile(0.5).ShouldBeNull();
        times.Add(TimeSpan.FromSeconds(7));
        (times.Percentile(0.5), times.Percentile(0.95)).ShouldBe((7, 7));
        for (var i = 1; i <= 1_000; i++) times.Add(TimeSpan.FromMilliseconds(i));
        (times.Percentile(0.5), times.Percentile(0.95), times.Percentile(1)).ShouldBe((0.5, 0.95, 1));
    }
}
