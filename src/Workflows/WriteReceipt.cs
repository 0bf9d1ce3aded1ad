using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>
/// Proof that a batch is on the worker's disk: where each channel's part lies. The workflow's result.
/// </summary>
public sealed record WriteReceipt
{
    [JsonPropertyName("batch")] public required string BatchId { get; init; }
    [JsonPropertyName("records")] public required int RecordCount { get; init; }
    [JsonPropertyName("bytes")] public required long Bytes { get; init; }
    [JsonPropertyName("worker")] public required string Worker { get; init; }

    /// <summary>True when an earlier attempt had already written the batch and this one only found it.</summary>
    [JsonPropertyName("alreadyWritten")] public bool AlreadyWritten { get; init; }

    /// <summary>
    /// Records that can never be written, and the dead letter on the worker's disk that holds them; null: all are
    /// written.
    /// </summary>
    [JsonPropertyName("deadLettered"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int DeadLettered { get; init; }
    [JsonPropertyName("deadLetter"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? DeadLetter { get; init; }

    /// <summary>
    /// Records that were not written because their level is below the minimum that the worker writes.
    /// </summary>
    [JsonPropertyName("filtered"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Filtered { get; init; }

    /// <summary>Where the worker wants the batch to go now that its file is safe; null: nowhere else.</summary>
    [JsonPropertyName("deliverTo"),
        JsonIgnore(
        Condition = JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<DeliveryTarget>? DeliverTo { get; init; }

    /// <summary>The outcomes of these deliveries; in the workflow's result.</summary>
    [JsonPropertyName("deliveries"),
        JsonIgnore(Condition =
        JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyList<DeliveryReceipt>? Deliveries { get; init; }

    [JsonPropertyName("files")] public required IReadOnlyList<WrittenRange> Files { get; init; }
}
