using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;

namespace LogPipeline.Publisher.Queue;

/// <summary>
/// Where records pass from the threads that log to the publish loop. A record gets its sequence number in the same step
/// in which it is accepted, so numbers are consecutive and what is refused leaves no gap. Where there is no room a
/// thread waits for the back-pressure time at most; once that has passed without room being made, further events are
/// refused at once until there is room again. Then a notice counts them (<see cref="TryTakeNotice"/>).
/// </summary>
abstract class Intake(Books books, TimeSpan backPressure, TimeProvider time) : IDisposable
{
    /// <summary>Above this fill the notice of dropped events waits: it would take room that events need.</summary>
    const double NoticeFillMax = 0.5;

    // All under the gate.
    long _lastSequence;
    bool _gaveUp;
    bool _closed;
    DropNotice? _notice;

    // Written by the publish loop, read by any thread.
    double _spoolFill;
    volatile bool _diskFails;

    /// <summary>Guards the records and the books together.</summary>
    protected object Gate { get; } = books.Gate;

    protected Books Books { get; } = books;
    protected TimeProvider Time { get; } = time;

    /// <summary>Set when the publish loop has something to do.</summary>
    public Signal Work { get; } = new();

    /// <summary>Records up to this number are to be sent without waiting for more.</summary>
    public long FlushThrough { get; private set; }

    /// <summary>Events were dropped and no notice of it was taken.</summary>
    public bool HasNotice => Volatile.Read(ref _notice) is not null;

    /// <summary>Where an accepted record is.</summary>
    public abstract Location Location { get; }

    /// <summary>
    /// How much of the bounds is taken, from 0 to 1. Read without the gate too: an estimate is all that is wanted then.
    /// </summary>
    public abstract double Fill { get; }

    /// <summary>
    /// How much of the room for events is taken, from 0 to 1: the spool's; and while the disk takes nothing, the
    /// queue's, which then is the last there is. A queue in memory that is full for a moment, in a burst, is no reason
    /// to lose anything.
    /// </summary>
    public double Pressure
    {
        get
        {
            var spool = Volatile.Read(ref _spoolFill);
            return _diskFails || Location == Location.Spool ? Math.Max(spool, Fill) : spool;
        }
    }

    /// <summary>What the publish loop knows of the disk.</summary>
    public void SetDisk(double spoolFill, bool fails)
    {
        Volatile.Write(ref _spoolFill, spoolFill);
        _diskFails = fails;
    }

    /// <summary>What events are counted under that find no room now.</summary>
    protected abstract DropReason FullBecause { get; }

    protected abstract bool HasRoom(CapturedRecord record);

    /// <summary>
    /// A few events of the sink's own find room beyond the bound: they may report that the bound is reached.
    /// </summary>
    protected abstract bool HasRoomForNotice(CapturedRecord record);

    /// <summary>Takes a record for which there is room. True: the publish loop has something to do.</summary>
    protected abstract bool Add(CapturedRecord record, long sequence);

    public abstract QueueSnapshot GetSnapshot();

    /// <summary>
    /// A batch of the oldest records, the same until it is done with if they are on disk; null: nothing whole is left
    /// of them.
    /// </summary>
    /// <param name="previous">What goes before it.</param>
    /// <param name="onLost">Called with a batch and the number of its records that can no longer be read.</param>
    /// <exception cref="IOException">The disk cannot be read, or cannot be written; nothing has changed.</exception>
    public abstract FrozenBatch? Next(BatchId? previous, Action<BatchId, long> onLost);

    /// <summary>
    /// The publish loop renders slower than events are logged: then the threads that log render themselves, which slows
    /// them down before there is no room.
    /// </summary>
    public virtual bool IsBehind => false;

    /// <summary>Begins its work.</summary>
    public virtual void Start() { }

    /// <summary>
    /// Renders what was not rendered by the thread that logged it. Called by the publish loop alone, often.
    /// </summary>
    public virtual void RenderWaiting() { }

    /// <summary>Returns when every accepted record is on the disk itself, if records go there at all.</summary>
    /// <exception cref="IOException">They are not.</exception>
    public virtual void Sync() { }

    /// <summary>Bytes on disk that are not done with.</summary>
    public virtual long BytesOnDisk => 0;

    /// <summary>Why the disk takes nothing more; null: it does, or nothing goes there.</summary>
    public virtual string? Failure => null;

    public virtual void Dispose() { }

    /// <summary>Accepts an event or counts it as dropped. Never throws.</summary>
    /// <param name="record">The record.</param>
    /// <param name="urgent">It and what is before it are to be sent without waiting for more.</param>
    /// <param name="droppedAs">What it is counted under when it is dropped.</param>
    public bool TryEnqueue(CapturedRecord record, bool urgent, out DropReason droppedAs)
    {
        droppedAs = DropReason.Closed;
        bool wakeUp;
        lock (Gate)
        {
            if (!_closed && !HasRoom(record) && !WaitForRoom(record))
                return Drop(droppedAs = _closed ? DropReason.Closed : FullBecause);
            if (_closed) return Drop(droppedAs);
            try
            {
                wakeUp = Add(record, _lastSequence + 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return Drop(droppedAs = DropReason.DiskFailed);
            }
            _lastSequence++;
            Books.EmittedUnderGate(Location);
            if (urgent) FlushThrough = _lastSequence;
        }
        if (wakeUp || urgent) Work.Set();
        return true;
    }

    /// <summary>Takes an event of the sink's own, without a wait, or counts it as dropped. Never throws.</summary>
    /// <param name="droppedAs">What it is counted under when it is dropped.</param>
    public bool TryEnqueueNotice(CapturedRecord record, out DropReason droppedAs)
    {
        droppedAs = DropReason.Closed;
        bool wakeUp;
        lock (Gate)
        {
            if (_closed || !HasRoomForNotice(record))
            {
                Books.NoticeDropped(droppedAs = _closed ? DropReason.Closed : FullBecause);
                return false;
            }
            try
            {
                wakeUp = Add(record, _lastSequence + 1);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Books.NoticeDropped(droppedAs = DropReason.DiskFailed);
                return false;
            }
            _lastSequence++;
            Books.Notice(Location);
        }
        if (wakeUp) Work.Set();
        return true;
    }

    /// <summary>
    /// What was dropped for want of room since the last notice, once there is room again; null: nothing, or not yet.
    /// </summary>
    /// <param name="fill">How much is taken of all the room there is, from 0 to 1.</param>
    public DropNotice? TryTakeNotice(double fill)
    {
        lock (Gate)
        {
            if (_notice is null || _closed || _gaveUp || fill > NoticeFillMax) return null;
            var notice = _notice;
            _notice = null;
            return notice;
        }
    }

    /// <summary>The notice could not be queued: it waits for the next time.</summary>
    public void ReturnNotice(DropNotice notice)
    {
        lock (Gate) _notice = _notice is { } later
            ? later with { Count = later.Count + notice.Count, From = notice.From } : notice;
    }

    /// <summary>Asks for everything that is here now, and returns the number of its last record.</summary>
    public long Flush()
    {
        lock (Gate) return FlushThrough = _lastSequence;
    }

    /// <summary>Nothing is accepted from now on.</summary>
    public void Close()
    {
        lock (Gate)
        {
            _closed = true;
            FlushThrough = _lastSequence;
            Monitor.PulseAll(Gate);
        }
    }

    /// <summary>There may be room again, as records are done with.</summary>
    public void RoomMade()
    {
        lock (Gate)
        {
            _gaveUp = false;
            Monitor.PulseAll(Gate);
        }
    }

    protected long LastSequence => _lastSequence;

    bool Drop(DropReason reason)
    {
        Books.EmittedAndDropped(reason);
        if (reason is not (DropReason.QueueFull or DropReason.SpoolFull or DropReason.DiskFailed)) return false;
        var now = Time.GetUtcNow();
        _notice = _notice is { } earlier && earlier.Reason == reason
            ? earlier with { Count = earlier.Count + 1, To = now }
            : new DropNotice((_notice?.Count ?? 0) + 1, _notice?.From ?? now, now, reason);
        return false;
    }

    bool WaitForRoom(CapturedRecord record)
    {
        if (_gaveUp) return false;
        // Real time, as it is a thread of the application that is held up.
        var deadline = Environment.TickCount64 + (long)backPressure.TotalMilliseconds;
        Work.Set();
        while (!_closed && !HasRoom(record))
        {
            var left = deadline - Environment.TickCount64;
            if (left <= 0 || (!Monitor.Wait(Gate, (int)left) && !HasRoom(record)))
            {
                _gaveUp = true;
                return false;
            }
        }
        return !_closed;
    }
}
