using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// Appends records to the segments of this process's journal. The next segments are made ready ahead by a thread of its
/// own, so that an append never waits for the disk while one is ready; the same thread gives back full ones, and in
/// <see cref="Durability.PowerSafe"/> syncs what was appended.
/// </summary>
sealed class JournalWriter : IDisposable
{
    /// <summary>Ready segments of a process that has filled one; of one that logs little, a single one.</summary>
    const int ReadyCountMax = 3;
    static readonly TimeSpan RetryInterval = TimeSpan.FromMilliseconds(500);

    /// <summary>Half of what is promised: the sync itself takes time as well.</summary>
    static readonly TimeSpan SyncInterval = TimeSpan.FromMilliseconds(10);

    readonly object _gate;
    readonly StoreDirectory _directory;
    readonly Journal _journal;
    readonly int _segmentBytes;
    readonly bool _sync;
    readonly Action<string> _report;
    readonly Action _roomMade;
    readonly AutoResetEvent _work = new(initialState: true);
    readonly Thread _preparing;
    readonly Thread? _syncing;
    readonly AutoResetEvent _toSync = new(initialState: false);

    // Under the gate.
    readonly Queue<RecordSegment> _ready = new();
    readonly List<RecordSegment> _full = [];
    RecordSegment? _current;
    int _readyWanted = 1;
    bool _isDirty;
    bool _isClosed;

    // Owned by the preparing thread, once it runs.
    int _lastNumber;

    volatile string? _failure;

    /// <param name="gate">The intake's lock.</param>
    /// <param name="roomMade">Called, not under the gate, when an append that found no segment may find one.</param>
    public JournalWriter(object gate, StoreDirectory directory, Journal journal, TemporalSinkOptions options,
        Action<string> report, Action roomMade)
    {
        (_gate, _directory, _journal, _report, _roomMade) = (gate, directory, journal, report, roomMade);
        _segmentBytes = RecordSegment.CapacityFor(options);
        _sync = options.Durability == Durability.PowerSafe;
        journal.Segments.SetSealWriter(Append);
        _preparing = new Thread(PrepareLoop) { IsBackground = true, Name = "LogPipeline spool" };
        if (_sync) _syncing = new Thread(SyncLoop) { IsBackground = true, Name = "LogPipeline spool sync" };
    }

    /// <summary>Why no segment can be made; null: one can, as far as is known.</summary>
    public string? Failure => _failure;

    /// <summary>Makes the first segment before it returns, so that the first event finds it.</summary>
    public void Start()
    {
        TryPrepareSegment();
        using (ExecutionContext.SuppressFlow())
        {
            _preparing.Start();
            _syncing?.Start();
        }
    }

    /// <summary>Whether a record of this size would be taken now. Under the gate.</summary>
    public bool IsReadyFor(int frameBytes)
    {
        if (_current is { } current && current.HasRoom(frameBytes)) return true;
        if (_ready.Count > 0) return true;
        _work.Set();
        return false;
    }

    /// <summary>Appends a record for which it was ready, under the gate. It survives the process then.</summary>
    /// <exception cref="IOException">The segment is not mapped and the disk failed.</exception>
    public void Append(CapturedRecord record, long sequence, int frameBytes)
    {
        if (_current is null || !_current.HasRoom(frameBytes)) Roll();
        _current!.Append(record, sequence, frameBytes, _journal.Cipher);
        if (_sync && !_isDirty) RequestSync();
    }

    /// <summary>Appends a seal, not under the gate. False: no file has room for it at the moment.</summary>
    /// <exception cref="IOException">The segment is not mapped and the disk failed.</exception>
    bool Append(Seal seal)
    {
        lock (_gate)
        {
            if (_current is null || !_current.HasRoomFor(seal))
            {
                if (_isClosed || _ready.Count == 0) return false;
                Roll();
            }
            _current!.Append(seal);
            if (_sync && !_isDirty) RequestSync();
            return true;
        }
    }

    void RequestSync()
    {
        _isDirty = true;
        _toSync.Set();
    }

    /// <summary>Returns when all that was appended is on the disk itself.</summary>
    /// <exception cref="IOException">It is not; what could not be synced is moved to another file and tried again
    /// there.</exception>
    public void Sync()
    {
        foreach (var (segment, isFull) in Unsynced()) SyncOne(segment, isFull);
    }

    /// <summary>Nothing is appended any more.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isClosed) return;
            _isClosed = true;
        }
        _work.Set();
        _toSync.Set();
        _preparing.Join();
        _syncing?.Join();
        foreach (var unused in _ready) Remove(unused);
        _work.Dispose();
        _toSync.Dispose();
    }

    void Roll()
    {
        if (_current is { } full)
        {
            _full.Add(full);
            _readyWanted = ReadyCountMax;
        }
        _current = _ready.Dequeue();
        _journal.Segments.AddWritten(_current);
        _work.Set();
    }

    void PrepareLoop()
    {
        while (true)
        {
            List<RecordSegment> full = [];
            int missing;
            lock (_gate)
            {
                if (_isClosed) return;
                missing = _readyWanted - _ready.Count;
                // A thread that syncs needs the full ones still, and gives them back itself.
                if (!_sync)
                {
                    full = [.. _full];
                    _full.Clear();
                }
            }
            foreach (var segment in full) segment.Dispose();
            if (missing <= 0) _work.WaitOne();
            else if (!TryPrepareSegment()) _work.WaitOne(RetryInterval);
        }
    }

    bool TryPrepareSegment()
    {
        try
        {
            var segment = RecordSegment.Create(_directory, _journal.Name.Segment(++_lastNumber), _segmentBytes);
            if (_sync)
            {
                segment.Sync();
                _directory.Sync();
            }
            lock (_gate) _ready.Enqueue(segment);
            _failure = null;
            _roomMade();
            return true;
        }
        // The edge of the thread: whatever a disk and its driver may answer, logging goes on, the newest events are
        // dropped and counted, and the next attempt follows.
        catch (Exception e)
        {
            if (_failure is null)
                _report($"The spool {_directory.Path} cannot be written: {e.Message} When what is ready there is "
                    + $"full the newest events are dropped.");
            _failure = $"The spool {_directory.Path} cannot be written: {e.Message}";
            return false;
        }
    }

    void SyncLoop()
    {
        while (true)
        {
            _toSync.WaitOne();
            bool isLast;
            lock (_gate) isLast = _isClosed;
            // What is appended meanwhile is synced with it.
            if (!isLast) Thread.Sleep(SyncInterval);
            try
            {
                Sync();
                if (isLast) return;
                continue;
            }
            // The edge of the thread, as above.
            catch (Exception e)
            {
                _failure = $"The spool {_directory.Path} cannot be synced: {e.Message}";
                _report($"{_failure} What was not synced is written to another file.");
                if (isLast) return;
                Thread.Sleep(RetryInterval);
                _toSync.Set();
            }
        }
    }

    List<(RecordSegment Segment, bool IsFull)> Unsynced()
    {
        lock (_gate)
        {
            _isDirty = false;
            List<(RecordSegment, bool)> all = [.. _full.Select(segment => (segment, true))];
            if (_current is not null) all.Add((_current, false));
            return all;
        }
    }

    void SyncOne(RecordSegment segment, bool isFull)
    {
        try
        {
            segment.Sync();
        }
        catch (IOException)
        {
            MoveAway(segment);
            throw;
        }
        // One that was not full when its sync began may hold more by now.
        if (!isFull) return;
        lock (_gate) _full.Remove(segment);
        segment.Dispose();
    }

    // What a file holds whose sync failed is written to another one, whole: which of its pages the disk has is unknown.
    void MoveAway(RecordSegment segment)
    {
        RecordSegment moved;
        lock (_gate)
        {
            RequestSync();
            var isCurrent = ReferenceEquals(_current, segment);
            if (!isCurrent && !_full.Contains(segment)) return;
            if (!_ready.TryDequeue(out var other)) return;
            moved = other;
            try
            {
                other.TakeOver(_directory, segment);
            }
            catch (IOException)
            {
                Remove(other);
                return;
            }
            _journal.Segments.Replace(segment, other);
            if (isCurrent) _current = other;
            else _full[_full.IndexOf(segment)] = other;
        }
        _work.Set();
        segment.Dispose();
        // Until the other file is on the disk this one may be all that a power cut leaves; a process that loads both
        // takes each record once.
        moved.Sync();
        JournalSegments.Quarantine(_directory, segment.Name);
    }

    void Remove(RecordSegment segment)
    {
        segment.Dispose();
        try
        {
            _directory.Delete(segment.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // An empty file stays behind; the process that adopts the journal removes it.
        }
    }
}
