using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Puts records on disk that are in memory and cannot go to Temporal: into the spool, or into final files where there
/// is none. Owned by the publish loop, but for <see cref="Error"/>, which any thread may read.
/// </summary>
sealed class Overflow(TemporalSinkOptions options, string instance, EventQueue queue, SpoolStore? spool, Books books,
    Reporter reporter, TimeProvider time)
    : IDisposable
{
    static readonly TimeSpan RetryInterval = TimeSpan.FromSeconds(1);

    readonly FinalFiles? _files = spool is not null
        ? null
        : new(options.Fallback.Directory, options.Source!, instance, options.Fallback.FileBytesMax, time);
    volatile string? _error;
    long _failedAt;
    (BatchId Batch, int Records) _begun;

    /// <summary>Why the disk did not take the last ones, and when; null: it did.</summary>
    public (string Text, DateTimeOffset At)? Error =>
        _error is { } text ? (text, time.GetUtcNow() - time.GetElapsedTime(Volatile.Read(ref _failedAt))) : null;

    /// <summary>How long until the disk may be tried again; zero or less: now.</summary>
    public TimeSpan RetryIn => _error is null ? TimeSpan.Zero : RetryInterval - time.GetElapsedTime(_failedAt);

    /// <summary>
    /// A file that is shipped holds some of its lines already, so that Temporal must not get it any more.
    /// </summary>
    public bool HasBegun(FrozenBatch batch) => _begun.Batch == batch.Id && _begun.Records > 0;

    /// <summary>Puts a batch on disk that was tried, or is being tried.</summary>
    /// <returns>False: the disk did not take it.</returns>
    public bool TryPut(FrozenBatch batch)
    {
        var header = batch.Header;
        // A file that failed in the middle of it holds its first lines already.
        var begun = HasBegun(batch) ? _begun.Records : 0;
        var (count, reason, error) =
            Write([.. batch.Queued!.Skip(begun)], new Seal(header.FirstSequence, header.LastSequence, header.Previous));
        _begun = (batch.Id, begun + count);
        if (error is null) books.Move(Location.Queue, To, batch.RecordCount);
        return Succeeded(reason, error);
    }

    /// <summary>Puts the oldest records of the queue on disk.</summary>
    /// <returns>False: the disk did not take all of them.</returns>
    public bool TryPutPending()
    {
        var records = queue.Peek();
        if (records.Count == 0) return true;
        var (count, reason, error) = Write(records, tried: null);
        queue.Remove(count);
        books.Move(Location.Queue, To, count);
        return Succeeded(reason, error);
    }

    /// <summary>Gives up what is still in the queue.</summary>
    public void DropPending()
    {
        while (queue.Peek() is { Count: > 0 } records)
        {
            queue.Remove(records.Count);
            books.Drop(Location.Queue, DropReason.DiskFailed, records.Count);
            reporter.OnDropped(DropReason.DiskFailed, records.Count, FrozenBatch.EventsOf(records), isLast: true);
        }
    }

    public void Dispose() => _files?.Dispose();

    Location To => spool is null ? Location.Files : Location.Spool;

    (int Count, DropReason Reason, string? Error) Write(IReadOnlyList<QueuedRecord> records, Seal? tried) =>
        spool is not null ? spool.Append(records, tried) : _files!.Append(records);

    bool Succeeded(DropReason reason, string? error)
    {
        if (error is null)
        {
            if (_error is null) return true;
            _error = null;
            queue.SetFullReason(DropReason.QueueFull);
            reporter.Reset("disk");
            return true;
        }
        Volatile.Write(ref _failedAt, time.GetTimestamp());
        _error = error;
        queue.SetFullReason(reason);
        reporter.LogDelayed("disk", $"{error} Events wait in memory; when the queue is full the newest are dropped.");
        return false;
    }
}
