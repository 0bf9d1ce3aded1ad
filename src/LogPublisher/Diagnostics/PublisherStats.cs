namespace LogPipeline.Publisher;

/// <summary>
/// Where every event of this sink is, at one instant:
/// <c>Emitted + Notices + Adopted = Filtered + Queued + Spooled + Accepted + WrittenToFiles + SetAside + Dropped</c>.
/// What Serilog filters out before the sink (its level switch, <c>restrictedToMinimumLevel</c>) is not known here.
/// The same numbers are metrics of the meter <see cref="TemporalSink.MeterName"/>.
/// </summary>
public sealed record PublisherStats
{
    /// <summary>Events handed to the sink.</summary>
    public required long Emitted { get; init; }

    /// <summary>
    /// Events that the sink made itself: warnings that room runs out or that events are dropped, and summaries of
    /// repeated events.
    /// </summary>
    public required long Notices { get; init; }

    /// <summary>Records of earlier processes that were found in the spool directory.</summary>
    public required long Adopted { get; init; }

    /// <summary>
    /// Left out by sampling and repeat suppression, by reason; reasons that never happened are left out.
    /// </summary>
    public required IReadOnlyDictionary<FilterReason, long> FilteredByReason { get; init; }

    /// <summary>Left out by the sink's own options in all.</summary>
    public long Filtered => FilteredByReason.Values.Sum();

    /// <summary>In memory.</summary>
    public required long Queued { get; init; }

    /// <summary>On this host's disk, waiting for Temporal.</summary>
    public required long Spooled { get; init; }

    /// <summary>What the spool takes on disk, in bytes.</summary>
    public long SpooledBytes { get; init; }

    /// <summary>How long ago the oldest event in the spool was logged; null: none is there.</summary>
    public TimeSpan? OldestSpooledAge { get; init; }

    /// <summary>In batches whose start Temporal has answered.</summary>
    public required long Accepted { get; init; }

    /// <summary>Written to final files on this host, with <see cref="TemporalFallback.WriteFile"/>.</summary>
    public required long WrittenToFiles { get; init; }

    /// <summary>
    /// In batches that Temporal refuses for good, kept as files under the spool directory's <c>refused</c>.
    /// </summary>
    public required long SetAside { get; init; }

    /// <summary>Lost, by reason; reasons that never happened are left out.</summary>
    public required IReadOnlyDictionary<DropReason, long> DroppedByReason { get; init; }

    /// <summary>Lost in all.</summary>
    public long Dropped => DroppedByReason.Values.Sum();

    /// <summary>True unless there is a defect in the sink.</summary>
    public bool Balances =>
        Emitted + Notices + Adopted == Filtered + Queued + Spooled + Accepted + WrittenToFiles + SetAside + Dropped;

    /// <summary>Whether Temporal is reached.</summary>
    public BreakerState Breaker { get; init; }

    /// <summary>
    /// Since when the breaker is <see cref="BreakerState.Closed"/>, or is not: the sink's start, or the last change.
    /// </summary>
    public DateTimeOffset? BreakerSince { get; init; }

    /// <summary>Starts in a row that did not reach Temporal.</summary>
    public int FailuresInRow { get; init; }

    /// <summary>Whether a batch may be started now: the breaker is closed, or it is time for a trial.</summary>
    public bool StartAllowed => NextStartAt is null;

    /// <summary>When the next start may be tried; null: now.</summary>
    public DateTimeOffset? NextStartAt { get; init; }

    /// <summary>Batches whose start Temporal has answered.</summary>
    public long Batches { get; init; }

    /// <summary>Events that had a placeholder put in the place of something their own code failed to render.</summary>
    public long RenderFailures { get; init; }

    /// <summary>
    /// Events that workflow code logged again while its history was replayed; not sent again and not among
    /// <see cref="Emitted"/>.
    /// </summary>
    public long Replayed { get; init; }

    /// <summary>Events that were cut because they, or something in them, were too large.</summary>
    public long Truncated { get; init; }

    /// <summary>Events of which something was replaced because it is a secret.</summary>
    public long Redacted { get; init; }

    /// <summary>
    /// Why the last batch could not be started, or a file not be written; null when nothing has failed since the last
    /// success.
    /// </summary>
    public string? LastError { get; init; }

    /// <summary>When that was; null when <see cref="LastError"/> is.</summary>
    public DateTimeOffset? LastErrorAt { get; init; }
}
