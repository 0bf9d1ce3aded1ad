namespace LogPipeline.Publisher.Publishing;

/// <summary>Flushes that wait until records are settled. Any thread.</summary>
sealed class Waiters
{
    readonly Lock _gate = new();

    // Under the gate.
    readonly List<(long Through, TaskCompletionSource Done)> _waiting = [];
    bool _ended;

    public bool Any
    {
        get { lock (_gate) return _waiting.Count > 0; }
    }

    /// <summary>Completes when every record up to this number is settled, or the loop has ended.</summary>
    public Task WaitAsync(long through)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended) return Task.CompletedTask;
            _waiting.Add((through, done));
        }
        return done.Task;
    }

    /// <summary>Every record below this number is settled.</summary>
    public void Release(long before)
    {
        lock (_gate) _waiting.RemoveAll(waiter => waiter.Through < before && waiter.Done.TrySetResult());
    }

    /// <summary>Nothing more will happen to any record.</summary>
    public void End()
    {
        lock (_gate) _ended = true;
        Release(long.MaxValue);
    }
}
