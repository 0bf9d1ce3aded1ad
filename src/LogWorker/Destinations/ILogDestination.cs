namespace LogPipeline.Worker.Destinations;

/// <summary>
/// Somewhere batches go. The file is the first, and the only one that a batch waits for; the others come when its receipt is
/// in the workflow's history. The same batch again changes nothing there and gives the same answer.
/// </summary>
/// <typeparam name="TReceipt">What it says of a batch.</typeparam>
interface ILogDestination<TReceipt>
{
    /// <summary>In task queues, receipts and messages.</summary>
    string Name { get; }

    /// <summary>Returns when all records are there, or are named in the receipt.</summary>
    Task<TReceipt> WriteAsync(IncomingBatch batch, CancellationToken cancellationToken = default);
}

/// <param name="Workflow">The workflow's id.</param>
/// <param name="Header">What the batch holds.</param>
/// <param name="Records">The records array.</param>
/// <param name="Folders">The folders of the files that it is in; empty: it is in none yet.</param>
/// <param name="IsRepeated">An earlier attempt may have brought a part of it, or all.</param>
sealed record IncomingBatch(string Workflow, LogBatchHeader Header, ReadOnlyMemory<byte> Records, IReadOnlyList<string> Folders, bool IsRepeated = false);

/// <summary>A destination does not take anything now; trying again will help, or somebody has to put it right.</summary>
sealed class DestinationUnavailableException(string message, TimeSpan? retryAfter = null, Exception? inner = null) : Exception(message, inner)
{
    /// <summary>When it asked to be tried again; null: it did not say.</summary>
    public TimeSpan? RetryAfter => retryAfter;
}
