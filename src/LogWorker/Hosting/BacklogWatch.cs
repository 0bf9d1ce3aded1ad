using Temporalio.Exceptions;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Finds out when no batch waits any more. Temporal's list of workflows lags a moment behind, so it must say "none" several
/// times in a row.
/// </summary>
/// <param name="count">Counts workflows by a query.</param>
/// <param name="taskQueue">Whose.</param>
/// <param name="time">Paces the looks.</param>
sealed class BacklogWatch(Func<string, CancellationToken, Task<long>> count, string taskQueue, TimeProvider time)
{
    static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(1);
    const int EmptyLooks = 3;

    /// <summary>How long the number may stay what it is before the rest is given up.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <returns>How many batches are left, at least 1, because nothing moved any more; 0: none.</returns>
    public async Task<long> UntilEmptyAsync(CancellationToken cancellationToken)
    {
        var query = $"WorkflowType = '{PipelineDefaults.WorkflowName}' AND TaskQueue = '{taskQueue.Replace("'", "\\'", StringComparison.Ordinal)}' AND ExecutionStatus = 'Running'";
        var (empty, last, since) = (0, -1L, time.GetTimestamp());
        while (true)
        {
            if (await CountAsync(query, cancellationToken).ConfigureAwait(false) is { } running)
            {
                empty = running == 0 ? empty + 1 : 0;
                if (empty == EmptyLooks) return 0;
                if (running != last) (last, since) = (running, time.GetTimestamp());
            }
            if (time.GetElapsedTime(since) > Patience) return Math.Max(1, last);
            await Task.Delay(LookInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Null: there is no answer now.</returns>
    async Task<long?> CountAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            return await count(query, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
