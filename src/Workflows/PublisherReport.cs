using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>
/// Where the events of one publisher (a sink in one run of an application) are, as it says itself. It comes in the
/// header of its batches, and in batches of no records (<see cref="LogBatchHeader.ReportVersion"/>) when it has no
/// others. It is for people: nothing is decided by it.
/// </summary>
public sealed record PublisherReport
{
    /// <summary>Longest report as JSON, in bytes; of a longer one nothing is read.</summary>
    public const int BytesMax = 4 * 1024;

    /// <summary>The application.</summary>
    public required string Source { get; init; }

    /// <summary>One start of it.</summary>
    public required string Instance { get; init; }

    /// <summary>The machine's name.</summary>
    public required string Host { get; init; }

    /// <summary>The sink's version.</summary>
    public required string Version { get; init; }

    /// <summary>When the sink was opened, by its host's clock.</summary>
    public required DateTimeOffset StartedAt { get; init; }

    /// <summary>When all of this was so, by the same clock.</summary>
    public required DateTimeOffset ReportedAt { get; init; }

    /// <summary>The sink was closed and nothing waits: no other report follows, and none is missing.</summary>
    public bool Ended { get; init; }

    /// <summary>Events since the start, by where they are.</summary>
    public required PublisherCounts Counts { get; init; }

    /// <summary>Whether Temporal is reached.</summary>
    public required PublisherBreaker Breaker { get; init; }

    /// <summary>What waits on the publisher's host.</summary>
    public required PublisherSpool Spool { get; init; }
}

/// <summary>
/// Events by where they are: <c>emitted + notices + adopted = filtered + queued + spooled + inTemporal + fallbackFile +
/// setAside + dropped</c>. The batch that brings the report counts as taken by Temporal.
/// </summary>
public sealed record PublisherCounts
{
    /// <summary>Handed to the sink.</summary>
    public required long Emitted { get; init; }

    /// <summary>Made by the sink itself.</summary>
    public long Notices { get; init; }

    /// <summary>Left in the spool by earlier processes, and found there.</summary>
    public long Adopted { get; init; }

    /// <summary>Kept back by sampling and repeat suppression.</summary>
    public long Filtered { get; init; }

    /// <summary>In memory.</summary>
    public long Queued { get; init; }

    /// <summary>On the host's disk.</summary>
    public long Spooled { get; init; }

    /// <summary>In batches that Temporal has taken; also those that are written since.</summary>
    public long InTemporal { get; init; }

    /// <summary>In final files on the host.</summary>
    public long FallbackFile { get; init; }

    /// <summary>In batches that Temporal refuses for good.</summary>
    public long SetAside { get; init; }

    /// <summary>Lost, by reason, as in the tags of metrics (<c>queue_full</c>).</summary>
    public IReadOnlyDictionary<string, long> Dropped { get; init; } = new Dictionary<string, long>();
}

/// <summary>The circuit breaker in front of Temporal.</summary>
public sealed record PublisherBreaker
{
    /// <summary><c>closed</c>, <c>open</c>, <c>half_open</c> or <c>denied</c>.</summary>
    public required string State { get; init; }

    /// <summary>Since when it is closed, or is not; null: not known.</summary>
    public DateTimeOffset? Since { get; init; }

    /// <summary>What went wrong last; null: nothing since the last success.</summary>
    public string? Reason { get; init; }
}

/// <summary>The spool on the publisher's host.</summary>
public sealed record PublisherSpool
{
    /// <summary>What it takes on disk.</summary>
    public required long Bytes { get; init; }

    /// <summary>When the oldest event in it was logged; null: none is there.</summary>
    public DateTimeOffset? Oldest { get; init; }
}

/// <summary>A report that is none, or too long, is null: it never fails the batch that it came with.</summary>
sealed class LenientReport : JsonConverter<PublisherReport>
{
    public override PublisherReport? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        var report = reader;
        reader.TrySkip();
        if (reader.BytesConsumed - report.TokenStartIndex > PublisherReport.BytesMax) return null;
        try
        {
            return JsonSerializer.Deserialize(ref report, ReportJson.Default.PublisherReport);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    public override void Write(Utf8JsonWriter writer, PublisherReport value, JsonSerializerOptions options) =>
        JsonSerializer.Serialize(writer, value, ReportJson.Default.PublisherReport);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(PublisherReport))]
sealed partial class ReportJson : JsonSerializerContext;
