using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// The batches to start: first those in the spool, then what this process has logged. Each names its predecessor of the
/// same source. What processes that are gone have left is adopted when this one starts, and from then on in intervals.
/// Owned by the publish loop.
/// </summary>
sealed class BatchSource(string source, Intake intake, SpoolStore? spool, Books books, Reporter reporter,
    TimeProvider time) : IDisposable
{
    public static readonly TimeSpan AdoptionInterval = TimeSpan.FromSeconds(15);

    // The last batch of this source that was returned.
    BatchId? _last;
    long _adoptedAt;

    /// <summary>Where the spool is; null: there is none.</summary>
    public string? SpoolPath => spool?.Path;

    public bool HasSpooled => spool is { HasBatches: true };

    public bool IsAdoptionDue => spool is not null && time.GetElapsedTime(_adoptedAt) >= AdoptionInterval;

    /// <param name="first">In the own directory too, where nothing is written yet.</param>
    public void Adopt(bool first)
    {
        if (spool is null) return;
        _adoptedAt = time.GetTimestamp();
        try
        {
            var folders = new SortedDictionary<string, long>(StringComparer.Ordinal);
            var (records, lost) = spool.Adopt(first, text => reporter.Log($"adopt {text}", text),
                (folder, count) => folders[folder] = folders.GetValueOrDefault(folder) + count);
            books.Adopted(records + lost);
            if (lost > 0)
            {
                books.Drop(Location.Spool, DropReason.Damaged, lost);
                reporter.OnDropped(DropReason.Damaged, lost, null);
            }
            if (first && spool.ForOthers() is { Count: > 0 } others)
                reporter.Log("others", $"In the spool records wait for other destinations, which this process does not "
                    + $"send: {string.Join("; ", others)}. 'logworker spool list --spool-directory {spool.Top}' shows them.");
            if (records > 0) reporter.Log("adopted",
                $"{records} records of earlier processes were found in the spool and are sent first: "
                + $"{string.Join(", ", folders.Select(folder => $"{folder.Value} in {folder.Key}"))}.");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Log("adopt",
                $"The spool {spool.Path} could not be searched for records of earlier processes: {e.Message}");
        }
    }

    /// <summary>The batch is older than every batch in the spool.</summary>
    public bool IsBeforeSpooled(BatchId id) =>
        spool?.OldestId is not { } oldest || BatchId.OldestFirst.Compare(id, oldest) < 0;

    /// <summary>The oldest batch in the spool; null: what was there is damaged.</summary>
    /// <exception cref="IOException">The spool cannot be read or written; nothing has changed.</exception>
    public FrozenBatch? NextInSpool() => Follow(spool!.Next(owner => owner == source ? _last : null, Lost));

    /// <summary>A batch of the oldest records that this process has logged; null: what was there is damaged.</summary>
    /// <exception cref="IOException">As with <see cref="NextInSpool"/>.</exception>
    public FrozenBatch? NextPending() => Follow(intake.Next(_last, Lost));

    /// <summary>A batch from the disk is in Temporal, or was set aside.</summary>
    public void Done(BatchId id, bool accepted)
    {
        try
        {
            spool!.Done(id, accepted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Log("disk",
                $"The spool {spool!.Path} could not be written when batch {id} was done ({e.Message}); the batch "
                + $"will be offered again, which is harmless.");
        }
        intake.RoomMade();
    }

    /// <summary>
    /// Writes a batch that Temporal refuses to a file of its own. Null: that failed, or there is no spool.
    /// </summary>
    public string? TrySetAside(FrozenBatch batch) => spool?.TrySetAside(batch);

    /// <summary>A batch will never be in Temporal, so no other batch may name it as its predecessor.</summary>
    public void Unlink(BatchId id)
    {
        if (_last == id) _last = null;
    }

    /// <summary>All that this process has on disk.</summary>
    public SpoolSnapshot GetSnapshot()
    {
        if (spool is null) return SpoolSnapshot.Empty;
        var spooled = spool.GetSnapshot();
        if (intake.Location != Location.Spool) return spooled;
        var waiting = intake.GetSnapshot();
        var oldestAt = waiting.Count > 0 ? time.GetUtcNow() - waiting.OldestAge : (DateTimeOffset?)null;
        return new SpoolSnapshot(spooled.Bytes + intake.BytesOnDisk, intake.Fill, Earlier(spooled.OldestAt, oldestAt));
    }

    static DateTimeOffset? Earlier(DateTimeOffset? one, DateTimeOffset? other) =>
        one is null || other < one ? other ?? one : one;

    public void Dispose() => spool?.Dispose();

    FrozenBatch? Follow(FrozenBatch? batch)
    {
        if (batch?.Header.Source == source) _last = batch.Id;
        return batch;
    }

    void Lost(BatchId batch, long records)
    {
        Unlink(batch);
        books.Drop(Location.Spool, DropReason.Damaged, records);
        reporter.OnDropped(DropReason.Damaged, records, null);
        reporter.Log("damaged", $"Batch {batch} in the spool is damaged; {records} records are lost.");
    }
}
