using System.Text.Json;
using System.Text.Json.Serialization;
using LogPipeline.Workflows;

namespace LogPipeline.Worker.Files;

/// <summary>Where a batch lies, or will lie. The head of an intent, and the whole of a receipt.</summary>
sealed record LedgerEntry
{
    [JsonPropertyName("batch")] public required string Batch { get; init; }

    /// <summary>When it was decided, by the worker's clock.</summary>
    [JsonPropertyName("at")] public required DateTimeOffset At { get; init; }
    [JsonPropertyName("parts")] public required IReadOnlyList<LedgerPart> Parts { get; init; }

    [JsonIgnore] public BatchId Id => BatchId.Parse(Batch);

    public WriteReceipt ToReceipt(string worker, bool alreadyWritten) => new()
    {
        BatchId = Batch,
        RecordCount = Parts.Sum(part => part.RecordCount),
        Bytes = Parts.Sum(part => part.Length),
        Worker = worker,
        AlreadyWritten = alreadyWritten,
        Files = [.. Parts.Select(part => new WrittenRange { File = part.File, Offset = part.Offset, Length = part.Length, RecordCount = part.RecordCount })],
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LedgerJson.Default.LedgerEntry);

    public static LedgerEntry FromBytes(ReadOnlySpan<byte> bytes) =>
        JsonSerializer.Deserialize(bytes, LedgerJson.Default.LedgerEntry) ?? throw new JsonException("A ledger entry is null.");
}

/// <summary>Consecutive lines in one file.</summary>
sealed record LedgerPart
{
    [JsonPropertyName("file")] public required string File { get; init; }
    [JsonPropertyName("offset")] public required long Offset { get; init; }
    [JsonPropertyName("length")] public required int Length { get; init; }
    [JsonPropertyName("records")] public required int RecordCount { get; init; }
    [JsonPropertyName("crc32c")] public required uint Crc { get; init; }

    [JsonIgnore] public LogFileName Name => LogFileName.TryParse(File, out var name) ? name : throw new InvalidDataException($"The ledger names '{File}', which is no log file.");
    [JsonIgnore] public long End => Offset + Length;
}

[JsonSerializable(typeof(LedgerEntry))]
sealed partial class LedgerJson : JsonSerializerContext;
