namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>A line as Loki takes it.</summary>
/// <param name="Nanoseconds">The event's own time, since 1970.</param>
/// <param name="Line">The record, as CLEF, whatever the files' format is.</param>
/// <param name="TraceId">Can be searched for without being a label, as can <paramref name="SpanId"/>.</param>
readonly record struct LokiEntry(long Nanoseconds, ReadOnlyMemory<byte> Line, string? TraceId, string? SpanId)
{
    public bool HasMetadata => TraceId is not null || SpanId is not null;

    /// <summary>Makes an entry of a record whose time can be sent (<see cref="LokiFacts.Refusal"/>).</summary>
    public static LokiEntry Of(ReadOnlyMemory<byte> record, LokiFacts facts) =>
        new(NanosecondsOf(facts.Time), record, facts.TraceId, facts.SpanId);

    /// <exception cref="OverflowException">The time cannot be sent.</exception>
    public static long NanosecondsOf(DateTimeOffset time) =>
        checked((time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick);
}
