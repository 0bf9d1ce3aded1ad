using LogPipeline.Workflows;

namespace LogPipeline.TestSupport;

/// <summary>Values a test needs but does not care about.</summary>
public static class Some
{
    static long _next;

    public static DateTimeOffset Instant { get; } = new(2026, 11, 21, 8, 0, 0, TimeSpan.Zero);

    public static int Number() => (int)Interlocked.Increment(ref _next);
    public static string Name(string prefix = "some") => $"{prefix}-{Number()}";
    public static BatchId BatchId(long firstSequence = 1) => new(Name("source"), Name("instance"), firstSequence);

    /// <summary>A record as the publisher makes it: one CLEF object without a line feed.</summary>
    public static byte[] Record(long sequence, string message = "hello", string channel = PipelineDefaults.Channel,
        string source = "some", string instance = "one", DateTimeOffset? time = null)
    {
        var text = System.Text.Json.JsonSerializer.Serialize(message);
        return Encoding.UTF8.GetBytes(
            $$"""{"@t":"{{time ?? Instant:yyyy-MM-ddTHH:mm:ss.fffffffZ}}","@mt":{{text}},"level":"info","channel":"{{channel}}","source":"{{source}}","instance":"{{instance}}","seq":{{sequence}}}""");
    }

    /// <summary>Records with consecutive sequence numbers.</summary>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Records(int count, BatchId id, string channel = PipelineDefaults.Channel) =>
        [.. Enumerable.Range(0, count).Select(i =>
            (ReadOnlyMemory<byte>)Record(id.FirstSequence + i, $"message {id.FirstSequence + i}", channel, id.Source, id.Instance))];

    /// <summary>The header that belongs to <see cref="Records"/>.</summary>
    public static LogBatchHeader Header(BatchId id, IReadOnlyList<ReadOnlyMemory<byte>> records, string channel =
        PipelineDefaults.Channel) => new()
    {
        Source = id.Source,
        Instance = id.Instance,
        FirstSequence = id.FirstSequence,
        LastSequence = id.FirstSequence + records.Count - 1,
        RecordCount = records.Count,
        Bytes = LogBatchRecords.EncodedLength(records.Count, records.Sum(r => r.Length)),
        From = Instant,
        To = Instant,
        Levels = new Dictionary<string, int> { ["info"] = records.Count },
        Channels = new Dictionary<string, int> { [channel] = records.Count },
    };
}
