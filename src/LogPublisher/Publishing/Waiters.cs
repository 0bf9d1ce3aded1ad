namespace LogPipeline.Publisher.Publishing;

/// <summary>Those who wait until records have left memory. Safe from any thread.</summary>
sealed class Waiters
{
    readonly Lock _gate = new();
    readonly List<(long Through, bool MustArrive, TaskCompletionSource Done)> _waiting = [];
    bool _ended;

    /// <summary>Completes when every record up to this number has left memory.</summary>
    /// <param name="through">The number.</param>
    /// <param name="mustArrive">Fail with <see cref="EventNotAcceptedException"/> when the record of this very number is lost.</param>
    public Task Add(long through, bool mustArrive)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_gate)
        {
            if (_ended) return mustArrive ? Task.FromException(Closed()) : Task.CompletedTask;
            _waiting.Add((through, mustArrive, done));
        }
        return done.Task;
    }

    public void Release(long firstInMemory)
    {
        lock (_gate) _waiting.RemoveAll(waiter => waiter.Through < firstInMemory && waiter.Done.TrySetResult());
    }

    public void Lose(long first, long last, string reason)
    {
        lock (_gate)
            _waiting.RemoveAll(waiter => waiter.MustArrive && waiter.Through >= first && waiter.Through <= last
                && waiter.Done.TrySetException(new EventNotAcceptedException(reason)));
    }

    /// <summary>The loop has ended: nothing is in memory.</summary>
    public void End(long firstInMemory)
    {
        Release(firstInMemory);
        lock (_gate)
        {
            _ended = true;
            foreach (var waiter in _waiting) waiter.Done.TrySetResult();
            _waiting.Clear();
        }
    }

    static EventNotAcceptedException Closed() => new("The sink is closed.");
}
