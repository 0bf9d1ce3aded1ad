using System.Text.Json.Serialization;

namespace LogPipeline.Worker.Observability;

/// <summary>What a worker did in the last hour, in steps of ten seconds. For any thread.</summary>
sealed class StatsHistory
{
    public static readonly TimeSpan Step = TimeSpan.FromSeconds(10);
    public static readonly TimeSpan Kept = TimeSpan.FromHours(1);

    static readonly int PointsMax = (int)(Kept / Step);

    readonly Lock _gate = new();
    readonly Queue<HistoryPoint> _points;
    WorkerStats _last;

    /// <param name="earlier">Those of an earlier process; what cannot be one of them is left out.</param>
    /// <param name="start">Of this process.</param>
    /// <param name="now">By the worker's clock.</param>
    public StatsHistory(IEnumerable<HistoryPoint> earlier, WorkerStats start, DateTimeOffset now)
    {
        _last = start;
        _points = new Queue<HistoryPoint>(earlier.Where(point => point.IsSound && point.Time <= now && point.Time > now - Kept)
            .DistinctBy(point => point.Time).OrderBy(point => point.Time).TakeLast(PointsMax));
    }

    /// <summary>The newest last.</summary>
    public HistoryPoint[] Points
    {
        get
        {
            lock (_gate) return [.. _points];
        }
    }

    /// <summary>Ends a step.</summary>
    /// <param name="stats">As they are now.</param>
    /// <param name="pendingBatches">Those that wait in Temporal; null: that is not known.</param>
    /// <param name="now">By the worker's clock.</param>
    public void Add(WorkerStats stats, long? pendingBatches, DateTimeOffset now)
    {
        var isWritten = stats.Batches > _last.Batches;
        var point = new HistoryPoint
        {
            Time = now, Written = stats.Written - _last.Written, Bytes = stats.Bytes - _last.Bytes,
            DeadLettered = stats.DeadLettered - _last.DeadLettered, FailedAttempts = stats.FailedAttempts - _last.FailedAttempts,
            LatencyMedian = isWritten ? stats.LatencyMedian : null, Latency95 = isWritten ? stats.Latency95 : null,
            PendingBatches = pendingBatches,
        };
        lock (_gate)
        {
            _last = stats;
            _points.Enqueue(point);
            while (_points.Count > PointsMax || _points.Peek().Time <= now - Kept) _points.Dequeue();
        }
    }
}

/// <summary>One step; counts are of the step alone.</summary>
sealed record HistoryPoint
{
    /// <summary>When the step ended.</summary>
    public required DateTimeOffset Time { get; init; }

    /// <summary>Lines.</summary>
    public long Written { get; init; }

    /// <summary>The lines' bytes.</summary>
    public long Bytes { get; init; }

    /// <summary>Records in new dead letters.</summary>
    public long DeadLettered { get; init; }

    /// <summary>Batches that could not be written and are tried again.</summary>
    public long FailedAttempts { get; init; }

    /// <summary>As in <see cref="WorkerStats.LatencyMedian"/>; null when no batch was written in the step.</summary>
    public double? LatencyMedian { get; init; }

    /// <inheritdoc cref="LatencyMedian"/>
    public double? Latency95 { get; init; }

    /// <summary>Batches that waited in Temporal; null: it did not answer.</summary>
    public long? PendingBatches { get; init; }

    [JsonIgnore] public bool IsSound => Written >= 0 && Bytes >= 0 && DeadLettered >= 0 && FailedAttempts >= 0
        && !(LatencyMedian < 0) && !(Latency95 < 0) && !(PendingBatches < 0);
}
