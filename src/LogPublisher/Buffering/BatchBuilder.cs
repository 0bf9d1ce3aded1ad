using LogPipeline.Publisher.Capture;
using LogPipeline.Workflows;

namespace LogPipeline.Publisher.Buffering;

/// <summary>Seals consecutive records as a batch.</summary>
static class BatchBuilder
{
    /// <summary>What the records array adds to each record: a comma and a line feed.</summary>
    public const int BytesAroundRecord = 2;

    /// <param name="records">At least one, consecutively numbered.</param>
    /// <param name="source">The application.</param>
    /// <param name="instance">Its start.</param>
    /// <param name="previous">The batch that goes before it, if that one was neither dropped nor refused.</param>
    public static FrozenBatch Seal(IReadOnlyList<QueuedRecord> records, string source, string instance, BatchId? previous)
    {
        var lines = new ReadOnlyMemory<byte>[records.Count];
        var levels = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var channels = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var from = records[0].Record.Time;
        var to = from;
        for (var i = 0; i < records.Count; i++)
        {
            var record = records[i].Record;
            lines[i] = record.Complete(records[i].Sequence);
            Count(levels, LevelNames.Of(record.Level));
            Count(channels, record.Channel);
            if (record.Time < from) from = record.Time;
            if (record.Time > to) to = record.Time;
        }
        var encoded = LogBatchRecords.Encode(lines);
        return new FrozenBatch(new LogBatchHeader
        {
            Source = source,
            Instance = instance,
            FirstSequence = records[0].Sequence,
            LastSequence = records[^1].Sequence,
            Previous = previous?.ToString(),
            RecordCount = records.Count,
            Bytes = encoded.Length,
            From = from.ToUniversalTime(),
            To = to.ToUniversalTime(),
            Levels = levels,
            Channels = channels,
        }, encoded);
    }

    static void Count(SortedDictionary<string, int> counts, string name) =>
        counts[name] = counts.GetValueOrDefault(name) + 1;
}
