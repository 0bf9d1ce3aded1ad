using System.Text.Json.Serialization;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Worker.Web;

/// <summary>The answer of <c>/api/stats</c>. What is not known is null.</summary>
sealed record StatsAnswer
{
    public required WorkerIdentity Worker { get; init; }
    public required TemporalAnswer Temporal { get; init; }
    public required WriterAnswer Writer { get; init; }

    /// <summary>Since the start.</summary>
    public required RecordsAnswer Records { get; init; }

    /// <summary>Since the start.</summary>
    public required BatchesAnswer Batches { get; init; }

    /// <summary>Bytes of the lines since the start.</summary>
    public required long Bytes { get; init; }

    /// <summary>Written records a second, over the last minute.</summary>
    public required double RecordsPerSecond { get; init; }
    public required LatencyAnswer Latency { get; init; }

    /// <summary>Also what earlier processes wrote; null while the disk is away.</summary>
    public required LedgerTotals? Ledger { get; init; }

    /// <summary>Callers may change nothing.</summary>
    public required bool IsReadOnly { get; init; }

    /// <summary>Letters that lie there now.</summary>
    public required int DeadLetters { get; init; }

    /// <summary>Since the start.</summary>
    public required IReadOnlyList<VolumeStats> Volume { get; init; }

    /// <summary>Null: there are none.</summary>
    public CanaryAnswer? Canary { get; init; }
}

/// <param name="Identity">As in receipts.</param>
/// <param name="Version">What was built.</param>
/// <param name="Commit">From which commit.</param>
sealed record WorkerIdentity(string Identity, string Version, string Commit)
{
    public DateTimeOffset StartedAt { get; init; }
    public double UptimeSeconds { get; init; }
}

sealed record TemporalAnswer(string Address, string Namespace, string TaskQueue, bool IsReached, string? Problem,
    DateTimeOffset? Since, long? PendingBatches, string? UiUrl);

sealed record WriterAnswer(string Directory, bool IsReady, string? Problem, DateTimeOffset? Since, long? FreeBytes);

sealed record RecordsAnswer(long Written, long Filtered, long DeadLettered, long Overflowed);

sealed record BatchesAnswer(long Written, long FailedAttempts, long OutOfOrder, long Copied);

/// <summary>Seconds from a batch's first event to its lines on the disk, of the last 1,000 batches.</summary>
sealed record LatencyAnswer(double? Median, double? Percentile95);

/// <param name="Sent">Since the start, also those that could not be sent.</param>
/// <param name="Missing">Of those the ones that did not come everywhere within a minute.</param>
/// <param name="Last">The last one that came through or is missing; null: none has yet.</param>
sealed record CanaryAnswer(long Sent, long Missing, CanaryResult? Last);

/// <summary>The answer of <c>/api/activity-logs/performance</c>.</summary>
sealed record PerformanceAnswer([property: JsonPropertyName("success")] bool Success,
    [property: JsonPropertyName("data")] PerformanceData Data);

sealed record PerformanceData
{
    /// <summary>Batches that wait in Temporal; null: it never answered.</summary>
    [JsonPropertyName("queue_size")] public required long? QueueSize { get; init; }

    /// <summary>Records a second, over the last minute.</summary>
    [JsonPropertyName("processing_rate")] public required double ProcessingRate { get; init; }

    /// <summary>Dead-lettered records in percent of all.</summary>
    [JsonPropertyName("error_rate")] public required double ErrorRate { get; init; }

    /// <summary>Records since the start.</summary>
    [JsonPropertyName("total_processed")] public required long TotalProcessed { get; init; }

    /// <summary>As <see cref="QueueSize"/>.</summary>
    [JsonPropertyName("pending_jobs")] public required long? PendingJobs { get; init; }

    /// <summary>Dead letters.</summary>
    [JsonPropertyName("failed_jobs")] public required int FailedJobs { get; init; }

    /// <summary>The process's memory in bytes.</summary>
    [JsonPropertyName("memory_usage")] public required long MemoryUsage { get; init; }
    [JsonPropertyName("circuit_breaker")] public required CircuitBreakerData CircuitBreaker { get; init; }
}

/// <param name="State"><c>closed</c> while Temporal is reached, else <c>open</c>.</param>
/// <param name="FailureCount">Questions in a row without an answer.</param>
/// <param name="IsAllowed">Whether batches can be taken.</param>
sealed record CircuitBreakerData([property: JsonPropertyName("state")] string State,
    [property: JsonPropertyName("failure_count")] int FailureCount, [property: JsonPropertyName("is_allowed")] bool IsAllowed);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(StatsAnswer))]
[JsonSerializable(typeof(PerformanceAnswer))]
sealed partial class StatsJson : JsonSerializerContext;
