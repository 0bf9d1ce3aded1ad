namespace LogPipeline.Worker.Web.Tail;

/// <summary>What waits for one reader; when that is too much, the oldest is left out and counted.</summary>
sealed class TailReader(Action<TailReader> onDispose) : IDisposable
{
    const long WaitingBytesMax = 2 << 20;
    const int WaitingBatchesMax = 500;

    readonly Lock _gate = new();
    readonly TailQueue _waiting = new(WaitingBytesMax, WaitingBatchesMax);
    readonly SemaphoreSlim _arrived = new(0, 1);
    int _missed;

    public void Write(TailBatch batch)
    {
        lock (_gate)
        {
            _missed += _waiting.Add(batch);
            if (_arrived.CurrentCount == 0) _arrived.Release();
        }
    }

    /// <summary>Waits for what comes.</summary>
    /// <returns>The batches and how many records before them were left out; no batch: none came in that time.</returns>
    public async Task<(TailBatch[] Batches, int Missed)> ReadAsync(TimeSpan waitMax, CancellationToken cancellationToken)
    {
        await _arrived.WaitAsync(waitMax > TimeSpan.Zero ? waitMax : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
        lock (_gate)
        {
            var missed = _missed;
            _missed = 0;
            return (_waiting.TakeAll(), missed);
        }
    }

    // The semaphore has no handle: nobody asks for one.
    public void Dispose() => onDispose(this);
}
