using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// The records of one run of an application on disk: files of records in the order of their numbers, with seals among them that
/// say how batches were cut, and a bookmark that says which are done with and which were sealed as the batch that is under way.
/// <code>
/// &lt;source&gt;~&lt;instance&gt;~000001.records     see RecordFrame.cs, SealFrame.cs
/// &lt;source&gt;~&lt;instance&gt;.bookmark           see Bookmark.cs
/// </code>
/// Batches are cut when they are sealed and not before, so records wait as records. What a sealed batch holds is in the bookmark,
/// synced, and among the records before the first attempt to start it, so every later attempt, by this process or the one that
/// adopts the run, makes the same batch of the same records, with the bookmark or without.
/// Owned by the publish loop, but for <see cref="Add"/> and <see cref="Replace"/>.
/// </summary>
sealed partial class Journal : ISpooled
{
    const string DamagedSuffix = ".damaged";
    const int DamagedKept = 16;
    const int SealFileBytes = 64 * 1024;

    readonly StoreDirectory _directory;
    readonly JournalName _name;
    readonly Bookmark _bookmark;
    readonly SpooledLines _lines;
    readonly SequenceGaps _gaps = new();

    // Under its own lock: the writer adds at the end, the loop removes at the start.
    readonly List<RecordSegment> _segments = [];
    RecordSegment? _written;

    // Puts a seal among the records that are being written; null: none are.
    Func<Seal, bool>? _keepSeal;

    Place _unsealed;
    SealedBatch? _sealed;
    long _sealedThrough;
    long _doneBytes;
    long _lastFound;
    long _foundBytes;
    DateTimeOffset? _oldestAt;
    bool _isInDoubt;

    Journal(StoreDirectory directory, JournalName name, RecordFormatter formatter)
    {
        _directory = directory;
        _name = name;
        _lines = new SpooledLines(formatter.For(name.Source, name.Instance));
        _bookmark = Bookmark.Open(directory, name.Bookmark);
    }

    /// <summary>Begins the journal of this process.</summary>
    /// <param name="after">The last record that will not be in it.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    public static Journal Create(StoreDirectory directory, JournalName name, RecordFormatter formatter, long after = 0)
    {
        var journal = new Journal(directory, name, formatter);
        if (after == 0) return journal;
        try
        {
            journal._bookmark.Note(new Progress(after, 0, after, null), sync: false);
            journal._lastFound = journal._sealedThrough = after;
            return journal;
        }
        catch
        {
            journal._bookmark.Dispose();
            throw;
        }
    }

    /// <summary>Opens what a process has left. Damage is passed over and counted.</summary>
    public static Journal Load(StoreDirectory directory, JournalName name, RecordFormatter formatter)
    {
        var hadBookmark = directory.Exists(name.Bookmark);
        var journal = new Journal(directory, name, formatter);
        try
        {
            journal.Load(hadBookmark);
            return journal;
        }
        catch
        {
            journal._bookmark.Dispose();
            throw;
        }
    }

    public JournalName Name => _name;

    /// <summary>Whole records that were found, and numbers in front of and between them that were not.</summary>
    public (long Records, long Lost) Found { get; private set; }

    /// <summary>The bookmark cannot be read, or is gone. The seals among the records tell the same, if none of them is damaged.</summary>
    public bool BookmarkWasLost { get; private set; }

    /// <summary>Records up to this number have been sealed. May be read under the intake's lock.</summary>
    public long SealedThrough => Volatile.Read(ref _sealedThrough);

    /// <summary>Bytes of the records that are done with. May be read by any thread.</summary>
    public long DoneBytes => Volatile.Read(ref _doneBytes);

    /// <summary>Number of the first record that is not done with.</summary>
    public long FirstOpen => _sealed?.Seal.First ?? _sealedThrough + 1;

    /// <summary>The batch that goes next, if it is sealed, or of records that nobody adds to: found when it was loaded, or overflowed.</summary>
    public BatchId? NextId => _sealed is not null || _lastFound > _sealedThrough ? IdOf(FirstOpen) : null;

    /// <summary>The batch that goes next, or will when there are records.</summary>
    public BatchId FirstOpenId => IdOf(FirstOpen);

    public string Source => _name.Source;

    /// <summary>Number of the last record that was found when it was loaded, or that overflowed.</summary>
    public long LastFound => _lastFound;

    /// <summary>Somebody writes records to it all the time.</summary>
    public bool HasWriter => _keepSeal is not null;

    /// <summary>Bytes of what was found or overflowed and is not done with. Of what a writer appends, the writer knows.</summary>
    public long Bytes => HasWriter ? 0 : Math.Max(0, _foundBytes - _doneBytes);

    public DateTimeOffset? OldestAt => NextId is null ? null : _oldestAt;

    /// <summary>The batch sealed last, if it was not refused.</summary>
    public BatchId? LastBatch { get; private set; }

    public FrozenBatch? Next(BatchLimits limits, BatchId? previous, Action<long> onLost) =>
        _sealed is { } batch ? Again(batch, onLost) : Seal(limits, LastBatch ?? previous, onLost);

    public void Done(bool accepted)
    {
        if (_sealed is not { } batch) return;
        _sealed = null;
        Volatile.Write(ref _doneBytes, _doneBytes + batch.FrameBytes);
        if (!accepted) LastBatch = null;
        // Its records stay until a note that is synced says that they are done with, and a seal behind them the same.
        _bookmark.Note(new Progress(batch.Seal.Last, accepted ? batch.Seal.First : 0, batch.Seal.Last, null), sync: false);
    }

    /// <summary>The segment that is written from now on. The one before it is finished.</summary>
    public void Add(RecordSegment segment)
    {
        lock (_segments)
        {
            _segments.Add(segment);
            _written = segment;
        }
    }

    /// <summary>Puts records that were in memory behind all that is here.</summary>
    /// <param name="tried">They were sealed as this batch, which may be in Temporal already: it stays that batch.</param>
    /// <param name="segmentBytes">Size of a new file, unless they need more.</param>
    /// <exception cref="IOException">Those up to <see cref="LastFound"/> are here; of a batch that was tried, none.</exception>
    public void Append(IReadOnlyList<QueuedRecord> records, Seal? tried, int segmentBytes)
    {
        var bytes = records.Sum(queued => RecordFrame.LengthOf(queued.Record, queued.Sequence));
        // Before its records: whoever finds these without it would cut another batch of them.
        if (tried is { } seal) _bookmark.Note(Progress.Of(seal), sync: true);
        var segment = RoomFor(bytes, segmentBytes);
        _oldestAt = OldestAt ?? records[0].Record.Time;
        foreach (var (record, sequence, _) in records)
        {
            var frame = RecordFrame.LengthOf(record, sequence);
            segment.Append(record, sequence, frame);
            if (tried is null) Overflowed(sequence, frame);
        }
        if (tried is not { } sealedAs) return;
        Overflowed(records[^1].Sequence, bytes);
        _sealed = new SealedBatch(sealedAs, Keep(sealedAs), default, records.Count, bytes);
        LastBatch = IdOf(sealedAs.First);
        Volatile.Write(ref _sealedThrough, sealedAs.Last);
    }

    void Overflowed(long sequence, int frameBytes)
    {
        _lastFound = sequence;
        _foundBytes += frameBytes;
    }

    /// <summary>Another file has taken what this one held.</summary>
    public void Replace(RecordSegment segment, RecordSegment other)
    {
        lock (_segments)
        {
            var at = _segments.IndexOf(segment);
            _segments.Insert(at < 0 ? 0 : at, other);
            if (at >= 0) _segments.RemoveAt(at + 1);
            if (ReferenceEquals(_written, segment)) _written = other;
        }
    }

    /// <summary>Seals go to the one who writes the records from now on.</summary>
    /// <param name="keep">False: there is no room for it.</param>
    public void KeepSealsBy(Func<Seal, bool> keep) => _keepSeal = keep;

    /// <summary>Nothing more is added: when everything is done with, the segment that was written goes as well.</summary>
    /// <exception cref="IOException">The disk does not take the note; what is done stays, and is offered again.</exception>
    public void End()
    {
        lock (_segments) _written = null;
        if (_sealed is not null || Written() > _sealedThrough) return;
        if (_bookmark.Progress.Through > 0) _bookmark.Note(_bookmark.Progress, sync: true);
        RemoveThrough(long.MaxValue);
    }

    /// <summary>Closes it. When everything is done with nothing of it stays.</summary>
    public void Dispose()
    {
        bool isEmpty;
        lock (_segments)
        {
            foreach (var segment in _segments) segment.Dispose();
            isEmpty = _segments.Count == 0 && _written is null;
        }
        _bookmark.Dispose();
        if (isEmpty) _directory.Delete(_bookmark.Name);
    }

    /// <summary>Keeps a file for whoever wants to look at it, and no more than a few of them.</summary>
    public static void Quarantine(StoreDirectory directory, string name)
    {
        directory.Replace(name, name + DamagedSuffix);
        var kept = directory.List().Where(file => file.EndsWith(DamagedSuffix, StringComparison.Ordinal)).ToList();
        foreach (var old in kept.Take(Math.Max(0, kept.Count - DamagedKept))) directory.Delete(old);
    }

    /// <summary>The runs of which a directory holds something.</summary>
    public static IReadOnlyList<JournalName> NamesIn(StoreDirectory directory) =>
        [.. directory.List().Select(JournalName.OfFile).OfType<JournalName>().Distinct()];

    BatchId IdOf(long first) => new(_name.Source, _name.Instance, first);

    FrozenBatch? Seal(BatchLimits limits, BatchId? previous, Action<long> onLost)
    {
        var builder = new BatchBuilder(_name.Source, _name.Instance);
        var bytes = 0L;
        var frames = 0L;
        var written = Written();
        // A cut that nobody remembers began with this record, if there was one. With this record alone the batch holds nothing
        // that the other one did not; the rest may come twice, but is not lost.
        var (countMax, bytesMax) = (_isInDoubt ? 1 : limits.RecordsMax, limits.BytesMax);
        var (end, isAll) = Walk(_unsealed, _sealedThrough, (in SpooledRecord record, int frameBytes) =>
        {
            if (builder.Count == countMax) return false;
            if (_lines.Of(record, isRepeat: false) is not { } made) return true;
            bytes += made.Line.Length + BatchBuilder.BytesAroundRecord;
            if (builder.Count > 0 && bytes > bytesMax) return false;
            builder.Add(record.Sequence, record.Time, record.Level, made.Channel, made.Line);
            frames += frameBytes;
            return true;
        });
        var through = isAll ? Math.Max(written, builder.LastSequence) : builder.LastSequence;
        if (through <= _sealedThrough) return null;
        var lost = _gaps.Known(_sealedThrough, through) - builder.Count;
        if (builder.Count > 0)
        {
            var seal = new Seal(builder.FirstSequence, through, previous?.ToString());
            _bookmark.Note(Progress.Of(seal), sync: true);
            _sealed = new SealedBatch(seal, Keep(seal), _unsealed, builder.Count, frames);
            LastBatch = IdOf(seal.First);
            _oldestAt = builder.From;
            _isInDoubt = false;
        }
        _unsealed = end;
        Volatile.Write(ref _sealedThrough, through);
        if (lost > 0) onLost(lost);
        if (_sealed is not { } batch) return null;
        RemoveThrough(batch.Seal.First - 1);
        return builder.Build(batch.Seal.First, through, batch.Seal.Previous);
    }

    /// <summary>
    /// Puts what was noted in the bookmark among the records too: with its records it is kept, and with them alone it is lost.
    /// A disk that has no room for it does not keep the batch from going: then the bookmark alone knows, until the next one.
    /// </summary>
    /// <returns>False: there was no room.</returns>
    bool Keep(Seal seal)
    {
        try
        {
            if (_keepSeal is not null) return _keepSeal(seal);
            var written = _written is { } last && last.HasRoomFor(seal) ? last : RoomFor(SealFrame.LengthOf(seal), SealFileBytes);
            written.Append(seal);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    /// <summary>The file that is written, or, when it is full, another one. Not for a journal that has a writer.</summary>
    RecordSegment RoomFor(int bytes, int segmentBytes)
    {
        if (_written is { } written && written.HasRoom(bytes)) return written;
        // Never the first number: that file tells that nothing before it was removed.
        var number = _segments.Count + 1;
        while (number == 1 || _directory.Exists(_name.Segment(number))) number++;
        var segment = RecordSegment.Create(_directory, _name.Segment(number), Math.Max(segmentBytes, bytes + RecordSegment.SealRoom));
        // What it held is read from the file.
        _written?.Dispose();
        Add(segment);
        return segment;
    }

    /// <summary>The batch as it was sealed, from its records.</summary>
    FrozenBatch? Again(SealedBatch batch, Action<long> onLost)
    {
        var builder = new BatchBuilder(_name.Source, _name.Instance);
        var frames = 0L;
        // Whoever cut it was killed before it came to that, or found no room.
        if (!batch.IsKept) batch = batch with { IsKept = Keep(batch.Seal) };
        Walk(batch.Start, batch.Seal.First - 1, (in SpooledRecord record, int frameBytes) =>
        {
            if (record.Sequence > batch.Seal.Last) return false;
            if (_lines.Of(record, isRepeat: true) is not { } made) return true;
            builder.Add(record.Sequence, record.Time, record.Level, made.Channel, made.Line);
            frames += frameBytes;
            return true;
        });
        _sealed = batch with { Records = builder.Count, FrameBytes = Math.Max(frames, batch.FrameBytes) };
        if (builder.Count < batch.Records) onLost(batch.Records - builder.Count);
        if (builder.Count > 0) return builder.Build(batch.Seal.First, batch.Seal.Last, batch.Seal.Previous);
        Done(accepted: false);
        return null;
    }

    /// <summary>The number of the last record that was written when it is asked; what is written later may be read as well.</summary>
    long Written()
    {
        lock (_segments) return Math.Max(_lastFound, _segments.Count > 0 ? _segments.Max(segment => segment.LastSequence) : 0);
    }

    /// <summary>
    /// Visits the records from a place on whose numbers are above <paramref name="after"/>, in order. Where a number comes twice
    /// (a file was taken over by another) the first one counts.
    /// </summary>
    (Place End, bool IsAll) Walk(Place from, long after, RecordVisit visit)
    {
        RecordSegment[] segments;
        lock (_segments) segments = [.. _segments];
        var place = from;
        // The place's segment is gone when all of it is done with, or another has taken its content: what is known is passed over.
        var start = Math.Max(0, Array.IndexOf(segments, from.Segment));
        foreach (var segment in segments.AsSpan(start).ToArray())
        {
            using var reader = segment.Read(_directory, ReferenceEquals(segment, from.Segment) ? from.Offset : 0);
            while (reader.MoveNext(out var record))
            {
                if (record.Sequence <= after) continue;
                if (!visit(record, reader.FrameBytes)) return (place, false);
                after = record.Sequence;
                place = new Place(segment, reader.End);
            }
            if (reader.IsDamaged) segment.IsDamaged = true;
        }
        return (place, true);
    }

    void RemoveThrough(long through)
    {
        List<RecordSegment> done;
        lock (_segments)
        {
            // From the start on: a seal is in the file of its records or in a later one, and must not go before them.
            done = [.. _segments.TakeWhile(segment => segment.LastSequence <= through && !ReferenceEquals(segment, _written))];
            _segments.RemoveRange(0, done.Count);
        }
        foreach (var segment in done) Discard(segment);
    }

    void Discard(RecordSegment segment)
    {
        segment.Dispose();
        if (segment.IsDamaged) Quarantine(_directory, segment.Name);
        else _directory.Delete(segment.Name);
    }

    delegate bool RecordVisit(in SpooledRecord record, int frameBytes);

    /// <summary>Behind the last record that was read.</summary>
    readonly record struct Place(RecordSegment? Segment, long Offset);

    /// <param name="IsKept">Its seal is among the records.</param>
    sealed record SealedBatch(Seal Seal, bool IsKept, Place Start, int Records, long FrameBytes);
}
