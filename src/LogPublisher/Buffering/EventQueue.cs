using LogPipeline.Publisher.Capture;

namespace LogPipeline.Publisher.Buffering;

/// <summary>A record with its number and the time it came, as a timestamp of the clock.</summary>
readonly record struct QueuedRecord(CapturedRecord Record, long Sequence, long At);

/// <summary>Bounds of the queue and the marks at which the publish loop wants to know.</summary>
readonly record struct QueueLimits(int CountMax, long BytesMax, TimeSpan BackPressure, int FlushCount)
{
    /// <summary>From here on what waits is put elsewhere before the queue is full.</summary>
    public int SpillCount => Math.Max(1, CountMax / 2);
    public long SpillBytes => BytesMax / 2;

    /// <summary>Most records that wait to be rendered.</summary>
    public int UnrenderedMax => Math.Max(1, CountMax / 4);
}

/// <summary>
/// Records between the threads that log and the publish loop, bounded by count and bytes. A record gets its sequence number
/// in the same step in which it is accepted, so numbers are consecutive and what is refused leaves no gap.
/// A full queue lets a thread wait for the back-pressure time at most; once that has passed without room being made,
/// further events are refused at once until there is room again.
/// </summary>
sealed class EventQueue(Books books, QueueLimits limits, TimeProvider time, Action wake)
{
    readonly object _gate = books.Gate;

    const int RenderedAtOnce = 64;

    // All under the gate.
    readonly Queue<QueuedRecord> _records = new();
    readonly Queue<CapturedRecord> _unrendered = new();
    long _bytes;
    long _lastSequence;
    bool _gaveUp;
    bool _closed;
    DropReason _fullBecause = DropReason.QueueFull;

    // Owned by the publish loop.
    readonly CapturedRecord[] _chunk = new CapturedRecord[RenderedAtOnce];

    volatile bool _isBehind;

    /// <summary>The publish loop does not render as fast as events come: the threads that log had better do it themselves, which slows them down before the queue is full.</summary>
    public bool IsBehind => _isBehind;

    /// <summary>Accepts an event or counts it as dropped. Never throws.</summary>
    public bool TryEnqueue(CapturedRecord record, bool urgent)
    {
        bool wakeUp;
        lock (_gate)
        {
            if (!HasRoom(record) && !WaitForRoom(record))
            {
                books.EmittedAndDropped(_closed ? DropReason.Closed : _fullBecause);
                return false;
            }
            if (_closed)
            {
                books.EmittedAndDropped(DropReason.Closed);
                return false;
            }
            var before = _bytes;
            _records.Enqueue(new QueuedRecord(record, ++_lastSequence, time.GetTimestamp()));
            _bytes += record.BytesMax;
            if (!record.IsRendered)
            {
                _unrendered.Enqueue(record);
                _isBehind = _unrendered.Count >= limits.UnrenderedMax;
            }
            books.Emitted(Place.Queue);
            var count = _records.Count;
            if (urgent) FlushThrough = _lastSequence;
            wakeUp = urgent || _unrendered.Count == RenderedAtOnce || count == 1 || count == limits.FlushCount || count == limits.SpillCount
                || (before < limits.SpillBytes && _bytes >= limits.SpillBytes);
        }
        if (wakeUp) wake();
        return true;
    }

    /// <summary>Records up to this number are to be sent without waiting for more.</summary>
    public long FlushThrough { get; private set; }

    /// <summary>Asks for everything that is here now, and returns the number of its last record.</summary>
    public long Flush()
    {
        lock (_gate) return FlushThrough = _lastSequence;
    }

    /// <summary>Nothing is accepted from now on.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _closed = true;
            FlushThrough = _lastSequence;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>What events that find no room are counted under.</summary>
    public void SetFullReason(DropReason reason)
    {
        lock (_gate) _fullBecause = reason;
    }

    public QueueLook Look()
    {
        lock (_gate)
        {
            if (!_records.TryPeek(out var oldest)) return new QueueLook(0, 0, TimeSpan.Zero, false, false, _lastSequence + 1);
            return new QueueLook(_records.Count, _bytes, time.GetElapsedTime(oldest.At), oldest.Sequence <= FlushThrough,
                _records.Count >= limits.SpillCount || _bytes >= limits.SpillBytes, oldest.Sequence);
        }
    }

    /// <summary>
    /// Renders what is here and was not rendered by the thread that logged it. Called by the publish loop alone, often, so that
    /// events become bytes soon; without the gate, so that nobody waits for it.
    /// </summary>
    public void RenderWaiting()
    {
        // Those that come meanwhile are for the next time.
        for (var left = Unrendered; left > 0;)
        {
            var count = 0;
            lock (_gate)
            {
                while (count < _chunk.Length && count < left && _unrendered.TryDequeue(out var record)) _chunk[count++] = record;
                _isBehind = _unrendered.Count >= limits.UnrenderedMax;
            }
            var growth = 0L;
            foreach (var record in _chunk.AsSpan(0, count))
            {
                growth -= record.BytesMax;
                record.Render();
                growth += record.BytesMax;
            }
            lock (_gate) _bytes += growth;
            left -= count;
        }
    }

    int Unrendered
    {
        get { lock (_gate) return _unrendered.Count; }
    }

    /// <summary>Takes the oldest records, at least one if there is any, as many as fit.</summary>
    /// <param name="countMax">Most records.</param>
    /// <param name="bytesMax">Most bytes, each record counted with what an array of them adds.</param>
    public List<QueuedRecord> Take(int countMax, long bytesMax)
    {
        RenderWaiting();
        var taken = new List<QueuedRecord>();
        var bytes = 0L;
        lock (_gate)
        {
            while (taken.Count < countMax && _records.TryPeek(out var next) && next.Record.IsRendered)
            {
                bytes += next.Record.BytesMax + BatchBuilder.BytesAroundRecord;
                if (taken.Count > 0 && bytes > bytesMax) break;
                taken.Add(_records.Dequeue());
                _bytes -= next.Record.BytesMax;
            }
            _gaveUp = false;
            Monitor.PulseAll(_gate);
        }
        return taken;
    }

    bool HasRoom(CapturedRecord record) =>
        _records.Count < limits.CountMax && (_bytes + record.BytesMax <= limits.BytesMax || _records.Count == 0);

    bool WaitForRoom(CapturedRecord record)
    {
        if (_gaveUp) return false;
        // Real time, as it is a thread of the application that is held up.
        var deadline = Environment.TickCount64 + (long)limits.BackPressure.TotalMilliseconds;
        wake();
        while (!_closed && !HasRoom(record))
        {
            var left = deadline - Environment.TickCount64;
            if (left <= 0 || !Monitor.Wait(_gate, (int)left) && !HasRoom(record))
            {
                _gaveUp = true;
                return false;
            }
        }
        return !_closed;
    }
}

/// <summary>The queue at one instant.</summary>
/// <param name="Count">Records.</param>
/// <param name="Bytes">Their bytes.</param>
/// <param name="OldestAge">How long the oldest has waited.</param>
/// <param name="IsUrgent">The oldest is to be sent without waiting for more.</param>
/// <param name="IsFilling">Half of a bound is reached.</param>
/// <param name="FirstSequence">Number of the oldest, or the next one.</param>
readonly record struct QueueLook(int Count, long Bytes, TimeSpan OldestAge, bool IsUrgent, bool IsFilling, long FirstSequence);
