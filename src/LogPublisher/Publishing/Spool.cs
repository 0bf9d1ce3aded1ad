using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Spooling;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// What lies on this host's disk that Temporal has not accepted, oldest first: by start of its process, then by number.
/// There are batches, which <see cref="Durability.Memory"/> puts there frozen, and journals of records, of which batches are
/// made when it is their turn.
/// <code>
/// LOG_SPOOL_DIRECTORY/&lt;slot&gt;/owner              locked while a process has the slot
/// LOG_SPOOL_DIRECTORY/&lt;slot&gt;/0000000001.spool    batches, see SpoolFrame.cs
/// LOG_SPOOL_DIRECTORY/&lt;slot&gt;/….records           journals, see Journal.cs
/// LOG_SPOOL_DIRECTORY/refused/…                 batches that Temporal refuses for good
/// </code>
/// A process writes into the first free slot, and adopts what it finds in any slot whose owner is gone.
/// Owned by the publish loop, except the constructor.
/// </summary>
sealed class Spool : IDisposable
{
    const int SlotsMax = 256;
    const long SegmentBytesMax = 16 * 1024 * 1024;
    const string RefusedDirectory = "refused";

    /// <summary>The order in which batches are sent.</summary>
    public static readonly Comparer<BatchId> OldestFirst = Comparer<BatchId>.Create((a, b) =>
    {
        var order = string.CompareOrdinal(a.Instance, b.Instance);
        if (order == 0) order = string.CompareOrdinal(a.Source, b.Source);
        return order == 0 ? a.FirstSequence.CompareTo(b.FirstSequence) : order;
    });

    readonly StoreDirectory _root;
    readonly RecordFormatter _formatter;
    readonly string _owner;
    readonly long _bytesMax;
    readonly List<SpoolSlot> _slots = [];
    readonly SpoolSlot _own;
    Journal? _ownJournal;
    long _asideBytes;
    readonly SortedDictionary<BatchId, (SpooledBatch Batch, SpoolSlot Slot)> _waiting = new(OldestFirst);

    /// <summary>Claims a slot, so that a directory that cannot be used is known at start.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public Spool(StoreDirectory root, string owner, RecordFormatter formatter, long bytesMax)
    {
        _formatter = formatter;
        _root = root;
        _owner = owner;
        _bytesMax = bytesMax;
        for (var slot = 0; slot < SlotsMax; slot++)
        {
            var name = slot.ToString(CultureInfo.InvariantCulture);
            var claimed = SpoolSlot.TryClaim(root.Directory(name), name, owner);
            if (claimed is null) continue;
            _own = claimed;
            _slots.Add(claimed);
            return;
        }
        throw new IOException($"{SlotsMax} processes use the spool directory {root.Path} already; give this one a directory of its own.");
    }

    public string Path => _root.Path;

    /// <summary>Something waits that goes before what this process has not sealed yet.</summary>
    public bool HasBatches => _waiting.Count > 0 || Waiting.Any();

    /// <summary>The last waiting batch of a source; null: none waits.</summary>
    public BatchId? NewestOf(string source) => _waiting.Keys.Where(id => id.Source == source).Select(id => (BatchId?)id).LastOrDefault();

    public BatchId? OldestId => Oldest(_waiting.Count > 0 ? _waiting.First().Key : null, OldestJournal?.NextId);

    /// <summary>Bytes of frozen batches.</summary>
    public long Bytes => _slots.Sum(slot => slot.Bytes);

    public SpoolLook Look()
    {
        var bytes = Bytes;
        return new SpoolLook(bytes, (double)bytes / _bytesMax, _waiting.Count > 0 ? _waiting.First().Value.Batch.From : null);
    }

    /// <summary>Where this process's journal is.</summary>
    public StoreDirectory OwnDirectory => _own.Directory;

    /// <summary>Begins the journal of this process. Called once, before the loop starts.</summary>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public Journal CreateJournal(JournalName name)
    {
        _ownJournal = Journal.Create(_own.Directory, name, _formatter);
        _own.Journals.Add(_ownJournal);
        return _ownJournal;
    }

    IEnumerable<Journal> Journals => _slots.SelectMany(slot => slot.Journals);

    /// <summary>This process's own journal waits with a batch that was sealed; the rest of it comes last, when nothing else waits.</summary>
    IEnumerable<Journal> Waiting => Journals.Where(journal => journal.HasSealed || (journal != _ownJournal && journal.HasFound));

    Journal? OldestJournal => Waiting.MinBy(journal => journal.NextId, OldestFirst);

    static BatchId? Oldest(BatchId? a, BatchId? b) => a is null || (b is not null && OldestFirst.Compare(b.Value, a.Value) < 0) ? b : a;

    /// <summary>Takes over what processes that are gone have left. Returns how many records that is, and how many could not be read.</summary>
    public (long Records, long Lost) Adopt(bool first, Action<string> report)
    {
        var found = first ? Load(_own, report) : (Records: 0L, Lost: 0L);
        foreach (var name in _root.ListDirectories())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            var directory = _root.Directory(name);
            if (_slots.Exists(slot => slot.Name == name) || !SpoolSlot.HasSegments(directory)) continue;
            if (SpoolSlot.TryClaim(directory, name, _owner) is not { } slot) continue;
            _slots.Add(slot);
            var (records, lost) = Load(slot, report);
            found = (found.Records + records, found.Lost + lost);
            Release(slot);
        }
        return found;
    }

    /// <summary>Puts a batch on disk. When this returns null it survives the process.</summary>
    /// <returns>Why the batch is not in the spool, and in which book it would be dropped.</returns>
    public (DropReason Reason, string Text)? TryAppend(FrozenBatch batch)
    {
        var bytes = Bytes;
        if (bytes + batch.Records.Length > _bytesMax)
            return (DropReason.SpoolFull, $"The spool {Path} holds {bytes} bytes and its bound is {_bytesMax}.");
        try
        {
            _waiting[batch.Id] = (_own.Append(batch, Math.Min(SegmentBytesMax, _bytesMax / 4)), _own);
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return (DropReason.DiskFailed, $"The spool {Path} cannot be written: {e.Message}");
        }
    }

    /// <summary>The batch to start next. What was damaged on disk since it was found is given up and reported.</summary>
    /// <param name="countMax">Most records of a batch that is sealed now.</param>
    /// <param name="bytesMax">Its most bytes.</param>
    /// <param name="previousOf">What goes before the first batch of a journal.</param>
    public FrozenBatch? Oldest(int countMax, long bytesMax, Func<string, BatchId?> previousOf, Action<BatchId, long> onLost)
    {
        while (OldestId is { } id)
        {
            if (_waiting.TryGetValue(id, out var entry) && entry.Batch is { } spooled)
            {
                if (SpoolSlot.Read(spooled) is { } batch) return batch;
                Remove(id, accepted: false);
                onLost(id, spooled.RecordCount);
            }
            else
            {
                var journal = OldestJournal!;
                if (journal.Next(countMax, bytesMax, previousOf(journal.Name.Source), lost => onLost(id, lost)) is { } batch) return batch;
                ReleaseEmpty(journal);
            }
        }
        return null;
    }

    /// <summary>The batch is in Temporal or was set aside.</summary>
    /// <exception cref="IOException">The disk does not take the note; a later process will offer the batch again, which is harmless.</exception>
    public void Remove(BatchId id, bool accepted)
    {
        if (_waiting.Remove(id, out var entry))
        {
            entry.Slot.Remove(entry.Batch);
            Release(entry.Slot);
            return;
        }
        if (Journals.FirstOrDefault(journal => journal.HasSealed && journal.NextId == id) is not { } sealedIn) return;
        try
        {
            sealedIn.Done(accepted);
        }
        finally
        {
            ReleaseEmpty(sealedIn);
        }
    }

    /// <summary>An adopted journal of which all is done goes.</summary>
    void ReleaseEmpty(Journal journal)
    {
        if (journal == _ownJournal || journal.HasSealed || journal.HasFound) return;
        var slot = _slots.First(slot => slot.Journals.Contains(journal));
        slot.Journals.Remove(journal);
        try
        {
            journal.End();
        }
        finally
        {
            journal.Dispose();
            Release(slot);
        }
    }

    /// <summary>Adopted and emptied: the slot is free for another process.</summary>
    void Release(SpoolSlot slot)
    {
        if (ReferenceEquals(slot, _own) || !slot.IsEmpty) return;
        _slots.Remove(slot);
        slot.Dispose();
    }

    /// <summary>
    /// Keeps a batch that Temporal refuses for good as a readable file, which survives a power cut: nobody sends its records any more.
    /// Returns its path, or null when the disk refuses too or as many bytes as the spool may hold were set aside.
    /// </summary>
    public string? SetAside(FrozenBatch batch)
    {
        if (_asideBytes + batch.Records.Length > _bytesMax) return null;
        try
        {
            var directory = _root.Directory(RefusedDirectory);
            var name = string.Create(CultureInfo.InvariantCulture, $"{batch.Id.Source}.{batch.Id.Instance}.{batch.Id.FirstSequence:d12}.json");
            using var file = directory.Open(name, StoreOpen.ExistingOrNew);
            file.SetLength(0);
            file.Write(batch.Records, 0);
            file.Sync();
            directory.Sync();
            _asideBytes += batch.Records.Length;
            return System.IO.Path.Combine(directory.Path, name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    public void Dispose()
    {
        foreach (var slot in _slots) slot.Dispose();
    }

    (long Records, long Lost) Load(SpoolSlot slot, Action<string> report)
    {
        var (records, lost) = LoadJournals(slot, report);
        foreach (var batch in slot.Load(report))
        {
            // The same batch twice (its process ended between writing it anew and noting the first one done): one is enough.
            if (!_waiting.TryAdd(batch.Id, (batch, slot))) slot.Remove(batch);
            else records += batch.RecordCount;
        }
        return (records, lost);
    }

    (long Records, long Lost) LoadJournals(SpoolSlot slot, Action<string> report)
    {
        var (records, lost) = (0L, 0L);
        foreach (var name in Journal.NamesIn(slot.Directory))
        {
            if (name == _ownJournal?.Name) continue;
            try
            {
                var journal = Journal.Load(slot.Directory, name, _formatter);
                slot.Journals.Add(journal);
                records += journal.Found.Records;
                lost += journal.Found.Lost;
                if (journal.Found.Lost > 0) report($"The journal {name} in {slot.Directory.Path} is damaged: {journal.Found.Lost} records cannot be read. The files are kept as .damaged when the rest is sent.");
                if (journal.BookmarkWasLost) report($"The bookmark of the journal {name} in {slot.Directory.Path} cannot be read; the files of records tell how far it was sent.");
                ReleaseEmpty(journal);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                report($"The journal {name} in {slot.Directory.Path} is left as it is: {e.Message}");
            }
        }
        return (records, lost);
    }
}
