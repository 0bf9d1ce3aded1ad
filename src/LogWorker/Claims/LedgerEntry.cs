using System.Text.Json.Serialization;

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

    /// <summary>
    /// The batch before this worker's settings made lines of it; null: an earlier version wrote the entry.
    /// </summary>
    [JsonPropertyName("came"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public BatchOrigin? Origin { get; init; }

    /// <summary>Records that were not written because their level is under the channel's least.</summary>
    [JsonPropertyName("filtered"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingDefault)] public int Filtered { get; init; }

    [JsonIgnore] public BatchId Id => BatchId.Parse(Batch);

    public WriteReceipt ToReceipt(string worker, bool alreadyWritten) => new()
    {
        BatchId = Batch,
        RecordCount = Parts.Sum(part => part.RecordCount),
        Bytes = Parts.Sum(part => part.Length),
        Worker = worker,
        AlreadyWritten = alreadyWritten,
        Filtered = Filtered,
        Files =
            [.. Parts.Select(part =>
                new WrittenRange { File = part.File, Offset = part.Offset, Length = part.Length,
                    RecordCount = part.RecordCount })],
    };

    public byte[] ToBytes() => JsonSerializer.SerializeToUtf8Bytes(this, LedgerJson.Default.LedgerEntry);

    /// <param name="record">A receipt, or an intent, which has the batch's lines behind the first line feed.</param>
    public static LedgerEntry FromBytes(ReadOnlySpan<byte> record)
    {
        var head = record.IndexOf((byte)'\n');
        return JsonSerializer.Deserialize(head < 0 ? record : record[..head], LedgerJson.Default.LedgerEntry)
            ?? throw new JsonException("A ledger entry is null.");
    }
}

[JsonSerializable(typeof(LedgerEntry))]
sealed partial class LedgerJson : JsonSerializerContext;
