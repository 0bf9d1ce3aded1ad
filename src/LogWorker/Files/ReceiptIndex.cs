using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using LogPipeline.Worker.Claims;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Finds the receipt of a batch: 128 bits of the id's SHA-256 to the receipts file and the position in it. One thread
/// changes it; any thread may read.
/// </summary>
sealed class ReceiptIndex
{
    readonly Lock _lock = new();
    readonly Dictionary<UInt128, (int File, long Position)> _positions = [];
    readonly SortedDictionary<int, (int Count, DateTimeOffset Newest)> _files = [];

    volatile LedgerTotals _totals = LedgerTotals.None;

    public int Count => _positions.Count;

    /// <summary>Of all that were added.</summary>
    public LedgerTotals Totals => _totals;

    /// <summary>A file without receipts is the first to be removed.</summary>
    public void AddFile(int file) => _files.TryAdd(file, default);

    /// <summary>A later receipt of the same batch replaces an earlier one.</summary>
    public void Add(LedgerEntry entry, int file, long position, DateTimeOffset at)
    {
        var (count, newest) = _files.GetValueOrDefault(file);
        _files[file] = (count + 1, at > newest ? at : newest);
        var key = Key(entry.Id);
        lock (_lock)
        {
            ref var known = ref CollectionsMarshal.GetValueRefOrAddDefault(_positions, key, out var exists);
            known = (file, position);
            // An earlier life may have left a receipt without a sync, and then there are two.
            if (!exists) _totals = _totals.With(entry);
        }
    }

    public bool TryFind(BatchId id, out int file, out long position)
    {
        var key = Key(id);
        lock (_lock)
        {
            var found = _positions.TryGetValue(key, out var known);
            (file, position) = known;
            return found;
        }
    }

    /// <summary>
    /// Removes the oldest files while all in them is older than a time, or more receipts are known than the bound.
    /// Returns them.
    /// </summary>
    public IReadOnlyList<int> RemoveOldest(DateTimeOffset before, int countMax)
    {
        var removed = new List<int>();
        var total = _files.Values.Sum(info => (long)info.Count);
        foreach (var (file, info) in _files)
        {
            if (info.Newest >= before && total <= countMax) break;
            total -= info.Count;
            removed.Add(file);
        }
        if (removed.Count == 0) return removed;
        var last = removed[^1];
        lock (_lock)
        {
            foreach (var (key, (file, _)) in _positions)
                if (file <= last) _positions.Remove(key);
        }
        foreach (var file in removed) _files.Remove(file);
        return removed;
    }

    static UInt128 Key(BatchId id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id.ToString()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }
}
