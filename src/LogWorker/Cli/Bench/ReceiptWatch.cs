using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Cli.Bench;

/// <summary>Sees the receipts of one sink's batches, in their order: each begins where the one before it ended.</summary>
/// <param name="client">Decodes them.</param>
/// <param name="source">The sink's.</param>
/// <param name="instance">The sink's.</param>
/// <param name="time">Measures waits.</param>
sealed class ReceiptWatch(ITemporalClient client, string source, string instance, TimeProvider time)
{
    /// <summary>Longest wait for the next one.</summary>
    static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(1);

    static readonly TimeSpan AskInterval = TimeSpan.FromMilliseconds(10);

    readonly HashSet<string> _files = new(StringComparer.Ordinal);
    string _worker = "";
    long _bytes;

    /// <summary>The number of the first record whose receipt was not seen.</summary>
    public long Next { get; private set; } = 1;

    public BenchFiles Files => new(Next - 1, _bytes, _worker, [.. _files.Order(StringComparer.Ordinal)]);

    /// <summary>Waits for the next batch, and returns how many records it has.</summary>
    /// <exception cref="TimeoutException">It is not written.</exception>
    public async Task<int> NextAsync(CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(WaitMax, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            while (true)
            {
                if (await TryGetAsync(new BatchId(source, instance, Next), both.Token).ConfigureAwait(false) is { } receipt)
                    return Take(receipt);
                await Task.Delay(AskInterval, time, both.Token).ConfigureAwait(false);
            }
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is OperationCanceledException or RpcTimeoutOrCanceledException)
        {
            throw new TimeoutException($"{Next - 1} records are written, and no other within {WaitMax.TotalSeconds:0} s; "
                + "'logworker doctor' says what is wrong.", e);
        }
    }

    /// <returns>Null: Temporal does not have it yet.</returns>
    async Task<WriteReceipt?> TryGetAsync(BatchId id, CancellationToken cancellationToken)
    {
        try
        {
            return await client.GetWorkflowHandle(id.ToString()).GetResultAsync<WriteReceipt>(
                rpcOptions: new RpcOptions { CancellationToken = cancellationToken }).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return null;
        }
    }

    int Take(WriteReceipt receipt)
    {
        var records = receipt.RecordCount + receipt.Filtered + receipt.DeadLettered;
        if (records == 0) throw new TimeoutException($"The batch from record {Next} on has a receipt without records.");
        Next += records;
        _bytes += receipt.Bytes;
        _worker = receipt.Worker;
        foreach (var range in receipt.Files) _files.Add(range.File);
        return records;
    }
}
