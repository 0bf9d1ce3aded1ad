using LogPipeline.Publisher.Queue;






namespace LogPipeline.Tests.Publisher;

/// <summary>Records in memory that a test needs.</summary>
static class SomeQueued
{
    public static List<QueuedRecord> Records(long first, int count = 3, int padding = 0) =>
        [.. Enumerable.Range((int)first, count).Select(number => new QueuedRecord(JournalRig.Record(number, padding), number, 0))];
}
