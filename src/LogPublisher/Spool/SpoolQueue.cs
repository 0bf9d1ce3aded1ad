using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;

namespace LogPipeline.Publisher.Spool;

/// <summary>
/// Records on disk between the threads that log and the publish loop: what is accepted is in this process's journal
/// before the call returns, and is read back from there when its batch is sealed. Nothing of it stays in memory,
/// however long Temporal is away.
/// </summary>
sealed class SpoolQueue : Intake
{
    const int NoticeBytesBeyondMax = 64 * 1024;

    readonly TemporalSinkOptions _options;
    readonly Journal _journal;
    readonly JournalWriter _writer;

    // All under the gate.
    long _appendedBytes;
    long _waitingSince;
    DropReason _fullBecause = DropReason.SpoolFull;

    public SpoolQueue(
        TemporalSinkOptions options, Books books, StoreDirectory directory, Journal journal, TimeProvider time,
        Action<string> report)
        : base(books, options.Timeouts.BackPressure, time)
    {
        _options = options;
        _journal = journal;
        _writer = new JournalWriter(Gate, directory, journal, options, report, RoomMade);
    }

    public override void Start() => _writer.Start();

    public override long BytesOnDisk
    {
        get { lock (Gate) return OpenBytes; }
    }

    public override string? Failure => _writer.Failure;

    public override Location Location => Location.Spool;
    public override double Fill => (double)OpenBytes / _options.Limits.SpoolBytesMax;
    protected override DropReason FullBecause => _fullBecause;

    long OpenBytes => _appendedBytes - _journal.DoneBytes;

    protected override bool HasRoom(CapturedRecord record)
    {
        var frame = RecordFrame.LengthOf(record, LastSequence + 1, _journal.Cipher);
        var open = OpenBytes;
        if (open + frame > _options.Limits.SpoolBytesMax && open > 0)
        {
            _fullBecause = DropReason.SpoolFull;
            return false;
        }
        // There would be room, but the disk does not keep up, or fails.
        _fullBecause = DropReason.DiskFailed;
        return _writer.IsReadyFor(frame);
    }

    protected override bool HasRoomForNotice(CapturedRecord record)
    {
        var frame = RecordFrame.LengthOf(record, LastSequence + 1, _journal.Cipher);
        return OpenBytes + frame <= _options.Limits.SpoolBytesMax + NoticeBytesBeyondMax && _writer.IsReadyFor(frame);
    }

    protected override bool Add(CapturedRecord record, long sequence)
    {
        var frame = RecordFrame.LengthOf(record, sequence, _journal.Cipher);
        _writer.Append(record, sequence, frame);
        _appendedBytes += frame;
        var count = sequence - _journal.SealedThrough;
        if (count == 1) _waitingSince = Time.GetTimestamp();
        return count == 1 || count == _options.BufferSize;
    }

    public override QueueSnapshot GetSnapshot()
    {
        lock (Gate)
        {
            var through = _journal.SealedThrough;
            var count = LastSequence - through;
            // When some of what waited was sealed, the rest counts as old as the oldest of it: it is sent soon anyway.
            if (count <= 0) return new QueueSnapshot(0, 0, TimeSpan.Zero, false, false, _journal.FirstOpen);
            return new QueueSnapshot((int)Math.Min(count, int.MaxValue), OpenBytes, Time.GetElapsedTime(_waitingSince),
                through + 1 <= FlushThrough, false, _journal.FirstOpen);
        }
    }

    public override FrozenBatch? Next(BatchId? previous, Action<BatchId, long> onLost)
    {
        var id = _journal.FirstOpenId;
        return _journal.Next(previous, lost => onLost(id, lost));
    }

    public override void Sync() => _writer.Sync();

    public override void Dispose()
    {
        _writer.Dispose();
        try
        {
            _journal.End();
        }
        catch (IOException)
        {
            // What is done stays on disk, and a later process offers it again, which is harmless.
        }
    }
}
