using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

/// <summary>
/// Consecutive whole lines of one file. <see cref="File"/> is relative to the worker's log directory.
/// </summary>
public sealed record WrittenRange
{
    [JsonPropertyName("file")] public required string File { get; init; }
    [JsonPropertyName("offset")] public required long Offset { get; init; }
    [JsonPropertyName("length")] public required long Length { get; init; }
    [JsonPropertyName("records")] public required int RecordCount { get; init; }
}
