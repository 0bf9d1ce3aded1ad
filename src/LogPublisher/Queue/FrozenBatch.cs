namespace LogPipeline.Publisher.Queue;

/// <summary>
/// A batch whose name and bytes never change again: each attempt to start it, in this process or a later one, sends the
/// same.
/// </summary>
sealed record FrozenBatch(LogBatchHeader Header, byte[] Records)
{
    public BatchId Id { get; } = Header.Id;
    public int RecordCount => Header.RecordCount;
    public long LastSequence => Header.LastSequence;

    /// <summary>The records that it was sealed of, if these are in memory; null: they are on disk.</summary>
    public IReadOnlyList<QueuedRecord>? Queued { get; init; }

    /// <summary>
    /// The events of it, kept for a failure listener; null: there is none, or the batch comes from the disk.
    /// </summary>
    public IReadOnlyCollection<LogEvent>? Events => Queued is null ? null : EventsOf(Queued);

    /// <summary>The events of records in memory, kept for a failure listener; null: there is none.</summary>
    public static IReadOnlyCollection<LogEvent>? EventsOf(IEnumerable<QueuedRecord> records) =>
        records.Select(queued => queued.Record.OriginalEvent).OfType<LogEvent>().ToArray() is { Length: > 0 } events
            ? events : null;
}
