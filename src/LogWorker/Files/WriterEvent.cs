using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

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

    /// <summary>A file that was being written was removed, replaced, cut or written to by somebody else; another one is begun.</summary>
    /// <param name="File">The file.</param>
    /// <param name="Length">Its length as the worker left it.</param>
    /// <param name="Found">The length of what has its name now; null: nothing, or another file.</param>
    /// <param name="Next">Where writing goes on.</param>
    public sealed record ForeignHand(LogFileName File, long Length, long? Found, LogFileName Next) : WriterEvent;

    /// <summary>A link or file has the name of a channel's directory; the channel's records go to "overflow".</summary>
    public sealed record Obstructed(ChannelName Channel) : WriterEvent;

    /// <summary>The log directory, or the ledger in it, was removed or replaced, and is made again.</summary>
    public sealed record DirectoryLost : WriterEvent;

    /// <summary>Closed files were compressed.</summary>
    public sealed record Compressed(IReadOnlyList<CompressedFile> Files) : WriterEvent;

    /// <summary>Closed files could not be compressed; they are tried again.</summary>
    public sealed record CompressionFailed(Exception Error) : WriterEvent;

    /// <summary>Batches whose lines are here, and, byte for byte, in the files of another worker that took them over meanwhile.</summary>
    public sealed record Copied(IReadOnlyList<string> Batches) : WriterEvent;
}
