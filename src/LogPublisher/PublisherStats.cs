namespace LogPipeline.Publisher;

/// <summary>
/// Where every event of this sink is, at one instant:
/// <c>Emitted + Adopted = Queued + Spooled + Accepted + WrittenToFiles + SetAside + Dropped</c>.
/// What Serilog filters out before the sink is not known here.
/// </summary>
public sealed record PublisherStats
{
    /// <summary>Events handed to the sink.</summary>
    public required long Emitted { get; init; }

    /// <summary>Records of earlier processes that were found in the spool directory.</summary>
    public required long Adopted { get; init; }

    /// <summary>In memory.</summary>
    public required long Queued { get; init; }

    /// <summary>On this host's disk, waiting for Temporal.</summary>
    public required long Spooled { get; init; }

    /// <summary>In batches whose start Temporal has answered.</summary>
    public required long Accepted { get; init; }

    /// <summary>Written to final files on this host, with <see cref="TemporalFallback.WriteFile"/>.</summary>
    public required long WrittenToFiles { get; init; }

    /// <summary>In batches that Temporal refuses for good, kept as files under the spool directory's <c>refused</c>.</summary>
    public required long SetAside { get; init; }

    /// <summary>Lost, by reason; reasons that never happened are left out.</summary>
    public required IReadOnlyDictionary<DropReason, long> DroppedByReason { get; init; }

    /// <summary>Lost in all.</summary>
    public long Dropped => DroppedByReason.Values.Sum();

    /// <summary>True unless there is a defect in the sink.</summary>
    public bool Balances => Emitted + Adopted == Queued + Spooled + Accepted + WrittenToFiles + SetAside + Dropped;

    /// <summary>Whether Temporal is reached.</summary>
    public BreakerState Breaker { get; init; }

    /// <summary>Batches whose start Temporal has answered.</summary>
    public long Batches { get; init; }

    /// <summary>Events that had a placeholder put in the place of something their own code failed to render.</summary>
    public long RenderFailures { get; init; }

    /// <summary>Events that were cut because they, or something in them, were too large.</summary>
    public long Truncated { get; init; }

    /// <summary>Events of which something was replaced because it is a secret.</summary>
    public long Redacted { get; init; }

    /// <summary>Why the last batch could not be started, or a file not be written; null when nothing has failed since the last success.</summary>
    public string? LastError { get; init; }
}

/// <summary>The circuit breaker in front of Temporal.</summary>
public enum BreakerState
{
    /// <summary>Batches go to Temporal.</summary>
    Closed,

    /// <summary>Temporal was not reached; nothing is tried for a while.</summary>
    Open,

    /// <summary>One batch is on trial.</summary>
    HalfOpen,
}
