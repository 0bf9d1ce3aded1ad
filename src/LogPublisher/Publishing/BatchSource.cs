using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Spooling;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Where batches to start come from: sealed of the records in memory, found in the spool, or sealed of the records in this
/// process's journal; each says which one of its source it goes behind. Owned by the publish loop.
/// </summary>
sealed class BatchSource(PublishLoopOptions options, Intake intake, Spool? spool, Journal? journal, Books books, Reporter reporter,
    FailureReports failures, TimeProvider time)
{
    // One of the two; a journal comes with the second.
    readonly EventQueue? _memory = intake as EventQueue;
    readonly SpoolQueue? _onDisk = intake as SpoolQueue;

    BatchId? _previous;
    // The last one that came from the disk.
    BatchId? _lastOfSource;

    /// <summary>What this process logs stands behind what its predecessor has left in the spool.</summary>
    public void GoBehindFound() => _previous = spool!.NewestOf(options.Source);

    /// <summary>A batch of the oldest records in memory.</summary>
    public FrozenBatch Seal()
    {
        var batch = BatchBuilder.Seal(_memory!.Take(options.BatchRecordsMax, options.BatchBytesMax), options.Source, options.Instance, _previous);
        _previous = batch.Id;
        return batch;
    }

    /// <summary>The oldest batch in the spool; null: what was there is damaged.</summary>
    /// <exception cref="IOException">The spool cannot be read, or takes no note; nothing has changed.</exception>
    public FrozenBatch? OldestInSpool()
    {
        var oldest = spool!.Oldest(options.BatchRecordsMax, options.BatchBytesMax, source => source == options.Source ? _lastOfSource : null, Lost);
        if (oldest?.Header.Source == options.Source) _lastOfSource = oldest.Id;
        return oldest;
    }

    /// <summary>A batch of the oldest records in this process's journal; null: what was there is damaged.</summary>
    /// <exception cref="IOException">As with <see cref="OldestInSpool"/>.</exception>
    public FrozenBatch? NextInJournal()
    {
        var id = journal!.NextId;
        return journal.Next(options.BatchRecordsMax, options.BatchBytesMax, _lastOfSource, lost => Lost(id, lost));
    }

    /// <summary>A batch that came from the disk is in Temporal, or was set aside.</summary>
    public void Remove(BatchId id, bool accepted)
    {
        try
        {
            spool!.Remove(id, accepted);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            reporter.Say("disk", $"The spool {spool!.Path} did not take the note that batch {id} is done ({e.Message}); it will be offered again, which is harmless.");
        }
        _onDisk?.Freed();
    }

    /// <summary>A batch will never be in Temporal, so no other goes behind it.</summary>
    public void Forget(BatchId id)
    {
        if (_previous == id) _previous = null;
        if (_lastOfSource == id) _lastOfSource = null;
    }

    /// <summary>The spool with this process's journal.</summary>
    public SpoolLook Look()
    {
        if (spool is null) return SpoolLook.Empty;
        var frozen = spool.Look();
        if (_onDisk is null) return frozen;
        var waiting = _onDisk.Look();
        var oldestAt = waiting.Count > 0 ? time.GetUtcNow() - waiting.OldestAge : (DateTimeOffset?)null;
        return new SpoolLook(frozen.Bytes + _onDisk.Bytes, _onDisk.Fill, frozen.OldestAt < oldestAt || oldestAt is null ? frozen.OldestAt ?? oldestAt : oldestAt);
    }

    void Lost(BatchId batch, long records)
    {
        if (_previous == batch) _previous = null;
        books.Drop(Place.Spool, DropReason.Damaged, records);
        failures.Dropped(DropReason.Damaged, records, null);
        reporter.Say("damaged", $"Batch {batch} in the spool is damaged; {records} records are lost.");
    }
}
