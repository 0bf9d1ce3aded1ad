using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Queue;

/// <summary>Seals records of ascending numbers as a batch.</summary>
/// <param name="source">The application.</param>
/// <param name="instance">Its start.</param>
sealed class BatchBuilder(string source, string instance)
{
    readonly List<ReadOnlyMemory<byte>> _lines = [];
    readonly SortedDictionary<string, int> _levels = new(StringComparer.Ordinal);
    readonly SortedDictionary<string, int> _channels = new(StringComparer.Ordinal);
    DateTimeOffset _from = DateTimeOffset.MaxValue;
    DateTimeOffset _to = DateTimeOffset.MinValue;

    public int Count { get; private set; }
    public DateTimeOffset From => _from;
    public long FirstSequence { get; private set; }
    public long LastSequence { get; private set; }

    /// <param name="line">The record with its number; kept, not copied.</param>
    public void Add(long sequence, DateTimeOffset time, LogEventLevel level, string channel, ReadOnlyMemory<byte> line)
    {
        Add(sequence, time, level, channel);
        _lines.Add(line);
    }

    void Add(long sequence, DateTimeOffset time, LogEventLevel level, string channel)
    {
        if (Count++ == 0) FirstSequence = sequence;
        LastSequence = sequence;
        CountOne(_levels, RecordOrigin.LokiLevel(level));
        CountOne(_channels, channel);
        if (time < _from) _from = time;
        if (time > _to) _to = time;
    }

    /// <summary>The batch of what was added, which is something.</summary>
    /// <param name="first">What names the batch: the number of its first record, or of the one that was the first when
    /// it was sealed.</param>
    /// <param name="previous">The batch that goes before it, if that one was neither dropped nor refused.</param>
    public FrozenBatch Build(long first, long last, string? previous) =>
        Build(first, last, previous, LogBatchRecords.Encode(_lines));

    FrozenBatch Build(long first, long last, string? previous, byte[] encoded) => new(new LogBatchHeader
    {
        Source = source,
        Instance = instance,
        FirstSequence = first,
        LastSequence = last,
        Previous = previous,
        RecordCount = Count,
        Bytes = encoded.Length,
        From = _from.ToUniversalTime(),
        To = _to.ToUniversalTime(),
        Levels = _levels,
        Channels = _channels,
    }, encoded);

    /// <summary>Seals records that are in memory.</summary>
    public static FrozenBatch Build(IReadOnlyList<QueuedRecord> records, string source, string instance,
        BatchId? previous)
    {
        var builder = new BatchBuilder(source, instance);
        foreach (var (record, sequence, _) in records) builder.Add(sequence, record.Time, record.Level, record.Channel);
        var encoded = LogBatchRecords.Encode(records, queued => queued.Record.LengthWith(queued.Sequence),
            (queued, target) => queued.Record.CompleteInto(target, queued.Sequence));
        return builder.Build(records[0].Sequence, records[^1].Sequence, previous?.ToString(),
            encoded) with { Queued = records };
    }

    static void CountOne(SortedDictionary<string, int> counts, string name) =>
        counts[name] = counts.GetValueOrDefault(name) + 1;
}
