using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Codecs;
using Position = (LogPipeline.Publisher.Spool.RecordSegment? Segment, long Offset);

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// The records of one run of an application on disk: files of records in the order of their numbers, with seals among
/// them that say how batches were cut, and a bookmark that says which records are done with and which are sealed as the
/// current batch.
/// <code>
/// &lt;source&gt;~&lt;instance&gt;~000001.records     see RecordFrame.cs, Seal.cs
/// &lt;source&gt;~&lt;instance&gt;.bookmark           see Bookmark.cs
/// </code>
/// Batches are cut when they are sealed and not before, so records wait as records. What a sealed batch holds is in the
/// bookmark, synced, and among the records before the first attempt to start it, so every later attempt, by this
/// process or the one that adopts the run, makes the same batch of the same records, with the bookmark or without.
/// Owned by the publish loop, but for <see cref="Segments"/>.
/// </summary>
sealed class Journal : ISpooled
{
    readonly StoreDirectory _directory;
    readonly JournalName _name;
    readonly TemporalSinkOptions _options;
    readonly Bookmark _bookmark;
    readonly SpooledLines _lines;
    readonly SequenceGaps _gaps = new();

    Position _unsealed;
    SealedBatch? _sealed;
    long _sealedThrough;
    long _doneBytes;
    long _lastFound;
    long _foundBytes;
    DateTimeOffset? _oldestAt;
    bool _isInDoubt;

    Journal(StoreDirectory directory, JournalName name, RecordFormatter formatter, SpoolCipher? cipher = null)
    {
        (_directory, _name, _options) = (directory, name, formatter.Context.Options);
        Cipher = cipher ?? new SpoolCipher(_options.Codec.Keys, name);
        Segments = new JournalSegments(directory, name);
        _lines = new SpooledLines(formatter.For(name.Source, name.Instance), Cipher);
        _bookmark = Bookmark.Open(directory, name.Bookmark);
    }

    /// <summary>Begins the journal of this process.</summary>
    /// <param name="after">The last record that will not be in it.</param>
    /// <exception cref="IOException">The disk does not take it.</exception>
    /// <param name="cipher">Of all journals that this process writes under the name; null: this is the only one.</param>
    public static Journal Create(StoreDirectory directory, JournalName name, RecordFormatter formatter, long after = 0,
        SpoolCipher? cipher = null)
    {
        var journal = new Journal(directory, name, formatter, cipher);
        if (after == 0) return journal;
        try
        {
            journal._bookmark.Write(new Progress(after, 0, after, null), sync: false);
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
    /// <exception cref="InvalidDataException">A key is missing; it is left as it is.</exception>
    public static Journal Load(StoreDirectory directory, JournalName name, RecordFormatter formatter)
    {
        var hadBookmark = directory.Exists(name.Bookmark);
        var journal = new Journal(directory, name, formatter);
        try
        {
            var scan = new JournalScan(directory, name);
            journal.Cipher.RequireKeys(scan.KeyIds);
            journal.Load(scan, hadBookmark);
            return journal;
        }
        catch
        {
            journal._bookmark.Dispose();
            throw;
        }
    }

    public JournalName Name => _name;

    /// <summary>What encrypts its records, where there is a key.</summary>
    public SpoolCipher Cipher { get; }

    /// <summary>The files of its records. Any thread.</summary>
    public JournalSegments Segments { get; }

    /// <summary>Whole records that were found, and numbers in front of and between them that were not.</summary>
    public (long Records, long Lost) Found { get; private set; }

    /// <summary>
    /// The bookmark cannot be read, or is gone. The seals among the records hold the same, if none of them is damaged.
    /// </summary>
    public bool BookmarkWasLost { get; private set; }

    /// <summary>Records up to this number have been sealed. May be read under the intake's lock.</summary>
    public long SealedThrough => Volatile.Read(ref _sealedThrough);

    /// <summary>Bytes of the records that are done with. May be read by any thread.</summary>
    public long DoneBytes => Volatile.Read(ref _doneBytes);

    /// <summary>Number of the first record that is not done with.</summary>
    public long FirstOpen => _sealed?.Seal.First ?? _sealedThrough + 1;

    /// <summary>
    /// The batch that goes next, if it is sealed, or is made of records that were found when it was loaded, or that
    /// overflowed.
    /// </summary>
    public BatchId? NextId => _sealed is not null || _lastFound > _sealedThrough ? IdOf(FirstOpen) : null;

    /// <summary>The batch that goes next, or will when there are records.</summary>
    public BatchId FirstOpenId => IdOf(FirstOpen);

    public string Source => _name.Source;

    /// <summary>Number of the last record that was found when it was loaded, or that overflowed.</summary>
    public long LastFound => _lastFound;

    /// <summary>Bytes of what was found or overflowed and is not done with. The writer knows what it appends.</summary>
    public long Bytes => Segments.HasWriter ? 0 : Math.Max(0, _foundBytes - _doneBytes);

    public DateTimeOffset? OldestAt => NextId is null ? null : _oldestAt;

    /// <summary>The batch sealed last, if it was not refused.</summary>
    public BatchId? LastBatch { get; private set; }

    public FrozenBatch? Next(BatchId? previous, Action<long> onLost) =>
        Next(_options.Limits.BatchRecordsMax, _options.Limits.BatchBytesMax, previous, onLost);

    /// <summary>As the other overload, with other bounds of a batch that is sealed now.</summary>
    public FrozenBatch? Next(int recordsMax, long bytesMax, BatchId? previous, Action<long> onLost) =>
        _sealed is { } batch ? Repeat(batch, onLost) : Seal(recordsMax, bytesMax, LastBatch ?? previous, onLost);

    public void Done(bool accepted)
    {
        if (_sealed is not { } batch) return;
        _sealed = null;
        Volatile.Write(ref _doneBytes, _doneBytes + batch.FrameBytes);
        if (!accepted) LastBatch = null;
        // Its records stay until the synced bookmark says that they are done with, and a seal behind them the same.
        _bookmark.Write(new Progress(batch.Seal.Last, accepted ? batch.Seal.First : 0, batch.Seal.Last,
            null), sync: false);
    }

    /// <summary>Puts records that were in memory behind all that is here.</summary>
    /// <param name="bytes">What they take on disk.</param>
    /// <param name="tried">They were sealed as this batch, which may be in Temporal already: it stays that
    /// batch.</param>
    /// <exception cref="IOException">Those up to <see cref="LastFound"/> are here; of a batch that was tried,
    /// none.</exception>
    public void Append(IReadOnlyList<QueuedRecord> records, int bytes, Seal? tried)
    {
        // Before its records: a process that finds these without it would cut another batch of them.
        if (tried is { } seal) _bookmark.Write(Progress.Of(seal), sync: true);
        var segment = Segments.RoomFor(bytes, RecordSegment.CapacityFor(_options));
        _oldestAt = OldestAt ?? records[0].Record.Time;
        foreach (var queued in records)
        {
            var frame = segment.Append(queued, Cipher);
            if (tried is null) AddFound(queued.Sequence, frame);
        }
        if (tried is not { } sealedAs) return;
        AddFound(records[^1].Sequence, bytes);
        _sealed = new SealedBatch(sealedAs, Segments.TryWrite(sealedAs), default, records.Count, bytes);
        LastBatch = IdOf(sealedAs.First);
        Volatile.Write(ref _sealedThrough, sealedAs.Last);
    }

    /// <summary>
    /// Nothing more is added: when everything is done with, the segment that was written goes as well.
    /// </summary>
    /// <exception cref="IOException">The disk cannot be written; what is done stays, and is offered again.</exception>
    public void End()
    {
        Segments.Finish();
        if (_sealed is not null || LastSequence > _sealedThrough) return;
        if (_bookmark.Progress.Through > 0) _bookmark.Write(_bookmark.Progress, sync: true);
        Segments.RemoveThrough(long.MaxValue);
    }

    /// <summary>Closes it. When everything is done with nothing of it stays.</summary>
    public void Dispose()
    {
        Segments.Dispose();
        _bookmark.Dispose();
        if (Segments.IsEmpty) _directory.Delete(_bookmark.Name);
    }

    void Load(JournalScan scan, bool hadBookmark)
    {
        foreach (var segment in scan.Segments)
        {
            Segments.AddFound(segment);
            _foundBytes += segment.End;
        }
        foreach (var last in scan.Seals) _bookmark.Advance(Progress.Of(last));
        BookmarkWasLost = _bookmark.WasLost || (!hadBookmark && !scan.IsEmpty);
        _isInDoubt = BookmarkWasLost || scan.IsDamaged;
        var progress = _bookmark.Progress;
        _sealedThrough = progress.IsSealed ? progress.Last : progress.Through;
        if (progress.First > 0) LastBatch = IdOf(progress.First);
        (var records, var lost, _lastFound) = scan.Count(progress, _gaps);
        Found = (records, lost);
        Segments.Walk(default, progress.Through, (record, _) =>
        {
            _oldestAt = record.Time;
            return false;
        });
        if (!progress.IsSealed) return;
        var sealedRecords = (int)_gaps.Known(progress.First - 1, Math.Min(progress.Last, _lastFound));
        var seal = new Seal(progress.First, progress.Last, progress.Previous);
        if (sealedRecords > 0) _sealed = new SealedBatch(seal, scan.Seals.Contains(seal), default, sealedRecords, 0);
    }

    void AddFound(long sequence, int frameBytes)
    {
        _lastFound = sequence;
        _foundBytes += frameBytes;
    }

    BatchId IdOf(long first) => new(_name.Source, _name.Instance, first);

    FrozenBatch? Seal(int recordsMax, long bytesMax, BatchId? previous, Action<long> onLost)
    {
        var builder = new BatchBuilder(_name.Source, _name.Instance);
        var lineBytes = 0;
        var frames = 0L;
        var written = LastSequence;
        // A batch of which no seal is left began with this record, if there was one. With this record alone the batch
        // holds nothing that the other one did not; the rest may come twice, but is not lost.
        var countMax = _isInDoubt ? 1 : recordsMax;
        var (end, isAll) = Segments.Walk(_unsealed, _sealedThrough, (record, frameBytes) =>
        {
            if (builder.Count == countMax) return false;
            if (_lines.Of(record, isRepeat: false) is not { } made) return true;
            var length = LogBatchRecords.EncodedLength(builder.Count + 1, lineBytes += made.Line.Length);
            if (builder.Count > 0 && length > bytesMax) return false;
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
            _bookmark.Write(Progress.Of(seal), sync: true);
            _sealed = new SealedBatch(seal, Segments.TryWrite(seal), _unsealed, builder.Count, frames);
            LastBatch = IdOf(seal.First);
            _oldestAt = builder.From;
            _isInDoubt = false;
        }
        _unsealed = end;
        Volatile.Write(ref _sealedThrough, through);
        if (lost > 0) onLost(lost);
        if (_sealed is not { } batch) return null;
        Segments.RemoveThrough(batch.Seal.First - 1);
        return builder.Build(batch.Seal.First, through, batch.Seal.Previous);
    }

    /// <summary>The batch as it was sealed, from its records.</summary>
    FrozenBatch? Repeat(SealedBatch batch, Action<long> onLost)
    {
        var builder = new BatchBuilder(_name.Source, _name.Instance);
        var frames = 0L;
        // The process that sealed it was killed before it wrote the seal, or found no room.
        if (!batch.HasSeal) batch = batch with { HasSeal = Segments.TryWrite(batch.Seal) };
        Segments.Walk(batch.Start, batch.Seal.First - 1, (record, frameBytes) =>
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

    /// <summary>The number of the last record that is written now; what is written later may be read as well.</summary>
    long LastSequence => Math.Max(_lastFound, Segments.LastSequence);

    /// <param name="HasSeal">Its seal is among the records.</param>
    sealed record SealedBatch(Seal Seal, bool HasSeal, Position Start, int Records, long FrameBytes);
}
