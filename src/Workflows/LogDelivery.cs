using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>What a delivery needs to know beside the batch.</summary>
public sealed record LogDelivery
{
    [JsonPropertyName("destination")] public required string Destination { get; init; }

    /// <summary>
    /// The folders that the batch's channels have; a channel that has none here was put into <c>overflow</c>.
    /// </summary>
    [JsonPropertyName("folders")] public required IReadOnlyList<string> Folders { get; init; }
}
