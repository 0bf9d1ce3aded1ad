namespace LogPipeline.Worker.Observability;

/// <summary>
/// What a worker has done since its start, at one instant:
/// <c>Taken = Written + Filtered + DeadLettered</c> of the records that are no longer in Temporal for it. The same
/// numbers are metrics of the meter <see cref="WorkerMetrics.MeterName"/>.
/// </summary>
sealed record WorkerStats
{
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>Batches whose lines are on the disk.</summary>
    public required long Batches { get; init; }

    /// <summary>Lines on the disk.</summary>
    public required long Written { get; init; }

    /// <summary>The lines' bytes.</summary>
    public required long Bytes { get; init; }

    /// <summary>Records whose level is under the least that is written.</summary>
    public required long Filtered { get; init; }

    /// <summary>Of the written ones those in the channel <c>overflow</c>.</summary>
    public required long Overflowed { get; init; }

    /// <summary>Records in new dead letters.</summary>
    public required long DeadLettered { get; init; }

    /// <summary>New dead letters.</summary>
    public required long Letters { get; init; }

    /// <summary>Batches that could not be written and are tried again; each attempt counts.</summary>
    public required long FailedAttempts { get; init; }

    /// <summary>Batches that were written without the one before them.</summary>
    public required long OutOfOrder { get; init; }

    /// <summary>Batches whose lines are in another worker's files too.</summary>
    public required long Copied { get; init; }

    /// <summary>Canaries that were sent, or could not be.</summary>
    public long Canaries { get; init; }

    /// <summary>Of those the ones that did not come everywhere in time.</summary>
    public long CanariesMissing { get; init; }

    /// <summary>Null: there was none.</summary>
    public CanaryResult? LastCanary { get; init; }

    /// <summary>Written records a second, over the last minute.</summary>
    public required double RecordsPerSecond { get; init; }

    /// <summary>
    /// Seconds from the first event of a batch to its lines on the disk, of the last 1,000 batches; null: there was none.
    /// </summary>
    public double? LatencyMedian => Latencies.Percentile(0.5);

    /// <summary>As <see cref="LatencyMedian"/>, the 95th of 100.</summary>
    public double? Latency95 => Latencies.Percentile(0.95);

    public required RecentTimes Latencies { private get; init; }

    /// <summary>Written records by channel and level.</summary>
    public required IReadOnlyList<VolumeStats> Volume { get; init; }
}

/// <summary>Lines of one channel and level.</summary>
/// <param name="Channel">Beyond the first 100 channels: <c>(others)</c>.</param>
/// <param name="Level">Loki's name of it; <c>unknown</c>: the record has none.</param>
/// <param name="Records">How many.</param>
sealed record VolumeStats(string Channel, string Level, long Records);
