using System.Globalization;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Workflows;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Batches on this host's disk that Temporal has not accepted, oldest first: by start of their process, then by number.
/// <code>
/// LOG_SPOOL_DIRECTORY/&lt;slot&gt;/owner              locked while a process has the slot
/// LOG_SPOOL_DIRECTORY/&lt;slot&gt;/0000000001.spool    see SpoolFrame.cs
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
    readonly string _owner;
    readonly long _bytesMax;
    readonly List<SpoolSlot> _slots = [];
    readonly SpoolSlot _own;
    long _asideBytes;
    readonly SortedDictionary<BatchId, (SpooledBatch Batch, SpoolSlot Slot)> _waiting = new(OldestFirst);

    /// <summary>Claims a slot, so that a directory that cannot be used is known at start.</summary>
    /// <exception cref="IOException">The directory cannot be used.</exception>
    /// <exception cref="UnauthorizedAccessException">This user may not write there.</exception>
    public Spool(StoreDirectory root, string owner, long bytesMax)
    {
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
    public bool HasBatches => _waiting.Count > 0;
    /// <summary>The last waiting batch of a source; null: none waits.</summary>
    public BatchId? NewestOf(string source) => _waiting.Keys.Where(id => id.Source == source).Select(id => (BatchId?)id).LastOrDefault();

    public BatchId? OldestId => _waiting.Count > 0 ? _waiting.First().Key : null;
    public long Bytes => _slots.Sum(slot => slot.Bytes);

    public SpoolLook Look()
    {
        var bytes = Bytes;
        return new SpoolLook(bytes, (double)bytes / _bytesMax, _waiting.Count > 0 ? _waiting.First().Value.Batch.From : null);
    }

    /// <summary>Takes over what processes that are gone have left. Returns how many records that is.</summary>
    public long Adopt(bool first, Action<string> report)
    {
        var records = first ? Load(_own, report) : 0;
        foreach (var name in _root.ListDirectories())
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out _)) continue;
            var directory = _root.Directory(name);
            if (_slots.Exists(slot => slot.Name == name) || !SpoolSlot.HasSegments(directory)) continue;
            if (SpoolSlot.TryClaim(directory, name, _owner) is not { } slot) continue;
            _slots.Add(slot);
            records += Load(slot, report);
        }
        return records;
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

    /// <summary>The batch to start next. One whose bytes were damaged on disk since it was found is given up and reported.</summary>
    public FrozenBatch? Oldest(Action<SpooledBatch> onDamaged)
    {
        while (_waiting.Count > 0)
        {
            var (spooled, _) = _waiting.First().Value;
            if (SpoolSlot.Read(spooled) is { } batch) return batch;
            Remove(spooled.Id);
            onDamaged(spooled);
        }
        return null;
    }

    /// <summary>The batch is in Temporal or was set aside.</summary>
    /// <exception cref="IOException">The disk does not take the note; a later process will offer the batch again, which is harmless.</exception>
    public void Remove(BatchId id)
    {
        if (!_waiting.Remove(id, out var entry)) return;
        entry.Slot.Remove(entry.Batch);
        if (ReferenceEquals(entry.Slot, _own) || entry.Slot.Bytes > 0) return;
        // Adopted and emptied: the slot is free for another process.
        _slots.Remove(entry.Slot);
        entry.Slot.Dispose();
    }

    /// <summary>Keeps a batch that Temporal refuses for good as a readable file. Returns its path, or null when the disk refuses too or as many bytes as the spool may hold were set aside.</summary>
    public string? SetAside(FrozenBatch batch)
    {
        if ((_asideBytes += batch.Records.Length) > _bytesMax) return null;
        try
        {
            var directory = _root.Directory(RefusedDirectory);
            var name = string.Create(CultureInfo.InvariantCulture, $"{batch.Id.Source}.{batch.Id.Instance}.{batch.Id.FirstSequence:d12}.json");
            using var file = directory.Open(name, StoreOpen.ExistingOrNew);
            file.SetLength(0);
            file.Write(batch.Records, 0);
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

    long Load(SpoolSlot slot, Action<string> report)
    {
        var records = 0L;
        foreach (var batch in slot.Load(report))
        {
            // The same batch twice (its process ended between writing it anew and noting the first one done): one is enough.
            if (!_waiting.TryAdd(batch.Id, (batch, slot))) slot.Remove(batch);
            else records += batch.RecordCount;
        }
        return records;
    }
}
