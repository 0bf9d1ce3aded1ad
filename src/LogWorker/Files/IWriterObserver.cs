using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Receives what a <see cref="LogWriter"/> does, on the writer's loop. Implement what you need; the rest does nothing.
/// </summary>
interface IWriterObserver
{
    /// <summary>The files are ready.</summary>
    /// <param name="receipts">Batches recognised as written.</param>
    /// <param name="finished">Begun batches that were finished now.</param>
    /// <param name="damagedBytes">Bytes of the ledger that could not be read.</param>
    void OnOpened(int receipts, int finished, long damagedBytes) { }

    /// <summary>A group is on the disk. The list is reused by the next group.</summary>
    /// <param name="batches">The group.</param>
    /// <param name="elapsed">How long it took, with all its syncs.</param>
    void OnWritten(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> batches, TimeSpan elapsed) { }

    /// <summary>A group could not be written; its batches will be tried again.</summary>
    void OnFailed(int batches, Exception error) { }

    /// <summary>A batch is written without the one before it, which was refused or has not come in time.</summary>
    void OnDisorder(PreparedBatch batch) { }

    /// <summary>
    /// Batches whose lines are here, and, byte for byte, in the files of another worker that took them over meanwhile.
    /// </summary>
    void OnCopied(IReadOnlyList<string> batches) { }

    /// <summary>
    /// Another program removed, replaced, cut or wrote to the file that was being written; another file is begun.
    /// </summary>
    /// <param name="file">The file.</param>
    /// <param name="length">Its length as the worker left it.</param>
    /// <param name="found">The length of what has its name now; null: nothing, or another file.</param>
    /// <param name="next">The file that is written instead.</param>
    void OnFileChanged(LogFileName file, long length, long? found, LogFileName next) { }

    /// <summary>A link or file has the name of a channel's directory; the channel's records go to "overflow".</summary>
    void OnObstructed(ChannelName channel) { }

    /// <summary>The log directory, or the ledger in it, was removed or replaced, and is made again.</summary>
    void OnDirectoryLost() { }

    /// <summary>The retention removed log files.</summary>
    void OnRetired(IReadOnlyList<(LogFileStat File, RetentionReason Reason)> files) { }

    /// <summary>Expired log files could not be removed; they are tried again.</summary>
    void OnRetentionFailed(Exception error) { }

    /// <summary>The clock is this far from where it would be; for a day nothing goes by age for it.</summary>
    void OnClockJumped(TimeSpan by) { }

    /// <summary>Closed files were compressed.</summary>
    void OnCompressed(IReadOnlyList<CompressedFile> files) { }

    /// <summary>Closed files could not be compressed; they are tried again.</summary>
    void OnCompressionFailed(Exception error) { }
}
