using System.Buffers.Binary;
using System.Security.Cryptography;

namespace LogPipeline.Worker.Files;

/// <summary>
/// Finds the receipt of a batch: 128 bits of the id's SHA-256 to the receipts file and the place in it. One changes it; any
/// thread may look.
/// </summary>
sealed class ReceiptIndex
{
    readonly Lock _lock = new();
    readonly Dictionary<UInt128, Place> _places = [];
    readonly SortedDictionary<int, FileInfo> _files = [];

    public int Count => _places.Count;

    public bool Has(int file) => _files.ContainsKey(file);

    /// <summary>A file without receipts is forgotten with the first that are.</summary>
    public void AddEmpty(int file) => _files[file] = new FileInfo();

    /// <summary>A later receipt of the same batch takes the place of an earlier one.</summary>
    public void Add(BatchId id, int file, long position, DateTimeOffset at)
    {
        if (!_files.TryGetValue(file, out var info)) _files[file] = info = new FileInfo();
        info.Count++;
        if (at > info.Newest) info.Newest = at;
        var key = Key(id);
        lock (_lock) _places[key] = new Place(file, position);
    }

    public bool TryFind(BatchId id, out int file, out long position)
    {
        var key = Key(id);
        lock (_lock)
        {
            var found = _places.TryGetValue(key, out var place);
            (file, position) = (place.File, place.Position);
            return found;
        }
    }

    /// <summary>Forgets the oldest files while all in them is older than a time, or more receipts are known than the bound. Returns them.</summary>
    public IReadOnlyList<int> Forget(DateTimeOffset before, int countMax)
    {
        var forgotten = new List<int>();
        var total = _files.Values.Sum(info => (long)info.Count);
        foreach (var (file, info) in _files)
        {
            if (info.Newest >= before && total <= countMax) break;
            total -= info.Count;
            forgotten.Add(file);
        }
        if (forgotten.Count == 0) return forgotten;
        var last = forgotten[^1];
        lock (_lock)
        {
            foreach (var (key, place) in _places)
                if (place.File <= last) _places.Remove(key);
        }
        foreach (var file in forgotten) _files.Remove(file);
        return forgotten;
    }

    static UInt128 Key(BatchId id)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(id.ToString()), hash);
        return BinaryPrimitives.ReadUInt128LittleEndian(hash);
    }

    readonly record struct Place(int File, long Position);

    sealed class FileInfo
    {
        public int Count;
        public DateTimeOffset Newest;
    }
}
