namespace LogPipeline.Worker.Files;

/// <summary>A batch that can never be written as it is; trying again will not help.</summary>
sealed class BatchRefusedException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// The writer found that a batch cannot be written when it had begun with its group. It is this batch's own fault: the
/// others of the group are written without it.
/// </summary>
sealed class BatchFaultException(BatchId id, Exception inner)
    : Exception($"Batch {id} cannot be written: {inner.Message}", inner)
{
    public BatchId Id => id;
}

/// <summary>A batch that could not be written now; nothing of it will be there twice when it is tried again.</summary>
sealed class BatchNotWrittenException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>
/// A batch whose predecessor has not come; it is to be tried again a little later, which may bring the predecessor
/// first.
/// </summary>
/// <param name="id">The batch.</param>
/// <param name="previous">The one before it.</param>
/// <param name="isInLine">That one waits in the task queue behind others: it will come, however long that
/// takes.</param>
sealed class PredecessorMissingException(BatchId id, BatchId? previous, bool isInLine = false)
    : Exception($"Batch {id} waits for batch {previous}, which has not come to this worker.")
{
    public bool IsInLine => isInLine;
}
