using System.Threading.Channels;
using LogPipeline.TestSupport;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Worker;

namespace Temporalio.Tests.Activities;

public class ActivityHeartbeaterTests
{
    static readonly TimeSpan Interval = TimeSpan.FromSeconds(8);

    readonly TestClock _time = new();
    readonly Channel<int> _sent = Channel.CreateUnbounded<int>();

    [Fact]
    public async Task TheFirstGoesAtOnceAndThenTheLatestOfEachInterval()
    {
        var heartbeater = Heartbeater();
        Record(heartbeater, 1);
        (await _sent.Reader.ReadAsync()).ShouldBe(1);
        await _time.SleeperAsync(Interval);
        Record(heartbeater, 2);
        Record(heartbeater, 3);
        _time.Advance(Interval - TimeSpan.FromMilliseconds(1));
        _sent.Reader.TryPeek(out _).ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await _sent.Reader.ReadAsync()).ShouldBe(3);
        await _time.SleeperAsync(Interval);
        await heartbeater.FinishAsync(flush: true);
        _sent.Reader.TryPeek(out _).ShouldBeFalse();
    }

    [Fact]
    public async Task AfterAQuietIntervalTheNextGoesAtOnce()
    {
        var heartbeater = Heartbeater();
        Record(heartbeater, 1);
        await _sent.Reader.ReadAsync();
        await _time.SleeperAsync(Interval);
        _time.Advance(Interval);
        Record(heartbeater, 2);
        (await _sent.Reader.ReadAsync()).ShouldBe(2);
        await heartbeater.FinishAsync(flush: false);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task FinishingSendsTheLastDetailsWhenSomebodyWillReadThem(bool flush)
    {
        var heartbeater = Heartbeater();
        Record(heartbeater, 1);
        await _sent.Reader.ReadAsync();
        await _time.SleeperAsync(Interval);
        Record(heartbeater, 2);
        await heartbeater.FinishAsync(flush);
        _sent.Reader.TryRead(out var last).ShouldBe(flush);
        if (flush) last.ShouldBe(2);
        Record(heartbeater, 3);
        _sent.Reader.TryPeek(out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData(10, 8)]
    [InlineData(0, 30)]
    [InlineData(null, 30)]
    [InlineData(3600, 60)]
    public void TheIntervalFollowsTheTimeout(int? timeoutSeconds, int intervalSeconds) =>
        ActivityHeartbeater.ThrottleInterval(
            timeoutSeconds is { } s ? TimeSpan.FromSeconds(s) : null, TimeSpan.FromSeconds(30), TimeSpan.FromSeconds(60))
            .ShouldBe(TimeSpan.FromSeconds(intervalSeconds));

    ActivityHeartbeater Heartbeater() => new(Interval, details =>
    {
        _sent.Writer.TryWrite(DataConverter.Default.PayloadConverter.ToValue<int>(details.Single()));
        return Task.CompletedTask;
    }, _time);

    static void Record(ActivityHeartbeater heartbeater, int value) =>
        heartbeater.Record(new List<Payload> { DataConverter.Default.PayloadConverter.ToPayload(value) });
}
