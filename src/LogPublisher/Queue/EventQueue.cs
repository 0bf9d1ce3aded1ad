using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Queue;

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

/// <summary>Records in memory between the threads that log and the publish loop, bounded by count and bytes.</summary>
sealed class EventQueue(string source, string instance, Books books, QueueLimits limits, TimeProvider time, Action wake)
    : Intake(books, limits.BackPressure, time, wake)
{
    const int NoticesBeyondMax = 100;
    const int RenderedAtOnce = 64;

    /// <summary>One in so many is asked when it came. Those behind it count as old as it is, and go a little early.</summary>
    const int StampedOneIn = 16;

    // All under the gate.
    readonly Queue<QueuedRecord> _records = new();
    readonly Queue<CapturedRecord> _unrendered = new();
    long _bytes;
    long _stamp;
    DropReason _fullBecause = DropReason.QueueFull;

    public override Place Place => Place.Queue;
    public override double Fill => Math.Max((double)_records.Count / limits.CountMax, (double)Volatile.Read(ref _bytes) / limits.BytesMax);

    // Owned by the publish loop.
    readonly CapturedRecord[] _chunk = new CapturedRecord[RenderedAtOnce];

    volatile bool _isBehind;

    public override bool IsBehind => _isBehind;

    protected override DropReason FullBecause => _fullBecause;

    protected override bool HasRoom(CapturedRecord record) =>
        _records.Count < limits.CountMax && (_bytes + record.BytesMax <= limits.BytesMax || _records.Count == 0);

    protected override bool HasRoomForNotice(CapturedRecord record) => _records.Count < limits.CountMax + NoticesBeyondMax;

    protected override bool Add(CapturedRecord record, long sequence)
    {
        var before = _bytes;
        if (_records.Count == 0 || sequence % StampedOneIn == 0) _stamp = Time.GetTimestamp();
        _records.Enqueue(new QueuedRecord(record, sequence, _stamp));
        _bytes += record.BytesMax;
        if (!record.IsRendered)
        {
            _unrendered.Enqueue(record);
            _isBehind = _unrendered.Count >= limits.UnrenderedMax;
        }
        var count = _records.Count;
        return _unrendered.Count == RenderedAtOnce || count == 1 || count == limits.FlushCount || count == limits.SpillCount
            || (before < limits.SpillBytes && _bytes >= limits.SpillBytes);
    }

    /// <summary>What events that find no room are counted under.</summary>
    public void SetFullReason(DropReason reason)
    {
        lock (Gate) _fullBecause = reason;
    }

    public override QueueLook Look()
    {
        lock (Gate)
        {
            if (!_records.TryPeek(out var oldest)) return new QueueLook(0, 0, TimeSpan.Zero, false, false, LastSequence + 1);
            return new QueueLook(_records.Count, _bytes, Time.GetElapsedTime(oldest.At), oldest.Sequence <= FlushThrough,
                _records.Count >= limits.SpillCount || _bytes >= limits.SpillBytes, oldest.Sequence);
        }
    }

    /// <summary>Without the gate, so that nobody waits for it.</summary>
    public override void RenderWaiting()
    {
        // Those that come meanwhile are for the next time.
        for (var left = Unrendered; left > 0;)
        {
            var count = 0;
            lock (Gate)
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
            lock (Gate) _bytes += growth;
            left -= count;
        }
    }

    int Unrendered
    {
        get { lock (Gate) return _unrendered.Count; }
    }

    public override FrozenBatch? Next(BatchLimits limits, BatchId? previous, Action<BatchId, long> onLost)
    {
        var records = Peek(limits);
        Remove(records.Count);
        return records.Count > 0 ? BatchBuilder.Build(records, source, instance, previous) : null;
    }

    /// <summary>The oldest records, at least one if there is any, as many as fit. They stay. Called by the publish loop alone.</summary>
    public List<QueuedRecord> Peek(BatchLimits limits)
    {
        RenderWaiting();
        var oldest = new List<QueuedRecord>();
        var bytes = 0L;
        lock (Gate)
        {
            foreach (var next in _records)
            {
                if (oldest.Count == limits.RecordsMax || !next.Record.IsRendered) break;
                bytes += next.Record.BytesMax + BatchBuilder.BytesAroundRecord;
                if (oldest.Count > 0 && bytes > limits.BytesMax) break;
                oldest.Add(next);
            }
        }
        return oldest;
    }

    /// <summary>Takes out the oldest records.</summary>
    public void Remove(int count)
    {
        lock (Gate)
        {
            for (; count > 0; count--) _bytes -= _records.Dequeue().Record.BytesMax;
            RoomMade();
        }
    }
}
