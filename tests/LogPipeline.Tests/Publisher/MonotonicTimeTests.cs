using LogPipeline.Publisher.Publishing;



namespace LogPipeline.Tests.Publisher;

public sealed class MonotonicTimeTests
{
    readonly SetClock _clock = new();

    [Fact]
    public void AClockThatIsSetBackDoesNotTurnItBack()
    {
        var time = new MonotonicTime(_clock);
        var start = _clock.Now;
        _clock.Now -= TimeSpan.FromHours(1);
        _clock.Timestamp += 3 * SetClock.Frequency;
        time.GetUtcNow().ShouldBe(start.AddSeconds(3));
    }

    [Fact]
    public void ASpanIsAsLongAsTheClockBeneathSays()
    {
        var time = new MonotonicTime(_clock);
        var from = time.GetTimestamp();
        _clock.Timestamp += 2 * SetClock.Frequency;
        time.GetElapsedTime(from).ShouldBe(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public void LocalTimeIsThatOfTheClockBeneath() => new MonotonicTime(_clock).LocalTimeZone.ShouldBeSameAs(_clock.LocalTimeZone);

    /// <summary>A clock that somebody sets, on a machine whose counter goes on.</summary>
    sealed class SetClock : TimeProvider
    {
        public const long Frequency = 1000;

        public DateTimeOffset Now { get; set; } = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);
        public long Timestamp { get; set; } = 77;

        public override long TimestampFrequency => Frequency;
        public override TimeZoneInfo LocalTimeZone { get; } = TimeZoneInfo.CreateCustomTimeZone("x", TimeSpan.FromHours(3), "x", "x");
        public override DateTimeOffset GetUtcNow() => Now;
        public override long GetTimestamp() => Timestamp;
    }
}
