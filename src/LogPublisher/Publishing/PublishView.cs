namespace LogPipeline.Publisher.Publishing;

/// <summary>The state by which the publish loop decides.</summary>
readonly record struct PublishView
{
    public required int PendingCount { get; init; }
    public required TimeSpan PendingAge { get; init; }

    /// <summary>The oldest pending record is the process's first, an error, or a flush waits for it.</summary>
    public required bool PendingIsUrgent { get; init; }

    /// <summary>The queue is half full.</summary>
    public required bool QueueIsFilling { get; init; }

    /// <summary>
    /// Pending records are in the spool already, as records; they wait there until they can be started.
    /// </summary>
    public bool PendingIsOnDisk { get; init; }

    /// <summary>A start is under way.</summary>
    public required bool IsStarting { get; init; }

    /// <summary>A batch is in memory that could neither be started nor be put on disk.</summary>
    public required bool IsHolding { get; init; }

    /// <summary>
    /// The held batch may be put on disk, which did not take it before. False: it may be in Temporal already, and a
    /// final file would write it twice; only Temporal knows.
    /// </summary>
    public required bool HeldIsForDisk { get; init; }

    /// <summary>The held batch is older than all in the spool.</summary>
    public required bool HeldIsOldest { get; init; }

    public required bool SpoolHasBatches { get; init; }

    /// <summary>The last attempt was accepted (or there was none).</summary>
    public required bool IsReachable { get; init; }

    /// <summary>How long until the next attempt is allowed; zero or less: now.</summary>
    public required TimeSpan RetryIn { get; init; }

    /// <summary>How long until the disk may be tried again, which refused something; zero or less: now.</summary>
    public required TimeSpan DiskRetryIn { get; init; }

    /// <summary>The sink is closing: nothing waits for others.</summary>
    public required bool IsClosing { get; init; }
}
