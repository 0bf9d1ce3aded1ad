using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher.Queue;

/// <summary>Records in memory between the threads that log and the publish loop, bounded by count and bytes.</summary>
sealed class EventQueue(TemporalSinkOptions options, string instance, Books books, TimeProvider time)
    : Intake(books, options.Timeouts.BackPressure, time)
{
    const int NoticesBeyondMax = 100;
    const int RenderedAtOnce = 64;

    /// <summary>
    /// One record in so many gets a timestamp. Those behind it count as old as it is, and go a little early.
    /// </summary>
    const int StampedOneIn = 16;

    /// <summary>From here on what waits is put elsewhere before the queue is full.</summary>
    readonly int _spillCount = Math.Max(1, options.Limits.QueueCountMax / 2);
    readonly long _spillBytes = options.Limits.QueueBytesMax / 2;

    /// <summary>Most records that wait to be rendered.</summary>
    readonly int _unrenderedMax = Math.Max(1, options.Limits.QueueCountMax / 4);

    // All under the gate.
    readonly Queue<QueuedRecord> _records = new();
    readonly Queue<CapturedRecord> _unrendered = new();
    long _bytes;
    long _stamp;
    DropReason _fullBecause = DropReason.QueueFull;

    public override Location Location => Location.Queue;
    public override double Fill =>
        Math.Max((double)_records.Count / options.Limits.QueueCountMax,
            (double)Volatile.Read(ref _bytes) / options.Limits.QueueBytesMax);

    // Owned by the publish loop.
    readonly CapturedRecord[] _chunk = new CapturedRecord[RenderedAtOnce];

    volatile bool _isBehind;

    public override bool IsBehind => _isBehind;

    protected override DropReason FullBecause => _fullBecause;

    protected override bool HasRoom(CapturedRecord record) =>
        _records.Count < options.Limits.QueueCountMax
            && (_bytes + record.BytesMax <= options.Limits.QueueBytesMax || _records.Count == 0);

    protected override bool HasRoomForNotice(CapturedRecord record) =>
        _records.Count < options.Limits.QueueCountMax + NoticesBeyondMax;

    protected override bool Add(CapturedRecord record, long sequence)
    {
        var before = _bytes;
        if (_records.Count == 0 || sequence % StampedOneIn == 0) _stamp = Time.GetTimestamp();
        _records.Enqueue(new QueuedRecord(record, sequence, _stamp));
        _bytes += record.BytesMax;
        if (!record.IsRendered)
        {
            _unrendered.Enqueue(record);
            _isBehind = _unrendered.Count >= _unrenderedMax;
        }
        var count = _records.Count;
        return _unrendered.Count == RenderedAtOnce || count == 1 || count == options.BufferSize || count == _spillCount
            || (before < _spillBytes && _bytes >= _spillBytes);
    }

    /// <summary>What events that find no room are counted under.</summary>
    public void SetFullReason(DropReason reason)
    {
        lock (Gate) _fullBecause = reason;
    }

    public override QueueSnapshot GetSnapshot()
    {
        lock (Gate)
        {
            if (!_records.TryPeek(out var oldest))
                return new QueueSnapshot(0, 0, TimeSpan.Zero, false, false, LastSequence + 1);
            return new QueueSnapshot(_records.Count, _bytes, Time.GetElapsedTime(oldest.At),
                oldest.Sequence <= FlushThrough,
                _records.Count >= _spillCount || _bytes >= _spillBytes, oldest.Sequence);
        }
    }

    /// <summary>Without the gate, so that no thread waits for it.</summary>
    public override void RenderWaiting()
    {
        // Those that are added meanwhile are for the next call.
        for (var left = Unrendered; left > 0;)
        {
            var count = 0;
            lock (Gate)
            {
                while (count < _chunk.Length && count < left && _unrendered.TryDequeue(out var record))
                    _chunk[count++] = record;
                _isBehind = _unrendered.Count >= _unrenderedMax;
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

    public override FrozenBatch? Next(BatchId? previous, Action<BatchId, long> onLost)
    {
        var records = Peek();
        Remove(records.Count);
        return records.Count > 0 ? BatchBuilder.Build(records, options.Source!, instance, previous) : null;
    }

    /// <summary>
    /// The oldest records, at least one if there is any, as many as fit in a batch. They stay. Called by the publish
    /// loop alone.
    /// </summary>
    public List<QueuedRecord> Peek() => Peek(options.Limits.BatchRecordsMax, options.Limits.BatchBytesMax);

    public List<QueuedRecord> Peek(int recordsMax, long bytesMax)
    {
        RenderWaiting();
        var oldest = new List<QueuedRecord>();
        var bytes = 0;
        lock (Gate)
        {
            foreach (var next in _records)
            {
                if (oldest.Count == recordsMax || !next.Record.IsRendered) break;
                bytes += next.Record.BytesMax;
                if (oldest.Count > 0 && LogBatchRecords.EncodedLength(oldest.Count + 1, bytes) > bytesMax) break;
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
