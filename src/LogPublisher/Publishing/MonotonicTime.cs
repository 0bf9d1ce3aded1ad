namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// A clock that never goes back, for parts that measure spans by the time of day: with the machine's own clock set back
/// by an hour, a break of a second would last an hour.
/// </summary>
sealed class MonotonicTime(TimeProvider time) : TimeProvider
{
    readonly DateTimeOffset _start = time.GetUtcNow();
    readonly long _startedAt = time.GetTimestamp();

    public override long TimestampFrequency => time.TimestampFrequency;
    public override TimeZoneInfo LocalTimeZone => time.LocalTimeZone;
    public override DateTimeOffset GetUtcNow() => _start + time.GetElapsedTime(_startedAt);
    public override long GetTimestamp() => time.GetTimestamp();
    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period) =>
        time.CreateTimer(callback, state, dueTime, period);
}
