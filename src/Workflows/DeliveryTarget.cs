using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>A destination behind the file, and for how long it is tried.</summary>
public sealed record DeliveryTarget
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>From the file's receipt on; then the batch is left to its file.</summary>
    [JsonPropertyName("giveUpAfterSeconds")] public required double GiveUpAfterSeconds { get; init; }
}
