namespace LogPipeline.Worker.Destinations;

/// <summary>
/// Receives batches. The file is the first, and the only one that a batch waits for; the others follow when its receipt
/// is in the workflow's history. The same batch again changes nothing there and gives the same answer.
/// </summary>
/// <typeparam name="TReceipt">Its receipt for a batch.</typeparam>
interface ILogDestination<TReceipt>
{
    /// <summary>In task queues, receipts and messages.</summary>
    string Name { get; }

    /// <summary>Returns when all records are there, or are named in the receipt.</summary>
    Task<TReceipt> WriteAsync(IncomingBatch batch, CancellationToken cancellationToken = default);
}

/// <summary>
/// A destination does not take anything now; trying again will help, or an operator has to put it right.
/// </summary>
sealed class DestinationUnavailableException(string message, TimeSpan? retryAfter = null, Exception? inner = null)
    : Exception(message, inner)
{
    /// <summary>When it asked to be tried again; null: at no special time.</summary>
    public TimeSpan? RetryAfter => retryAfter;

    /// <summary>It takes other records meanwhile, those of other streams or partitions.</summary>
    public bool TakesOthers { get; init; }
}
