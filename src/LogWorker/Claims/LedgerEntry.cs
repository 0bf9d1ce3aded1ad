using System.Text.Json.Serialization;
using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Claims;

/// <summary>Where a batch lies, or will lie. The head of an intent, and the whole of a receipt.</summary>
sealed record LedgerEntry
{
    /// <summary>The directory of the ledger in the log directory; no channel's name begins with a dot.</summary>
    public const string DirectoryName = ".ledger";

    [JsonPropertyName("batch")] public required string Batch { get; init; }

    /// <summary>When it was decided, by the worker's clock.</summary>
    [JsonPropertyName("at")] public required DateTimeOffset At { get; init; }
    [JsonPropertyName("parts")] public required IReadOnlyList<LedgerPart> Parts { get; init; }

    /// <summary>The batch before this worker's settings made lines of it; null: an earlier version wrote the entry.</summary>
    [JsonPropertyName("came"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public BatchOrigin? Origin { get; init; }

    /// <summary>Records that were not written because their level is under the channel's least.</summary>
    [JsonPropertyName("filtered"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Filtered { get; init; }

    [JsonIgnore] public BatchId Id => BatchId.Parse(Batch);

    public WriteReceipt ToReceipt(string worker, bool alreadyWritten) => new()
    {
        BatchId = Batch,
        RecordCount = Parts.Sum(part => part.RecordCount),
        Bytes = Parts.Sum(part => part.Length),
        Worker = worker,
        AlreadyWritten = alreadyWritten,
        Filtered = Filtered,
        Files = [.. Parts.Select(part => new WrittenRange { File = part.File, Offset = part.Offset, Length = part.Length, RecordCount = part.RecordCount })],
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LedgerJson.Default.LedgerEntry);

    /// <param name="record">A receipt, or an intent, which has the batch's lines behind the first line feed.</param>
    public static LedgerEntry FromBytes(ReadOnlySpan<byte> record)
    {
        var head = record.IndexOf((byte)'\n');
        return JsonSerializer.Deserialize(head < 0 ? record : record[..head], LedgerJson.Default.LedgerEntry) ?? throw new JsonException("A ledger entry is null.");
    }
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

/// <summary>The records as they were received, by which a batch is recognised whatever its lines are.</summary>
/// <param name="RecordCount">How many.</param>
/// <param name="Crc">Of each with a line feed behind it, in their order.</param>
/// <param name="LastSequence">The batch's last number.</param>
sealed record BatchOrigin(
    [property: JsonPropertyName("records")] int RecordCount,
    [property: JsonPropertyName("crc32c")] uint Crc,
    [property: JsonPropertyName("last")] long LastSequence);

[JsonSerializable(typeof(LedgerEntry))]
sealed partial class LedgerJson : JsonSerializerContext;
