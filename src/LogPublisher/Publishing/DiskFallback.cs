using LogPipeline.Publisher.Buffering;

namespace LogPipeline.Publisher.Publishing;

/// <summary>Why the disk did not take a batch.</summary>
sealed record DiskError(string Text, DateTimeOffset At);

/// <summary>
/// Puts batches that are in memory on disk: into the spool, or into final files where there is none. Owned by the publish loop,
/// but for <see cref="Error"/>, which any thread may read.
/// </summary>
sealed class DiskFallback(Spool? spool, FinalFiles? files, EventQueue? memory, Books books, Reporter reporter, TimeProvider time)
{
    volatile DiskError? _error;

    /// <summary>Why it did not take the last one; null: it did.</summary>
    public DiskError? Error => _error;

    /// <returns>False: the disk did not take it.</returns>
    public bool TryPut(FrozenBatch batch)
    {
        if (Write(batch) is not var (reason, text))
        {
            books.Move(Place.Queue, spool is null ? Place.Files : Place.Spool, batch.RecordCount);
            Succeeded();
            return true;
        }
        _error = new DiskError(text, time.GetUtcNow());
        memory?.SetFullReason(reason);
        reporter.SayDelayed("disk", $"{text} Events wait in memory; when the queue is full the newest are dropped.");
        return false;
    }

    (DropReason Reason, string Text)? Write(FrozenBatch batch)
    {
        if (spool is not null) return spool.TryAppend(batch);
        return files!.TryWrite(batch) is { } text ? (DropReason.DiskFailed, text) : null;
    }

    void Succeeded()
    {
        if (_error is null) return;
        _error = null;
        memory?.SetFullReason(DropReason.QueueFull);
        reporter.Forget("disk");
    }
}
