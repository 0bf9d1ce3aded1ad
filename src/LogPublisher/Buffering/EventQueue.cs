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
}

/// <summary>Records in memory between the threads that log and the publish loop, bounded by count and bytes.</summary>
sealed class EventQueue(Books books, QueueLimits limits, TimeProvider time, Action wake) : Intake(books, limits.BackPressure, time, wake)
{
    // All under the gate.
    readonly Queue<QueuedRecord> _records = new();
    long _bytes;
    DropReason _fullBecause = DropReason.QueueFull;

    protected override Place Place => Place.Queue;
    protected override DropReason FullBecause => _fullBecause;
    protected override double Fill => Math.Max((double)_records.Count / limits.CountMax, (double)_bytes / limits.BytesMax);

    protected override bool HasRoom(CapturedRecord record) =>
        _records.Count < limits.CountMax && (_bytes + record.BytesMax <= limits.BytesMax || _records.Count == 0);

    protected override bool Add(CapturedRecord record, long sequence)
    {
        var before = _bytes;
        _records.Enqueue(new QueuedRecord(record, sequence, Time.GetTimestamp()));
        _bytes += record.BytesMax;
        var count = _records.Count;
        return count == 1 || count == limits.FlushCount || count == limits.SpillCount
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

    /// <summary>Takes the oldest records, at least one if there is any, as many as fit.</summary>
    /// <param name="countMax">Most records.</param>
    /// <param name="bytesMax">Most bytes, each record counted with what an array of them adds.</param>
    public List<QueuedRecord> Take(int countMax, long bytesMax)
    {
        var taken = new List<QueuedRecord>();
        var bytes = 0L;
        lock (Gate)
        {
            while (taken.Count < countMax && _records.TryPeek(out var next))
            {
                bytes += next.Record.BytesMax + BatchBuilder.BytesAroundRecord;
                if (taken.Count > 0 && bytes > bytesMax) break;
                taken.Add(_records.Dequeue());
                _bytes -= next.Record.BytesMax;
            }
            RoomMade();
        }
        return taken;
    }
}
