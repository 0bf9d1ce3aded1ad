using System.Text.Json.Serialization;
using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Claims;

/// <summary>Consecutive lines in one file.</summary>
sealed record LedgerPart
{
    [JsonPropertyName("file")] public required string File { get; init; }
    [JsonPropertyName("offset")] public required long Offset { get; init; }
    [JsonPropertyName("length")] public required int Length { get; init; }
    [JsonPropertyName("records")] public required int RecordCount { get; init; }
    [JsonPropertyName("crc32c")] public required uint Crc { get; init; }

    [JsonIgnore] public LogFileName Name =>
        LogFileName.TryParse(File, out var name)
            ? name : throw new InvalidDataException($"The ledger names '{File}', which is no log file.");
    [JsonIgnore] public long End => Offset + Length;
}

/// <summary>The records as they were received, by which a batch is recognised whatever its lines are.</summary>
/// <param name="RecordCount">How many.</param>
/// <param name="Crc">Of each with a line feed behind it, in their order.</param>
/// <param name="LastSequence">The batch's last number.</param>
sealed record BatchOrigin(
    [property: JsonPropertyName("records")] int RecordCount,
    [property: JsonPropertyName("crc32c")] uint Crc,
    [property: JsonPropertyName("last")] long LastSequence);
