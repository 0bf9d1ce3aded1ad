using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Where batches to start come from: the spool, and then what this process has logged; each says which one of its source it goes
/// behind. Owned by the publish loop.
/// </summary>
sealed class BatchSource(string source, BatchLimits limits, Intake intake, SpoolStore? spool, Books books, Reporter reporter, FailureReports failures, TimeProvider time)
{
    // The last one of this source that came from here.
    BatchId? _last;

    /// <summary>The oldest batch in the spool; null: what was there is damaged.</summary>
    /// <exception cref="IOException">The spool cannot be read, or takes no note; nothing has changed.</exception>
    public FrozenBatch? NextInSpool() => Follow(spool!.Next(limits, owner => owner == source ? _last : null, Lost));

    /// <summary>A batch of the oldest records that this process has logged; null: what was there is damaged.</summary>
    /// <exception cref="IOException">As with <see cref="NextInSpool"/>.</exception>
    public FrozenBatch? NextPending() => Follow(intake.Next(limits, _last, Lost));

    /// <summary>A batch that came from the disk is in Temporal, or was set aside.</summary>
    public void Done(BatchId id, bool accepted)
    {
        try
        {
            spool!.Done(id, accepted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Log("disk", $"The spool {spool!.Path} did not take the note that batch {id} is done ({e.Message}); it will be offered again, which is harmless.");
        }
        intake.RoomMade();
    }

    /// <summary>A batch will never be in Temporal, so no other goes behind it.</summary>
    public void Forget(BatchId id)
    {
        if (_last == id) _last = null;
    }

    /// <summary>All that this process has on disk.</summary>
    public SpoolLook Look()
    {
        if (spool is null) return SpoolLook.Empty;
        var spooled = spool.Look();
        if (intake.Place != Place.Spool) return spooled;
        var waiting = intake.Look();
        var oldestAt = waiting.Count > 0 ? time.GetUtcNow() - waiting.OldestAge : (DateTimeOffset?)null;
        return new SpoolLook(spooled.Bytes + intake.BytesOnDisk, intake.Fill, spooled.OldestAt < oldestAt || oldestAt is null ? spooled.OldestAt ?? oldestAt : oldestAt);
    }

    FrozenBatch? Follow(FrozenBatch? batch)
    {
        if (batch?.Header.Source == source) _last = batch.Id;
        return batch;
    }

    void Lost(BatchId batch, long records)
    {
        Forget(batch);
        books.Drop(Place.Spool, DropReason.Damaged, records);
        failures.Dropped(DropReason.Damaged, records, null);
        reporter.Log("damaged", $"Batch {batch} in the spool is damaged; {records} records are lost.");
    }
}
