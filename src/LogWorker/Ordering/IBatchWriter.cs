using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Ordering;

/// <summary>
/// What order is kept in front of: the activity's work. It stands above this folder and is known here by its verbs
/// alone.
/// </summary>
interface IBatchWriter
{
    /// <inheritdoc cref="LogWriter.HasWritten"/>
    bool HasWritten(BatchId id);

    /// <summary>
    /// Returns when every record is on the disk: as a line, or, where it can never be one, in a dead letter. The same
    /// batch again gives the same receipt.
    /// </summary>
    /// <exception cref="BatchNotWrittenException">It could not be written now; try again.</exception>
    /// <exception cref="IOException">Its dead letter could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">It came before its predecessor; try again a little
    /// later.</exception>
    /// <param name="isSettled">It need not wait for the batch before it.</param>
    Task<WriteReceipt> WriteAsync(string workflow, LogBatchHeader header, ReadOnlyMemory<byte> records,
        bool isSettled = false, CancellationToken cancellationToken = default);
}
