namespace LogPipeline.Worker.Files;

/// <summary>
/// Keeps a writer whose disk is full from reading its whole ledger for every batch that is tried again: the first failure is
/// followed by a recovery at once, later ones by one after 100 ms, 200 ms and so on up to 5 s. Batches that come earlier get the
/// last error.
/// </summary>
sealed class RecoveryPace(TimeProvider time)
{
    static readonly TimeSpan First = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan Longest = TimeSpan.FromSeconds(5);

    TimeSpan _delay;
    long _failedAt;
    Exception? _last;

    public void ThrowIfTooEarly()
    {
        if (_last is { } error && time.GetElapsedTime(_failedAt) < _delay) throw new TooEarlyException(error);
    }

    public void Failed(Exception error)
    {
        if (error is TooEarlyException) return;
        _delay = _last is null ? TimeSpan.Zero : _delay == TimeSpan.Zero ? First : _delay * 2 < Longest ? _delay * 2 : Longest;
        _failedAt = time.GetTimestamp();
        _last = error;
    }

    public void Succeeded() => _last = null;

    sealed class TooEarlyException(Exception last) : IOException($"{last.Message} (the writer tries again within {Longest.TotalSeconds} s)", last);
}
