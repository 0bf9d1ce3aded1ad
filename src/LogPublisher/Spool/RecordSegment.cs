using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// One file of records. While it is written it is mapped memory, or, where the file system does not allow that, one
/// write call a record; readers open it for themselves. Appends come under the intake's lock; reads run beside them, up
/// to <see cref="End"/>.
/// </summary>
sealed class RecordSegment : IDisposable
{
    /// <summary>More than any record: the largest that can be set, and what a frame adds.</summary>
    const int RecordBytesMax = LogPipeline.Workflows.PipelineDefaults.BatchBytesLimit + RecordFrame.OverheadMax;

    /// <summary>
    /// Room behind the records for some seals, so that a batch need not be cut without one when the next file is not
    /// ready, or the disk is full.
    /// </summary>
    public const int SealRoom = 1024;

    const int CapacityMax = 4 * 1024 * 1024;
    const int PageBytes = 4096;

    readonly uint _marker;
    readonly int _capacity;
    readonly Lock _closing = new();
    StoreFile? _file;
    StoreMap? _map;
    byte[] _frame = [];
    // Written under the intake's lock, read by any.
    long _end;
    long _lastSequence;

    RecordSegment(string name, int capacity, StoreFile? file, StoreMap? map, long end)
    {
        Name = name;
        _marker = RecordFrame.MarkerOf(name);
        _capacity = capacity;
        _file = file;
        _map = map;
        _end = end;
    }

    /// <summary>
    /// The size of a file of records: a few of them make the spool's bound, and one holds the largest record.
    /// </summary>
    public static int CapacityFor(TemporalSinkOptions options)
    {
        var largest = options.Limits.EventBytesMax + RecordFrame.OverheadMax + SealRoom;
        var wanted = Math.Max(Math.Min(CapacityMax, options.Limits.SpoolBytesMax / 8), largest);
        return (int)((wanted + PageBytes - 1) / PageBytes * PageBytes);
    }

    /// <summary>Makes a file that is ready to be written, every page of it in memory.</summary>
    /// <exception cref="IOException">The disk is full, or fails.</exception>
    public static RecordSegment Create(StoreDirectory directory, string name, int capacity)
    {
        var file = directory.Allot(name, capacity);
        try
        {
            var map = file.TryMap(capacity);
            map?.Touch();
            return new RecordSegment(name, capacity, file, map, 0);
        }
        catch
        {
            file.Dispose();
            directory.Delete(name);
            throw;
        }
    }

    /// <summary>What an earlier process wrote.</summary>
    public static RecordSegment Open(StoreDirectory directory, string name)
    {
        using var file = directory.Open(name, StoreOpen.Read);
        return new RecordSegment(name, 0, null, null, EndOf(file));
    }

    public string Name { get; }

    /// <summary>Where the next frame goes; what is before it may be read.</summary>
    public long End => Volatile.Read(ref _end);

    /// <summary>Number of the last record; 0: none.</summary>
    public long LastSequence
    {
        get => Volatile.Read(ref _lastSequence);
        set => Volatile.Write(ref _lastSequence, value);
    }

    /// <summary>Some of its bytes belong to no frame, so it is kept when its records are done with.</summary>
    public bool IsDamaged { get; set; }

    /// <summary>Memory takes the place of writes.</summary>
    public bool IsMapped => _map is not null;

    public bool HasRoom(int frameBytes) => _capacity - _end >= frameBytes + SealRoom;

    public bool HasRoomFor(in Seal seal) => _capacity - _end >= seal.FrameLength;

    /// <exception cref="IOException">The file is not mapped and the disk fails.</exception>
    /// <param name="cipher">Null: the record is not encrypted.</param>
    public void Append(CapturedRecord record, long sequence, int frameBytes, SpoolCipher? cipher = null)
    {
        if (_map is { } map)
        {
            RecordFrame.Write(map.Bytes.Slice((int)_end, frameBytes), _marker, record, sequence, cipher);
        }
        else
        {
            if (_frame.Length < frameBytes) _frame = new byte[Math.Max(frameBytes, 4096)];
            var frame = _frame.AsSpan(0, frameBytes);
            RecordFrame.Write(frame, _marker, record, sequence, cipher);
            _file!.Write(frame, _end);
        }
        // In this order: whoever sees the number can read the record.
        Volatile.Write(ref _end, _end + frameBytes);
        LastSequence = sequence;
    }

    /// <returns>Bytes of its frame.</returns>
    /// <exception cref="IOException">The file is not mapped and the disk fails.</exception>
    public int Append(in QueuedRecord queued, SpoolCipher? cipher)
    {
        var frameBytes = RecordFrame.LengthOf(queued.Record, queued.Sequence, cipher);
        Append(queued.Record, queued.Sequence, frameBytes, cipher);
        return frameBytes;
    }

    /// <summary>Puts a seal for which there is room behind the records.</summary>
    /// <exception cref="IOException">The file is not mapped and the disk fails.</exception>
    public void Append(in Seal seal)
    {
        var frameBytes = seal.FrameLength;
        if (_map is { } map)
        {
            seal.WriteFrame(map.Bytes.Slice((int)_end, frameBytes), _marker);
        }
        else
        {
            var frame = new byte[frameBytes];
            seal.WriteFrame(frame, _marker);
            _file!.Write(frame, _end);
        }
        Volatile.Write(ref _end, _end + frameBytes);
    }

    /// <summary>Writes all that another segment holds into this one, which has nothing yet.</summary>
    public void TakeOver(StoreDirectory directory, RecordSegment other)
    {
        using var file = directory.Open(other.Name, StoreOpen.Read);
        var scanner = new FrameScanner(file, other._marker, RecordBytesMax, 0, other.End);
        var end = 0;
        while (scanner.MoveNext())
        {
            var length = FrameScanner.HeaderSize + scanner.Payload.Length;
            var frame = _map is { } map ? map.Bytes.Slice(end, length) : new byte[length];
            RecordFrame.Copy(scanner.Payload.Span, frame, _marker);
            if (_map is null) _file!.Write(frame, end);
            end += length;
        }
        Volatile.Write(ref _end, end);
        LastSequence = other.LastSequence;
    }

    /// <summary>The records from a position on, up to what is written now.</summary>
    public RecordReader Read(StoreDirectory directory, long from) =>
        new(directory.Open(Name, StoreOpen.Read), _marker, RecordBytesMax, from, End);

    /// <summary>Returns when what was written before the call is on the disk itself.</summary>
    /// <exception cref="IOException">It is not, and never will be in this file.</exception>
    public void Sync()
    {
        lock (_closing) _file?.Sync();
    }

    /// <summary>Nothing more is appended: memory and handle are given back.</summary>
    public void Dispose()
    {
        lock (_closing)
        {
            _map?.Dispose();
            _map = null;
            _file?.Dispose();
            _file = null;
        }
    }

    /// <summary>Where the zeros begin that were never written over. No frame ends in a zero.</summary>
    static long EndOf(StoreFile file)
    {
        var end = file.Length;
        var window = new byte[64 * 1024];
        while (end > 0)
        {
            var start = Math.Max(0, end - window.Length);
            var read = file.Read(window.AsSpan(0, (int)(end - start)), start);
            var last = window.AsSpan(0, read).LastIndexOfAnyExcept((byte)0);
            if (last >= 0) return start + last + 1;
            end = start;
        }
        return 0;
    }
}
