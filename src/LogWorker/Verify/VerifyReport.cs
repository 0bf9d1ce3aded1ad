using System.Text.Json.Serialization;

namespace LogPipeline.Worker.Verify;

/// <summary>What a look at a log directory found.</summary>
sealed record VerifyReport
{
    [JsonPropertyName("clean")] public bool IsClean => Lost + Duplicate + Reordered + Corrupt == 0;
    [JsonPropertyName("directory")] public required string Directory { get; init; }
    [JsonPropertyName("files")] public required int Files { get; init; }
    [JsonPropertyName("bytes")] public required long Bytes { get; init; }

    /// <summary>Batches that the ledger knows as written, and those that are being written.</summary>
    [JsonPropertyName("receipts")] public required int Receipts { get; init; }
    [JsonPropertyName("unfinished")] public required int Unfinished { get; init; }
    [JsonPropertyName("records")] public long Records => Channels.Sum(channel => channel.Records);
    [JsonPropertyName("lost")] public long Lost => Channels.Sum(channel => channel.Lost);
    [JsonPropertyName("duplicate")] public long Duplicate => Channels.Sum(channel => channel.Duplicate);
    [JsonPropertyName("reordered")] public long Reordered => Channels.Sum(channel => channel.Reordered);
    [JsonPropertyName("corrupt")] public long Corrupt => Channels.Sum(channel => channel.Corrupt);

    /// <summary>Batches whose files are gone, which retention does; no fault.</summary>
    [JsonPropertyName("removed")] public required int Removed { get; init; }

    /// <summary>Records in dead letters.</summary>
    [JsonPropertyName("deadLettered")] public required long DeadLettered { get; init; }

    /// <summary>Records that were not written because of their level, by the receipts that are known.</summary>
    [JsonPropertyName("filtered")] public required long Filtered { get; init; }

    /// <summary>Records in files of text, counted by their receipts: duplicates and order cannot be seen in them.</summary>
    [JsonPropertyName("textRecords")] public required long TextRecords { get; init; }

    /// <summary>Bytes of the ledger that could not be read; a torn end of a killed worker is among them, and no fault.</summary>
    [JsonPropertyName("ledgerDamagedBytes")] public required long LedgerDamagedBytes { get; init; }

    /// <summary>Records that the sender's log names; null: none was given.</summary>
    [JsonPropertyName("acknowledged"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? Acknowledged { get; init; }

    [JsonPropertyName("channels")] public required IReadOnlyList<ChannelReport> Channels { get; init; }

    /// <summary>The first of each kind.</summary>
    [JsonPropertyName("examples")] public required IReadOnlyList<FaultExample> Examples { get; init; }
}

/// <summary>One channel's records of one source. What is lost without a trace has no channel.</summary>
sealed record ChannelReport
{
    [JsonPropertyName("channel")] public required string Channel { get; init; }
    [JsonPropertyName("source")] public required string Source { get; init; }
    [JsonPropertyName("records")] public long Records { get; set; }
    [JsonPropertyName("lost")] public long Lost { get; set; }
    [JsonPropertyName("duplicate")] public long Duplicate { get; set; }
    [JsonPropertyName("reordered")] public long Reordered { get; set; }
    [JsonPropertyName("corrupt")] public long Corrupt { get; set; }
}

/// <param name="Kind">lost, duplicate, reordered or corrupt.</param>
/// <param name="Where">A record (<c>source/instance/number</c>), or a file and the byte in it.</param>
/// <param name="What">A sentence.</param>
sealed record FaultExample(
    [property: JsonPropertyName("kind")] string Kind,
    [property: JsonPropertyName("where")] string Where,
    [property: JsonPropertyName("what")] string What);

[JsonSourceGenerationOptions(WriteIndented = true)]
[JsonSerializable(typeof(VerifyReport))]
sealed partial class VerifyJson : JsonSerializerContext;
