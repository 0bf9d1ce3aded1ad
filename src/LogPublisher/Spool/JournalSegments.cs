using LogPipeline.DurableFiles;
using Position = (LogPipeline.Publisher.Spool.RecordSegment? Segment, long Offset);

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// The files of records of one journal, in the order of their numbers. The writer of records adds files at the end, and
/// the publish loop removes them at the start. Any thread.
/// </summary>
sealed class JournalSegments(StoreDirectory directory, JournalName name) : IDisposable
{
    const string DamagedSuffix = ".damaged";
    const int DamagedMax = 16;
    const int SealFileBytes = 64 * 1024;

    readonly Lock _gate = new();
    // Under the gate.
    readonly List<RecordSegment> _segments = [];
    RecordSegment? _written;

    // Puts a seal among the records that are being written; null: none are.
    Func<Seal, bool>? _sealWriter;

    public bool IsEmpty
    {
        get { lock (_gate) return _segments.Count == 0; }
    }

    /// <summary>The number of the last record that is written now; 0: none is.</summary>
    public long LastSequence
    {
        get { lock (_gate) return _segments.Count > 0 ? _segments.Max(segment => segment.LastSequence) : 0; }
    }

    /// <summary>The segment that is written now; null: none is.</summary>
    public RecordSegment? Written
    {
        get { lock (_gate) return _written; }
    }

    /// <summary>Records are appended all the time, and not by the publish loop.</summary>
    public bool HasWriter => _sealWriter is not null;

    /// <summary>The writer of the records writes the seals too from now on.</summary>
    /// <param name="writer">Writes a seal; false: there is no room for it.</param>
    public void SetSealWriter(Func<Seal, bool> writer) => _sealWriter = writer;

    /// <summary>Adds a segment that an earlier process has written.</summary>
    public void AddFound(RecordSegment segment)
    {
        lock (_gate) _segments.Add(segment);
    }

    /// <summary>Adds the segment that is written from now on. The one before it is finished.</summary>
    public void AddWritten(RecordSegment segment)
    {
        lock (_gate)
        {
            _segments.Add(segment);
            _written = segment;
        }
    }

    /// <summary>Nothing more is written.</summary>
    public void Finish()
    {
        lock (_gate) _written = null;
    }

    /// <summary>Another file has taken what this one held.</summary>
    public void Replace(RecordSegment segment, RecordSegment other)
    {
        lock (_gate)
        {
            var at = _segments.IndexOf(segment);
            _segments.Insert(at < 0 ? 0 : at, other);
            if (at >= 0) _segments.RemoveAt(at + 1);
            if (ReferenceEquals(_written, segment)) _written = other;
        }
    }

    /// <summary>
    /// The file that is written, or, when it is full, another one. Not for a journal that has a writer.
    /// </summary>
    /// <exception cref="IOException">The disk does not take a new file.</exception>
    public RecordSegment RoomFor(int bytes, int capacity)
    {
        var written = Written;
        if (written is not null && written.HasRoom(bytes)) return written;
        // Never the first number: that file proves that nothing before it was removed.
        int number;
        lock (_gate) number = _segments.Count + 1;
        while (number == 1 || directory.Exists(name.Segment(number))) number++;
        var segment =
            RecordSegment.Create(directory, name.Segment(number), Math.Max(capacity, bytes + RecordSegment.SealRoom));
        // What it held is read from the file.
        written?.Dispose();
        AddWritten(segment);
        return segment;
    }

    /// <summary>
    /// Puts the seal in the bookmark among the records too, where it is lost only together with them. A disk without
    /// room for it does not stop the batch: then it is in the bookmark alone, until the next seal.
    /// </summary>
    /// <returns>False: there was no room.</returns>
    public bool TryWrite(Seal seal)
    {
        try
        {
            if (_sealWriter is not null) return _sealWriter(seal);
            var segment = Written is { } written && written.HasRoomFor(seal)
                ? written : RoomFor(seal.FrameLength, SealFileBytes);
            segment.Append(seal);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>
    /// Visits the records from a position on whose numbers are above <paramref name="after"/>, in order, until the
    /// visit returns false. Where a number comes twice (a file was taken over by another) the first one counts.
    /// </summary>
    /// <param name="visit">Gets a record and the bytes of its frame.</param>
    /// <returns>The position behind the last record that was visited with success, and whether that was the last one of
    /// all.</returns>
    public (Position End, bool IsAll) Walk(Position from, long after, Func<SpooledRecord, int, bool> visit)
    {
        RecordSegment[] segments;
        lock (_gate) segments = [.. _segments];
        var end = from;
        // The position's segment is gone when all of it is done with, or another has taken its content: known numbers
        // are passed over.
        var start = Math.Max(0, Array.IndexOf(segments, from.Segment));
        for (var i = start; i < segments.Length; i++)
        {
            var segment = segments[i];
            using var reader = segment.Read(directory, ReferenceEquals(segment, from.Segment) ? from.Offset : 0);
            while (reader.MoveNext(out var record))
            {
                if (record.Sequence <= after) continue;
                if (!visit(record, reader.FrameBytes)) return (end, false);
                after = record.Sequence;
                end = (segment, reader.End);
            }
            if (reader.IsDamaged) segment.IsDamaged = true;
        }
        return (end, true);
    }

    /// <summary>
    /// Removes the files of which all records up to this number are, but for the one that is written.
    /// </summary>
    public void RemoveThrough(long through)
    {
        List<RecordSegment> done;
        lock (_gate)
        {
            // From the start on: a seal is in the file of its records or in a later one, and must not go before them.
            done = [.. _segments.TakeWhile(segment =>
                segment.LastSequence <= through && !ReferenceEquals(segment, _written))];
            _segments.RemoveRange(0, done.Count);
        }
        foreach (var segment in done)
        {
            segment.Dispose();
            if (segment.IsDamaged) Quarantine(directory, segment.Name);
            else directory.Delete(segment.Name);
        }
    }

    /// <summary>Keeps a damaged file for people to look at, and only the last few of them.</summary>
    public static void Quarantine(StoreDirectory directory, string file)
    {
        directory.Replace(file, file + DamagedSuffix);
        var damaged = directory.List().Where(other => other.EndsWith(DamagedSuffix, StringComparison.Ordinal)).ToList();
        foreach (var old in damaged.Take(Math.Max(0, damaged.Count - DamagedMax))) directory.Delete(old);
    }

    public void Dispose()
    {
        lock (_gate)
            foreach (var segment in _segments) segment.Dispose();
    }
}
