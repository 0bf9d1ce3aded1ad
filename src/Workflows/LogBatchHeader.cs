using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>
/// The workflow's first argument: small, readable in Temporal's UI, says what the records are without reading them.
/// </summary>
public sealed record LogBatchHeader
{
    /// <summary>The shape of header and records; a worker refuses one it does not know.</summary>
    public const int CurrentVersion = 1;

    /// <summary>
    /// The shape of a batch of no records that only brings <see cref="Publisher"/>. To a worker that does not know
    /// reports it is a batch of a newer version, which it leaves alone; the next shape of records is 3.
    /// </summary>
    public const int ReportVersion = 2;

    // Of Temporal's 400 bytes, with room for counts and a codec.
    const int SummaryNamesMax = 240;

    [JsonPropertyName("version")] public int Version { get; init; } = CurrentVersion;

    [JsonPropertyName("source"), JsonConverter(typeof(BoundedText))]
    public required string Source { get; init; }

    [JsonPropertyName("instance"), JsonConverter(typeof(BoundedText))]
    public required string Instance { get; init; }

    [JsonPropertyName("firstSequence")] public required long FirstSequence { get; init; }
    [JsonPropertyName("lastSequence")] public required long LastSequence { get; init; }

    /// <summary>
    /// The batch that the same source made before this one: of the same instance, or, for an instance's first batch,
    /// the last that an earlier one left in the spool. Null: it has no predecessor, or none that is worth waiting for.
    /// Batches are started in order but their workflows run side by side: a batch waits until its previous one is
    /// written, so that a channel's file keeps the order of its source.
    /// </summary>
    [JsonPropertyName("previous"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(BoundedText))]
    public string? Previous { get; init; }

    /// <summary>
    /// The batch whose dead letter this one holds, tried again because an operator asked for it: its records keep their
    /// own source, instance and number. Null: a batch of its own.
    /// </summary>
    [JsonPropertyName("retryOf"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(BoundedText))]
    public string? RetryOf { get; init; }

    [JsonPropertyName("records")] public required int RecordCount { get; init; }

    /// <summary>Size of the records array in bytes, before any codec.</summary>
    [JsonPropertyName("bytes")] public required int Bytes { get; init; }

    /// <summary>Earliest and latest event time among the records.</summary>
    [JsonPropertyName("from")] public required DateTimeOffset From { get; init; }
    [JsonPropertyName("to")] public required DateTimeOffset To { get; init; }

    /// <summary>Records per level, in Loki's vocabulary.</summary>
    [JsonPropertyName("levels"), JsonConverter(typeof(BoundedCounts))]
    public required IReadOnlyDictionary<string, int> Levels { get; init; }

    /// <summary>Records per channel.</summary>
    [JsonPropertyName("channels"), JsonConverter(typeof(BoundedCounts))]
    public required IReadOnlyDictionary<string, int> Channels { get; init; }

    /// <summary>
    /// Where the events of the publisher that starts the batch are. It belongs to the attempt and not to the frozen
    /// batch: another attempt may bring another. Null: there is none, or it is none.
    /// </summary>
    [JsonPropertyName("publisher"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    [JsonConverter(typeof(LenientReport))]
    public PublisherReport? Publisher { get; init; }

    /// <summary>Whether it has no records and only brings a report.</summary>
    [JsonIgnore] public bool IsReport => Version == ReportVersion && RecordCount == 0;

    /// <summary>The batch's name, derived from its parts.</summary>
    [JsonIgnore] public BatchId Id => new(Source, Instance, FirstSequence);

    /// <summary>Whether it holds an error or worse: such a batch goes before others of its task queue.</summary>
    [JsonIgnore] public bool IsUrgent => ErrorCount > 0;

    long ErrorCount =>
        Levels is null ? 0 : (long)Levels.GetValueOrDefault("error") + Levels.GetValueOrDefault("fatal");

    /// <summary>The name of the batch that comes before this one.</summary>
    [JsonIgnore] public BatchId? PreviousId => BatchId.TryParse(Previous, out var id) ? id : null;

    /// <summary>
    /// One line for people: <c>120 records, 3 errors, orders</c>. It holds nothing of the records' content. It is short
    /// whatever the header holds, as Temporal refuses a task with a summary over 400 bytes.
    /// </summary>
    public string Summary()
    {
        var errors = ErrorCount;
        var count = Channels?.Count ?? 0;
        var channels = count <= 3 ? string.Join(", ", (Channels?.Keys ?? []).Order(StringComparer.Ordinal)) : "";
        if (count > 3 || JsonEncodedText.Encode(channels).EncodedUtf8Bytes.Length > SummaryNamesMax)
            channels = $"{count} {(count == 1 ? "channel" : "channels")}";
        return $"{RecordCount} {(RecordCount == 1 ? "record" : "records")}, {errors} "
            + $"{(errors == 1 ? "error" : "errors")}, {channels}";
    }
}
