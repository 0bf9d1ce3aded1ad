using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a test says in one line.</summary>
static class InternalsShortcuts
{
    public static List<QueuedRecord> Take(this EventQueue queue, int countMax, long bytesMax)
    {
        var records = queue.Peek(new BatchLimits(countMax, bytesMax));
        queue.Remove(records.Count);
        return records;
    }

    public static FrozenBatch? Next(this Journal journal, int countMax, long bytesMax, BatchId? previous, Action<long> onLost) =>
        journal.Next(new BatchLimits(countMax, bytesMax), previous, onLost);
}
