using System.Text.Json.Serialization;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Worker.Web;

/// <summary>The answer of <c>/api/publishers</c>. What is not known is null.</summary>
/// <param name="Publishers">The last that was heard of first.</param>
sealed record PublishersAnswer(IReadOnlyList<PublisherAnswer> Publishers);

/// <summary>A publisher: what it said last, and what this worker made of its records since the worker's start.</summary>
sealed record PublisherAnswer
{
    public required string Source { get; init; }
    public required string Instance { get; init; }
    public required string? Host { get; init; }

    /// <summary>The sink's.</summary>
    public required string? Version { get; init; }
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>Null: it never said anything.</summary>
    public required DateTimeOffset? ReportedAt { get; init; }

    /// <summary>It was closed, and nothing waited; if not, it runs, was killed, or does not reach Temporal.</summary>
    public required bool? Ended { get; init; }
    public required PublisherCountsAnswer Counts { get; init; }
    public required PublisherBreaker? Breaker { get; init; }
    public required PublisherSpool? Spool { get; init; }

    public static PublisherAnswer Of(PublisherEntry entry) => new()
    {
        Source = entry.Source,
        Instance = entry.Instance,
        Host = entry.Report?.Host,
        Version = entry.Report?.Version,
        StartedAt = entry.Report?.StartedAt,
        ReportedAt = entry.Report?.ReportedAt,
        Ended = entry.Report?.Ended,
        Counts = PublisherCountsAnswer.Of(entry),
        Breaker = entry.Report?.Breaker,
        Spool = entry.Report?.Spool,
    };
}

/// <summary>
/// Events by where they are, as the publisher said; but <see cref="Written"/>, <see cref="FilteredByWorker"/> and
/// <see cref="DeadLettered"/> are this worker's, and a part of <see cref="InTemporal"/>: what Temporal has taken.
/// </summary>
sealed record PublisherCountsAnswer
{
    public long? Emitted { get; init; }
    public long? Notices { get; init; }
    public long? Adopted { get; init; }
    public long? Filtered { get; init; }
    public long? Queued { get; init; }
    public long? Spooled { get; init; }
    public long? InTemporal { get; init; }
    public required long Written { get; init; }
    public required long FilteredByWorker { get; init; }
    public required long DeadLettered { get; init; }
    public IReadOnlyDictionary<string, long>? Dropped { get; init; }
    public long? SetAside { get; init; }
    public long? FallbackFile { get; init; }

    public static PublisherCountsAnswer Of(PublisherEntry entry) => new()
    {
        Emitted = entry.Report?.Counts.Emitted,
        Notices = entry.Report?.Counts.Notices,
        Adopted = entry.Report?.Counts.Adopted,
        Filtered = entry.Report?.Counts.Filtered,
        Queued = entry.Report?.Counts.Queued,
        Spooled = entry.Report?.Counts.Spooled,
        InTemporal = entry.Report?.Counts.InTemporal,
        Written = entry.Written,
        FilteredByWorker = entry.FilteredHere,
        DeadLettered = entry.DeadLettered,
        Dropped = entry.Report?.Counts.Dropped,
        SetAside = entry.Report?.Counts.SetAside,
        FallbackFile = entry.Report?.Counts.FallbackFile,
    };
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(PublishersAnswer))]
sealed partial class PublishersJson : JsonSerializerContext;
