using LogPipeline.Worker.Observability;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Waits until Temporal has no batch any more. Its list of workflows lags a moment behind, so the count must be 0
/// several times in a row.
/// </summary>
/// <param name="count">Counts workflows by a query.</param>
/// <param name="taskQueue">Batches of this one are counted.</param>
/// <param name="isStuck">Told how many wait, it says whether none of them can be written here.</param>
/// <param name="time">Paces the counts.</param>
sealed class BacklogWatch(Func<string, CancellationToken, Task<long>> count, string taskQueue,
    Func<long, CancellationToken, Task<bool>> isStuck, TimeProvider time)
{
    /// <summary>When nothing has moved for so long it is asked whether anything can, and again in intervals.</summary>
    static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(3);

    static readonly TimeSpan CountInterval = TimeSpan.FromSeconds(1);
    const int EmptyCounts = 3;

    /// <summary>How long the number may stay the same before the rest is given up.</summary>
    static readonly TimeSpan StillMax = TimeSpan.FromMinutes(1);

    /// <returns>How many batches are left, at least 1, because nothing moved any more; 0: none.</returns>
    public async Task<long> UntilEmptyAsync(CancellationToken cancellationToken)
    {
        var query = BacklogQuery.Of(taskQueue);
        var (empty, last, since) = (0, -1L, time.GetTimestamp());
        var lookedAt = since;
        while (true)
        {
            if (await CountAsync(query, cancellationToken).ConfigureAwait(false) is { } running)
            {
                empty = running == 0 ? empty + 1 : 0;
                if (empty == EmptyCounts) return 0;
                if (running != last) (last, since, lookedAt) = (running, time.GetTimestamp(), time.GetTimestamp());
                else if (running > 0 && time.GetElapsedTime(lookedAt) >= LookInterval)
                {
                    if (await isStuck(running, cancellationToken).ConfigureAwait(false)) return running;
                    lookedAt = time.GetTimestamp();
                }
            }
            if (time.GetElapsedTime(since) > StillMax) return Math.Max(1, last);
            await Task.Delay(CountInterval, time, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <returns>Null: there is no answer now.</returns>
    async Task<long?> CountAsync(string query, CancellationToken cancellationToken)
    {
        try
        {
            return await count(query, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is RpcException
            or RpcTimeoutOrCanceledException && !cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }
}
