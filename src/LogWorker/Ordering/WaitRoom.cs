namespace LogPipeline.Worker.Ordering;

/// <summary>
/// Bounds how many batches wait at a time for ones that are missing: each holds one of the worker's places meanwhile,
/// and a batch may name one that never comes. Half of the places are left to those that can be written. Any thread.
/// </summary>
/// <param name="places">How many batches the worker has in hands at a time.</param>
sealed class WaitRoom(int places)
{
    int _waiting;

    /// <summary>One at least, or a worker of one place would never wait.</summary>
    public int Max { get; } = Math.Max(1, places / 2);

    /// <returns>False: it is full; the batch goes back and comes again.</returns>
    public bool TryEnter()
    {
        if (Interlocked.Increment(ref _waiting) <= Max) return true;
        Leave();
        return false;
    }

    /// <summary>Once for each that entered.</summary>
    public void Leave() => Interlocked.Decrement(ref _waiting);
}
