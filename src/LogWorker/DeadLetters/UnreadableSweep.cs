using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Configuration;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.DeadLetters;

/// <summary>
/// Makes letters of batches that cannot be read here, and ends their workflows: at once where nobody could read them,
/// else when that was waited for. Looks only while this worker meets such batches, and at each one once: what a batch
/// holds does not change, and what this worker can read does not either. For one loop alone.
/// </summary>
/// <param name="batches">Those that wait.</param>
/// <param name="seen">Says when there is something to look at.</param>
/// <param name="waitMax">How long another worker may come that reads a batch; zero: for ever.</param>
/// <param name="logger">Is told of each batch.</param>
/// <param name="time">Ages and paces.</param>
sealed class UnreadableSweep(UnreadableBatches batches, UnreadableSeen seen, TimeSpan waitMax, ILogger logger,
    TimeProvider time)
{
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <summary>A younger batch may be on its way.</summary>
    public static readonly TimeSpan AgeMin = TimeSpan.FromSeconds(5);

    /// <summary>
    /// What has waited while no worker ran is not ended before people have had this time to see what the worker says.
    /// </summary>
    public static readonly TimeSpan UptimeMin = TimeSpan.FromMinutes(10);

    /// <summary>
    /// A round is followed by a pause as long as it took, up to this: a server with a long backlog takes seconds for the
    /// list, and has better things to do.
    /// </summary>
    static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(20);

    /// <summary>Batches looked at in one round: each is a call.</summary>
    const int LooksMax = 500;

    /// <summary>Batches listed in one round, and remembered.</summary>
    const int BatchesMax = 10_000;

    readonly DateTimeOffset _since = time.GetUtcNow();
    readonly HashSet<string> _readable = new(StringComparer.Ordinal);

    // By the workflow's run, when it is ended; those that are never ended have the last instant there is.
    readonly Dictionary<string, DateTimeOffset> _due = new(StringComparer.Ordinal);
    readonly Throttle _failures = new(time);
    DateTimeOffset _notBefore;

    /// <summary>When a batch is ended that cannot be read.</summary>
    /// <param name="by">Who could read it.</param>
    /// <param name="startedAt">When its workflow was started.</param>
    /// <param name="since">When this worker was.</param>
    /// <param name="waitMax">How long another worker is waited for; zero: for ever.</param>
    public static DateTimeOffset DueAt(ReadableBy by, DateTimeOffset startedAt, DateTimeOffset since, TimeSpan waitMax)
    {
        if (by == ReadableBy.Nobody) return startedAt + AgeMin;
        if (waitMax == TimeSpan.Zero) return DateTimeOffset.MaxValue;
        var (byAge, byUptime) = (startedAt + waitMax, since + (waitMax < UptimeMin ? waitMax : UptimeMin));
        return byAge > byUptime ? byAge : byUptime;
    }

    /// <summary>One round, if there is a reason for it.</summary>
    public async Task TrySweepAsync(CancellationToken cancellationToken)
    {
        var begunAt = time.GetUtcNow();
        if (begunAt < _notBefore || (!seen.TryTake() && !_due.Values.Any(due => due <= begunAt))) return;
        try
        {
            if (!await SweepAsync(cancellationToken).ConfigureAwait(false)) seen.Set();
        }
        catch (Exception e) when (e is RpcException or IOException or UnauthorizedAccessException
            or RpcTimeoutOrCanceledException && !cancellationToken.IsCancellationRequested)
        {
            // Temporal does not answer, or there is no room for a letter: the batches wait on.
            seen.Set();
            if (_failures.TryPass()) WorkerLog.UnreadableNotKept(logger, e.Message);
        }
        finally
        {
            var now = time.GetUtcNow();
            _notBefore = now + TimeSpan.FromTicks(Math.Min((now - begunAt).Ticks, PauseMax.Ticks));
        }
    }

    /// <returns>False: there is more to look at.</returns>
    async Task<bool> SweepAsync(CancellationToken cancellationToken)
    {
        var (looks, isAll) = (0, true);
        var found = new HashSet<string>(StringComparer.Ordinal);
        await foreach (var one in batches.ListAsync(BatchesMax, cancellationToken).ConfigureAwait(false))
        {
            var (run, now) = (one.RunId, time.GetUtcNow());
            var startedAt = new DateTimeOffset(one.StartTime.ToUniversalTime());
            found.Add(run);
            if (_readable.Contains(run) || (_due.TryGetValue(run, out var due) && due > now)) continue;
            if (looks == LooksMax || now - startedAt < AgeMin)
            {
                isAll = false;
                continue;
            }
            looks++;
            if (await batches.LookAsync(one.Id, run, cancellationToken).ConfigureAwait(false) is not { } batch)
            {
                _readable.Add(run);
                continue;
            }
            _due[run] = due = DueAt(batch.Why.By, startedAt, _since, waitMax);
            if (due > now) continue;
            var letter = await batches.KeepAsync(batch, cancellationToken).ConfigureAwait(false);
            _due.Remove(run);
            var age = TimeSpan.FromSeconds(Math.Round((now - startedAt).TotalSeconds));
            WorkerLog.UnreadableKept(logger, batch.Workflow, OptionText.Duration(age), letter, batch.Why.Reason);
        }
        // Those that have ended.
        _readable.IntersectWith(found);
        foreach (var run in _due.Keys.Where(run => !found.Contains(run)).ToList()) _due.Remove(run);
        return isAll;
    }
}

/// <summary>Whether this worker has met a batch that it cannot read. Used by any thread.</summary>
sealed class UnreadableSeen
{
    volatile bool _is;

    public void Set() => _is = true;

    public bool TryTake()
    {
        if (!_is) return false;
        _is = false;
        return true;
    }
}
