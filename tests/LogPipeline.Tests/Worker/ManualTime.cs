namespace LogPipeline.Tests.Worker;

/// <summary>A clock that stands still until it is moved.</summary>
sealed class ManualTime(DateTimeOffset now) : TimeProvider
{
    long _ticks = now.UtcTicks;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    public override long GetTimestamp() => Interlocked.Read(ref _ticks);

    public void Advance(TimeSpan by) => Interlocked.Add(ref _ticks, by.Ticks);
}
