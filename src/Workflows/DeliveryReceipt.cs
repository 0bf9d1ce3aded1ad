using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>The outcome of a delivery.</summary>
public sealed record DeliveryReceipt
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>Records that the destination took.</summary>
    [JsonPropertyName("records")] public int RecordCount { get; init; }

    /// <summary>Records that it will never take, by reason; they are in their file. Null: there are none.</summary>
    [JsonPropertyName("refused"),
        JsonIgnore(Condition =
        JsonIgnoreCondition.WhenWritingNull)] public IReadOnlyDictionary<string, int>? Refused { get; init; }

    /// <summary>Why the whole batch was left to its file; null: it was not.</summary>
    [JsonPropertyName("failure"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public string? Failure { get; init; }
}
