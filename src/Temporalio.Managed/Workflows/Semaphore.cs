namespace Temporalio.Workflows;

/// <summary>
/// Lets so many of a workflow's tasks pass and no more. Who waits is served in order; a task that asks when a place is free
/// passes at once. Only for use in a workflow, whose scheduler makes it deterministic.
/// </summary>
public class Semaphore
{
    readonly LinkedList<object?> _waiters = [];

    /// <exception cref="InvalidOperationException">Outside of a workflow.</exception>
    public Semaphore(int initialCount)
    {
        if (!Workflow.InWorkflow) throw new InvalidOperationException("Cannot use workflow semaphore outside of workflow");
        Max = initialCount;
        CurrentCount = initialCount;
    }

    public int Max { get; init; }

    /// <summary>How many places are free.</summary>
    public int CurrentCount { get; private set; }

    /// <param name="cancellationToken">Null: the workflow's own.</param>
    public Task WaitAsync(CancellationToken? cancellationToken = null) => WaitAsync(Timeout.InfiniteTimeSpan, cancellationToken);

    /// <inheritdoc cref="WaitAsync(TimeSpan, CancellationToken?)" />
    public Task<bool> WaitAsync(int millisecondsTimeout, CancellationToken? cancellationToken = null) =>
        WaitAsync(TimeSpan.FromMilliseconds(millisecondsTimeout), cancellationToken);

    /// <param name="timeout">Zero without a token does not wait; -1 ms is no timeout.</param>
    /// <param name="cancellationToken">Null: the workflow's own.</param>
    /// <returns>False when the time was up first.</returns>
    /// <exception cref="ArgumentException">The timeout is negative.</exception>
    public async Task<bool> WaitAsync(TimeSpan timeout, CancellationToken? cancellationToken = null)
    {
        var infinite = timeout == Timeout.InfiniteTimeSpan;
        if (timeout < TimeSpan.Zero && !infinite) throw new ArgumentException("Timeout cannot be less than zero (except -1ms for infinite)");
        if (TryTake()) return true;
        if (timeout == TimeSpan.Zero && cancellationToken == null) return false;
        var me = _waiters.AddLast((object?)null);
        try
        {
            // The place is taken in the moment the wait is over: what runs before this task goes on cannot take it too.
            return await Workflow.WaitConditionWithOptionsAsync(new(
                () => _waiters.First == me && TryTake(), infinite ? null : timeout, cancellationToken: cancellationToken));
        }
        finally
        {
            _waiters.Remove(me);
        }
    }

    /// <exception cref="InvalidOperationException">All places are free already.</exception>
    public void Release()
    {
        if (CurrentCount >= Max) throw new InvalidOperationException("More released than successfully waited");
        CurrentCount++;
    }

    bool TryTake()
    {
        if (CurrentCount == 0) return false;
        CurrentCount--;
        return true;
    }
}
