using LogPipeline.DurableFiles;

namespace LogPipeline.Publisher.Spool;

/// <summary>How far the records of one run have come.</summary>
/// <param name="Through">Records up to this number are done with: in Temporal, or set aside.</param>
/// <param name="First">First record of the batch sealed last; 0: none was.</param>
/// <param name="Last">Its last one.</param>
/// <param name="Previous">The batch that goes before it.</param>
readonly record struct Progress(long Through, long First, long Last, string? Previous)
{
    /// <summary>The batch sealed last may have been tried, so it must be tried again as it is.</summary>
    public bool IsSealed => Last > Through;

    /// <summary>The progress that a seal proves: all that is before its batch is done with.</summary>
    public static Progress Of(in Seal seal) => new(seal.First - 1, seal.First, seal.Last, seal.Previous);

    /// <summary>One comes after the other; where neither does they are the same.</summary>
    public bool IsFurtherThan(Progress other) => (Last, Through).CompareTo((other.Last, other.Through)) > 0;
}

// The file: two copies of the same block, at 0 and at 4096, version 1; numbers are little-endian.
//
//   8   "LPBOOKM1"
//   8   not used
//   8   through     8   first     8   last
//   2   length of previous     n   previous, ASCII
//   4   CRC-32C of everything before
//
// Of two whole copies the one that has come further holds. They are written one after the other, so one of them is
// whole at every instant, and a file that was damaged in part later can still be read. That matters more here than with
// records: what a tried batch holds must never be lost. The seals among the records hold the same once more, see
// Seal.cs.

/// <summary>The progress of one run, on disk. Owned by the publish loop.</summary>
sealed class Bookmark : IDisposable
{
    const int CopyAt = 4096;
    const int FileBytes = 2 * CopyAt;
    const int PreviousAt = 42;
    const int BlockBytesMax = 512;
    const string NewSuffix = ".new";

    static ReadOnlySpan<byte> Magic => "LPBOOKM1"u8;

    readonly StoreDirectory _directory;
    StoreFile _file;
    bool _isNameSynced;

    Bookmark(StoreDirectory directory, StoreFile file)
    {
        _directory = directory;
        _file = file;
    }

    /// <summary>
    /// Opens a bookmark, or makes one that says that nothing is done. One that cannot be read says the same, and
    /// <see cref="WasLost"/>.
    /// </summary>
    public static Bookmark Open(StoreDirectory directory, string name)
    {
        var isNew = !directory.Exists(name);
        var bookmark = new Bookmark(directory, isNew
            ? directory.Allot(name, FileBytes) : directory.Open(name, StoreOpen.Existing)) { _isNameSynced = !isNew };
        if (!isNew) bookmark.Read();
        return bookmark;
    }

    public string Name => _file.Name;

    public Progress Progress { get; private set; }

    /// <summary>The file was there and neither copy was whole.</summary>
    public bool WasLost { get; private set; }

    /// <summary>
    /// Takes over a progress that was found elsewhere if it is further. It is on disk after the next write.
    /// </summary>
    public void Advance(Progress progress)
    {
        if (progress.IsFurtherThan(Progress)) Progress = progress;
    }

    /// <summary>When this returns, the progress survives the process, or, synced, a power cut.</summary>
    /// <exception cref="IOException">It is not written.</exception>
    public void Write(Progress progress, bool sync)
    {
        Span<byte> block = stackalloc byte[BlockBytesMax];
        var length = Encode(block, progress);
        if (_file.IsSuspect) Renew();
        _file.Write(block[..length], 0);
        // The other copy still holds what was before, should the power go in the middle of this one.
        if (sync) Sync();
        _file.Write(block[..length], CopyAt);
        Progress = progress;
    }

    void Sync()
    {
        _file.Sync();
        if (_isNameSynced) return;
        _directory.Sync();
        _isNameSynced = true;
    }

    public void Dispose() => _file.Dispose();

    /// <summary>A file whose sync failed is not trusted again: another one takes its place.</summary>
    void Renew()
    {
        var name = _file.Name;
        var other = name + NewSuffix;
        _directory.Delete(other);
        using (var made = _directory.Allot(other, FileBytes))
        {
            Span<byte> block = stackalloc byte[BlockBytesMax];
            var length = Encode(block, Progress);
            made.Write(block[..length], 0);
            made.Write(block[..length], CopyAt);
            made.Sync();
        }
        _file.Dispose();
        _directory.Replace(other, name);
        _file = _directory.Open(name, StoreOpen.Existing);
    }

    void Read()
    {
        var one = ReadCopy(0);
        var other = ReadCopy(CopyAt);
        if ((one ?? other) is not { } progress)
        {
            // Zeros are a bookmark that its process had no time to write.
            Span<byte> all = stackalloc byte[FileBytes];
            WasLost = all[.._file.Read(all, 0)].ContainsAnyExcept((byte)0);
            return;
        }
        Progress = other is { } second && second.IsFurtherThan(progress) ? second : progress;
    }

    static int Encode(Span<byte> block, Progress progress)
    {
        Magic.CopyTo(block);
        BinaryPrimitives.WriteInt64LittleEndian(block[8..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(block[16..], progress.Through);
        BinaryPrimitives.WriteInt64LittleEndian(block[24..], progress.First);
        BinaryPrimitives.WriteInt64LittleEndian(block[32..], progress.Last);
        var previous = Encoding.ASCII.GetBytes(progress.Previous ?? "", block[PreviousAt..]);
        BinaryPrimitives.WriteUInt16LittleEndian(block[40..], (ushort)previous);
        var end = PreviousAt + previous;
        BinaryPrimitives.WriteUInt32LittleEndian(block[end..], Crc32C.Compute(block[..end]));
        return end + sizeof(uint);
    }

    Progress? ReadCopy(long at)
    {
        Span<byte> block = stackalloc byte[BlockBytesMax];
        block = block[.._file.Read(block, at)];
        if (block.Length < PreviousAt + sizeof(uint) || !block.StartsWith(Magic)) return null;
        var end = PreviousAt + BinaryPrimitives.ReadUInt16LittleEndian(block[40..]);
        if (end + sizeof(uint) > block.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(block[end..]) != Crc32C.Compute(block[..end])) return null;
        var previous = Encoding.ASCII.GetString(block[PreviousAt..end]);
        return new Progress(BinaryPrimitives.ReadInt64LittleEndian(block[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(block[32..]), previous.Length > 0 ? previous : null);
    }
}
