namespace LogPipeline.Worker.Files;

/// <summary>What a <see cref="LogWriter"/> tells of itself.</summary>
abstract record WriterEvent
{
    /// <summary>The files are ready: batches recognised as written, begun ones that were finished, and ledger bytes that could not be read.</summary>
    public sealed record Opened(int Receipts, int Finished, long DamagedBytes) : WriterEvent;

    /// <summary>A group is on the disk.</summary>
    public sealed record Wrote(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> Batches) : WriterEvent;

    /// <summary>A group could not be written; its batches will be tried again.</summary>
    public sealed record Failed(int Batches, Exception Error) : WriterEvent;

    /// <summary>Log files were removed, as the retention says.</summary>
    public sealed record Retired(IReadOnlyList<(KeptFile File, RetentionReason Reason)> Files) : WriterEvent;

    /// <summary>Log files that were to go could not be removed; they are tried again.</summary>
    public sealed record RetentionFailed(Exception Error) : WriterEvent;

    /// <summary>A batch is written without the one before it, which was refused or has not come in time.</summary>
    public sealed record Disorder(PreparedBatch Batch) : WriterEvent;

    /// <summary>Batches whose lines are here, and, byte for byte, in the files of another worker that took them over meanwhile.</summary>
    public sealed record Copied(IReadOnlyList<string> Batches) : WriterEvent;
}
