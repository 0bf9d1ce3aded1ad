using System.Text.Json.Serialization;
using LogPipeline.Worker.Channels;

namespace LogPipeline.Worker.Verify;

/// <summary>The result of verifying one log directory, or several that workers share.</summary>
sealed class VerifyReport
{
    /// <summary>Examples kept of each kind.</summary>
    const int ExamplesMax = 5;

    readonly SortedDictionary<(string Channel, string Source), ChannelReport> _rows = [];
    readonly List<FaultExample> _examples = [];

    [JsonPropertyName("clean")] public bool IsClean => Lost + Duplicate + Reordered + Corrupt == 0;
    [JsonPropertyName("directory")] public string Directory { get; set; } = "";
    [JsonPropertyName("files")] public int Files { get; set; }
    [JsonPropertyName("bytes")] public long Bytes { get; set; }

    /// <summary>Batches that the ledger knows as written, and those that are being written.</summary>
    [JsonPropertyName("receipts")] public int Receipts { get; set; }
    [JsonPropertyName("unfinished")] public int Unfinished { get; set; }
    [JsonPropertyName("records")] public long Records => Channels.Sum(channel => channel.Records);
    [JsonPropertyName("lost")] public long Lost => Channels.Sum(channel => channel.Lost);
    [JsonPropertyName("duplicate")] public long Duplicate => Channels.Sum(channel => channel.Duplicate);
    [JsonPropertyName("reordered")] public long Reordered => Channels.Sum(channel => channel.Reordered);
    [JsonPropertyName("corrupt")] public long Corrupt => Channels.Sum(channel => channel.Corrupt);

    /// <summary>Batches whose files are gone, which retention does; no fault.</summary>
    [JsonPropertyName("removed")] public int Removed { get; set; }

    /// <summary>Records in dead letters.</summary>
    [JsonPropertyName("deadLettered")] public long DeadLettered { get; set; }

    /// <summary>Records that were not written because of their level, by the receipts that are known.</summary>
    [JsonPropertyName("filtered")] public long Filtered { get; set; }

    /// <summary>
    /// Records in files of text, counted by their receipts: duplicates and order cannot be seen in them.
    /// </summary>
    [JsonPropertyName("textRecords")] public long TextRecords { get; set; }

    /// <summary>
    /// Bytes of the ledger that could not be read; a torn end of a killed worker is among them, and no fault.
    /// </summary>
    [JsonPropertyName("ledgerDamagedBytes")] public long LedgerDamagedBytes { get; set; }

    /// <summary>Records that the sender's log names; null: none was given.</summary>
    [JsonPropertyName("acknowledged"),
        JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] public long? Acknowledged { get; set; }

    [JsonPropertyName("channels")] public IReadOnlyCollection<ChannelReport> Channels => _rows.Values;

    /// <summary>The first of each kind.</summary>
    [JsonPropertyName("examples")] public IReadOnlyList<FaultExample> Examples => _examples;

    /// <summary>The row of a channel and source; null: of what has no channel.</summary>
    public ChannelReport RowOf(ChannelName? channel, string source)
    {
        var key = (channel?.ToString() ?? "", source);
        if (!_rows.TryGetValue(key, out var row))
            _rows[key] = row = new ChannelReport { Channel = key.Item1, Source = source };
        return row;
    }

    public void AddExample(string kind, string where, string what)
    {
        if (_examples.Count(example => example.Kind == kind) < ExamplesMax)
            _examples.Add(new FaultExample(kind, where, what));
    }
}
