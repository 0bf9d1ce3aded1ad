using LogPipeline.Publisher.Queue;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a test says in one line.</summary>
static class InternalsShortcuts
{
    public static List<QueuedRecord> Take(this EventQueue queue, int countMax, long bytesMax)
    {
        var records = queue.Peek(countMax, bytesMax);
        queue.Remove(records.Count);
        return records;
    }
}
