using System.Buffers;
using System.Buffers.Binary;

namespace LogPipeline.DurableFiles;

// The format, version 1; numbers are little-endian.
//
//   header   8 bytes   "LPRECLOG"
//            4         version, 1
//            4         marker: chosen at random for this file
//            4         CRC-32C of the 16 bytes before
//   frame    4         the file's marker
//            4         length of the payload, 0 to RecordBytesMax
//            4         CRC-32C of marker, length and payload
//            n         payload
//   frame ...
//
// The marker lets a reader find the next frame behind damage, and keeps bytes of another file (or a payload that holds
// a copy of a log) from passing for frames of this one. A header that is damaged alone costs nothing: the marker is
// taken from the first frame.

/// <summary>
/// An append-only log of checksummed records in one file, with three verbs: <see cref="Append(ReadOnlySpan{byte})"/>
/// frames a record in memory, <see cref="Commit"/> hands what was appended to the system in one write (it survives the
/// process), <see cref="Sync"/> makes what was committed survive a power cut. For one thread at a time, except
/// <see cref="Read"/>, which runs beside it.
/// </summary>
public sealed class RecordLog : IDisposable
{
    readonly StoreFile _file;
    readonly RecordLogOptions _options;
    readonly uint _marker;

    // Owned by the thread that appends.
    byte[] _appended = [];
    int _appendedBytes;
    bool _mayHoldRest;

    // Written by the thread that appends, read by any.
    long _committed;

    RecordLog(StoreFile file, RecordLogOptions options, uint marker, RecordLogRecovery recovery, long end)
    {
        _file = file;
        _options = options;
        _marker = marker;
        Recovery = recovery;
        _committed = end;
    }

    /// <summary>
    /// Opens or creates a log. A torn tail is cut; records behind damage are kept; <see cref="Recovery"/> counts both.
    /// </summary>
    /// <param name="directory">Where the file is; its name is durable when this returns.</param>
    /// <param name="name">The file.</param>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="onRecord">Called with the position and payload of each record, in order; the payload is valid
    /// during the call.</param>
    /// <exception cref="InvalidDataException">The file is no record log or of an unknown version; it is left as it
    /// is.</exception>
    public static RecordLog Open(StoreDirectory directory, string name, RecordLogOptions? options =
        null, Action<long, ReadOnlySpan<byte>>? onRecord = null)
    {
        options ??= new RecordLogOptions();
        var file = directory.Open(name, StoreOpen.ExistingOrNew);
        try
        {
            var head = RecordLogHeader.Read(file, options);
            if (head.Marker is not { } marker)
            {
                // Nothing was ever committed: the process ended while it made the file.
                marker = options.NewMarker();
                if (file.Length > 0) file.SetLength(0);
                RecordLogHeader.Write(file, marker);
                file.Sync();
                directory.Sync();
                return new RecordLog(file, options, marker, new RecordLogRecovery(0, 0, head.Bytes, []),
                    RecordLogHeader.Size);
            }

            var scanner = new FrameScanner(file, marker, options.RecordBytesMax, RecordLogHeader.Size, file.Length);
            var records = 0L;
            while (scanner.MoveNext())
            {
                records++;
                onRecord?.Invoke(scanner.Position, scanner.Payload.Span);
            }
            if (scanner.TornBytes > 0) file.SetLength(scanner.End);
            if (head.IsDamaged) RecordLogHeader.Write(file, marker);
            if (head.IsDamaged || scanner.TornBytes > 0) file.Sync();
            // Also when the file was there: the process that made it may have ended before this.
            directory.Sync();
            return new RecordLog(file, options, marker,
                new RecordLogRecovery(records, scanner.DamagedBytes, scanner.TornBytes, scanner.Damage), scanner.End);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>Where the first record begins.</summary>
    public static long Start => RecordLogHeader.Size;

    /// <summary>Bytes that a record takes in the file beyond its own.</summary>
    public static int Overhead => FrameScanner.HeaderSize;

    public string Name => _file.Name;

    /// <summary>Whether the log still has its name there; see <see cref="StoreDirectory.Holds"/>.</summary>
    public bool IsIn(StoreDirectory directory) => directory.Holds(_file);

    /// <summary>What opening found.</summary>
    public RecordLogRecovery Recovery { get; }

    /// <summary>The end of what was handed to the system; equal to the file's length.</summary>
    public long Committed => Volatile.Read(ref _committed);

    /// <summary>Where the next appended record begins.</summary>
    public long End => _committed + _appendedBytes;

    /// <summary>
    /// Frames a record in memory. Returns its position, by which <see cref="Read"/> finds it once committed.
    /// </summary>
    /// <exception cref="ArgumentException">It is larger than <see cref="RecordLogOptions.RecordBytesMax"/>.</exception>
    public long Append(ReadOnlySpan<byte> record) => Append(record, default);

    /// <summary>
    /// As <see cref="Append(ReadOnlySpan{byte})"/>, of a record in two parts, so that a caller need not join them.
    /// </summary>
    public long Append(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var position = Frame(first, second);
        second.CopyTo(Room(second.Length));
        _appendedBytes += second.Length;
        return position;
    }

    /// <summary>
    /// Appends and commits a record in two parts, the second of which is worth not to be copied on its way.
    /// </summary>
    /// <exception cref="IOException">As of <see cref="Commit"/>.</exception>
    public long AppendThrough(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var position = Frame(first, second);
        CommitWith(second);
        return position;
    }

    /// <summary>
    /// Hands what was appended to the system. When it throws, the appended records are forgotten as a whole: what
    /// reached the file of them is removed at once, or, where even that fails, before the next write.
    /// </summary>
    public void Commit()
    {
        if (_appendedBytes > 0) CommitWith(default);
    }

    /// <summary>The frame of a record and its first part.</summary>
    long Frame(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        var length = first.Length + second.Length;
        if (length > _options.RecordBytesMax)
            throw new ArgumentException(
                $"A record of {length} bytes was given; RecordBytesMax is {_options.RecordBytesMax}.", nameof(first));
        var position = End;
        var frame = Room(FrameScanner.HeaderSize + first.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame, _marker);
        BinaryPrimitives.WriteInt32LittleEndian(frame[4..], length);
        BinaryPrimitives.WriteUInt32LittleEndian(frame[8..],
            Crc32C.Append(FrameScanner.Checksum(frame[..8], first), second));
        first.CopyTo(frame[FrameScanner.HeaderSize..]);
        _appendedBytes += frame.Length;
        return position;
    }

    /// <summary>The next bytes of the memory between commits.</summary>
    Span<byte> Room(int bytes)
    {
        var needed = _appendedBytes + bytes;
        if (needed > _appended.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(needed, 2 * _appendedBytes));
            _appended.AsSpan(0, _appendedBytes).CopyTo(larger);
            GiveBack();
            _appended = larger;
        }
        return _appended.AsSpan(_appendedBytes, bytes);
    }

    void GiveBack()
    {
        if (_appended.Length > 0) ArrayPool<byte>.Shared.Return(_appended);
        _appended = [];
    }

    void CommitWith(ReadOnlySpan<byte> rest)
    {
        try
        {
            if (_mayHoldRest) Cut();
            _mayHoldRest = true;
            _file.Write(_appended.AsSpan(0, _appendedBytes), _committed);
            if (!rest.IsEmpty) _file.Write(rest, End);
            _mayHoldRest = false;
            _file.BeginSync(_committed, End + rest.Length - _committed);
            Volatile.Write(ref _committed, End + rest.Length);
        }
        catch (IOException)
        {
            TryCut();
            throw;
        }
        finally
        {
            _appendedBytes = 0;
            // One large record must not hold its memory for ever.
            if (_appended.Length > _options.BufferBytesKept) GiveBack();
        }
    }

    /// <summary>Commits, and returns when everything committed is on the disk itself.</summary>
    /// <exception cref="IOException">It is not; the log takes nothing more and must be opened anew, after its
    /// directory's disk was seen to.</exception>
    public void Sync()
    {
        Commit();
        _file.Sync();
    }

    /// <summary>
    /// The committed records from a position on, which is <see cref="Start"/> or one that
    /// <see cref="Append(ReadOnlySpan{byte})"/> or a record gave. Damage is passed over. A payload is valid until the
    /// next record is read.
    /// </summary>
    public IEnumerable<(long Position, long Next, ReadOnlyMemory<byte> Payload)> Read(long from)
    {
        var scanner = new FrameScanner(_file, _marker, _options.RecordBytesMax, Math.Max(from, Start), Committed);
        while (scanner.MoveNext()) yield return (scanner.Position, scanner.End, scanner.Payload);
    }

    /// <summary>Closes the file without a commit: what was appended and not committed is gone.</summary>
    public void Dispose()
    {
        _appendedBytes = 0;
        GiveBack();
        _file.Dispose();
    }

    void Cut()
    {
        _file.SetLength(_committed);
        _mayHoldRest = false;
    }

    void TryCut()
    {
        try
        {
            if (_mayHoldRest) Cut();
        }
        catch (IOException)
        {
            // The rest is cut before the next write, or by the checksum when the log is opened.
        }
    }
}
