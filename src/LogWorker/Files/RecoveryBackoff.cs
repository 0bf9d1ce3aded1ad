namespace LogPipeline.Worker.Files;

/// <summary>
/// Keeps a writer whose disk is full from reading its whole ledger for every batch that is tried again: the first
/// failure is followed by a recovery at once, later ones by one after 100 ms, 200 ms and so on up to 2 s. Batches that
/// come earlier get the last error.
/// </summary>
sealed class RecoveryBackoff(TimeProvider time)
{
    static readonly Backoff Delays = new(TimeSpan.FromMilliseconds(100), TimeSpan.FromSeconds(2));

    TimeSpan _delay;
    int _failures;
    long _failedAt;
    Exception? _last;

    /// <summary>How long until the next recovery may be tried.</summary>
    public TimeSpan DueIn => _last is not null && _delay - time.GetElapsedTime(_failedAt) is var left
        && left > TimeSpan.Zero ? left : TimeSpan.Zero;

    /// <summary>What callers get before the next recovery is due; null: it is.</summary>
    public IOException? TooEarly =>
        _last is { } error && DueIn > TimeSpan.Zero
            ? new IOException($"{error.Message} (the writer tries again within {Delays.Max.TotalSeconds} s)",
            error) : null;

    public void Failed(Exception error)
    {
        _delay = _failures == 0 ? TimeSpan.Zero : Delays.After(_failures - 1);
        _failures++;
        _failedAt = time.GetTimestamp();
        _last = error;
    }

    public void Succeeded() => (_last, _failures) = (null, 0);
}
