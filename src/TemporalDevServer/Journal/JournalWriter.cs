using System.Diagnostics;
using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;
using TemporalDevServer.Observability;

namespace TemporalDevServer.Journal;

/// <summary>A call that may be answered when everything before it is on disk.</summary>
readonly record struct ReadyReply(TaskCompletionSource<Reply> Call, Reply Reply)
{
    // A call that was refused meanwhile, because the server stops, keeps that answer.
    public void Release() => Call.TrySetResult(Reply);

    public void Refuse() =>
        Call.TrySetResult(
            new Reply(
                Reply.CallId,
                null,
                new ServiceError(StatusCode.Unavailable, "The server's journal could not be written.")));
}

/// <summary>
/// The journal's thread. The engine hands over inputs and the replies that follow from them; those handed over
/// during one sync are synced by the next. Inputs that no reply waits for are written, and synced with the next one
/// that a reply waits for.
/// </summary>
sealed class JournalWriter
{
    // The engine waits while more than this is waiting for the disk.
    const long BytesOnTheWayMax = 64L * 1024 * 1024;
    const int CommitBytes = 1024 * 1024;

    readonly StoreDirectory _directory;
    readonly Action<Exception> _failed;
    readonly Thread _thread;

    readonly object _gate = new();
    List<Entry> _entries = [];
    List<ReadyReply> _replies = [];
    long _bytes;
    bool _isBusy;
    bool _isClosed;
    bool _hasFailed;

    // Owned by the thread; whether all is synced is read by the engine's, under the gate.
    RecordLog _log;
    bool _isUnsynced;

    /// <param name="failed">
    /// Called once, from the thread, when the disk refuses; nothing is released from then on.
    /// </param>
    public JournalWriter(StoreDirectory directory, long segment, Action<Exception> failed)
    {
        _directory = directory;
        _failed = failed;
        _log = Open(segment);
        _thread = new Thread(Run) { IsBackground = true, Name = "temporal journal" };
    }

    public void Start() => _thread.Start();

    /// <summary>Takes one step's or several steps' inputs and replies, in order.</summary>
    public void Add(List<Entry> entries, List<ReadyReply> replies)
    {
        lock (_gate)
        {
            while (_bytes > BytesOnTheWayMax && !_hasFailed) Monitor.Wait(_gate);
            if (_hasFailed)
            {
                foreach (var reply in replies) reply.Refuse();
                return;
            }
            if (entries.Count == 0 && !_isBusy && _entries.Count == 0 && !_isUnsynced)
            {
                foreach (var reply in replies) reply.Release();
                return;
            }
            _entries.AddRange(entries);
            _replies.AddRange(replies);
            foreach (var entry in entries) _bytes += JournalRecord.HeadBytes + entry.Bytes.Length;
            Monitor.PulseAll(_gate);
        }
    }

    /// <summary>Writes and syncs what has been handed over, and ends.</summary>
    public void Close()
    {
        lock (_gate)
        {
            _isClosed = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
    }

    void Run()
    {
        List<Entry> entries = [];
        List<ReadyReply> replies = [];
        try
        {
            while (Take(ref entries, ref replies))
            {
                Write(entries);
                if (replies.Count > 0 || _isClosed) Sync();
                foreach (var reply in replies) reply.Release();
                entries.Clear();
                replies.Clear();
            }
            Sync();
        }
        catch (Exception e)
        {
            // A disk error or a bug: either way the state would not survive a restart, so nothing more is answered.
            // Whoever is refused finds that known already.
            _failed(e);
            lock (_gate)
            {
                _hasFailed = true;
                foreach (var reply in replies.Concat(_replies)) reply.Refuse();
                Monitor.PulseAll(_gate);
            }
        }
        finally
        {
            _log.Dispose();
        }
    }

    bool Take(ref List<Entry> entries, ref List<ReadyReply> replies)
    {
        lock (_gate)
        {
            _isBusy = false;
            while (_entries.Count == 0 && _replies.Count == 0)
            {
                if (_isClosed) return false;
                Monitor.Wait(_gate);
            }
            (entries, _entries) = (_entries, entries);
            (replies, _replies) = (_replies, replies);
            _bytes = 0;
            _isBusy = true;
            Monitor.PulseAll(_gate);
            return true;
        }
    }

    void Write(List<Entry> entries)
    {
        Span<byte> head = stackalloc byte[JournalRecord.HeadBytes];
        foreach (var entry in entries)
        {
            if (entry.NextSegment is { } segment)
            {
                Sync();
                _log.Dispose();
                _log = Open(segment);
                continue;
            }
            entry.Record.WriteHead(head);
            Volatile.Write(ref _isUnsynced, true);
            _log.Append(head, entry.Bytes.Span);
            ServerMetrics.Appended(head.Length + entry.Bytes.Length);
            if (_log.End - _log.Committed > CommitBytes) _log.Commit();
        }
        _log.Commit();
    }

    void Sync()
    {
        if (!_isUnsynced) return;
        var begun = Stopwatch.GetTimestamp();
        _log.Sync();
        ServerMetrics.Synced(Stopwatch.GetElapsedTime(begun));
        Volatile.Write(ref _isUnsynced, false);
    }

    RecordLog Open(long segment) =>
        RecordLog.Open(_directory, JournalFiles.Name(JournalFiles.Segment, segment), JournalFiles.SegmentOptions);

    /// <summary>An input with its bytes, or where the next inputs go.</summary>
    public readonly record struct Entry(JournalRecord Record, ReadOnlyMemory<byte> Bytes, long? NextSegment = null);
}
