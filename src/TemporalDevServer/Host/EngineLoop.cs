using System.Collections.Concurrent;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Host;

/// <summary>
/// The engine's thread: takes inputs, steps, hands them to the journal, and releases replies when the journal has
/// synced them. While the journal syncs one batch the engine decides the next.
/// </summary>
sealed class EngineLoop : IAsyncDisposable
{
    // How long the thread sleeps when nothing is due; an input ends it.
    static readonly TimeSpan SleepMax = TimeSpan.FromMinutes(1);

    // The journal works while a long list of inputs is stepped.
    const int StepsBetweenSubmits = 16;

    readonly InputQueue _queue = new();
    readonly ConcurrentDictionary<long, TaskCompletionSource<Reply>> _calls = new();
    readonly TimeProvider _time;
    readonly WorkflowEngine _engine;
    readonly EngineJournal? _journal;
    readonly Thread _thread;
    readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    long _lastCallId;

    // Owned by the thread.
    readonly List<ReadyReply> _replies = [];
    DateTime _now;
    int _stepped;

    /// <param name="journal">Null: state is in memory only.</param>
    public EngineLoop(WorkflowEngine engine, TimeProvider time, EngineJournal? journal = null)
    {
        _engine = engine;
        _journal = journal;
        _time = time;
        _thread = new Thread(Run) { IsBackground = true, Name = "temporal engine" };
    }

    public void Start()
    {
        // Calls from before the restart wait no longer.
        if (_journal is not null) Post(new RestartInput());
        _ = _journal?.Failure.ContinueWith(
            _ => _queue.Close(),
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
        _thread.Start();
    }

    /// <summary>Completes when the thread has ended: stopped, or with the reason why it could not go on.</summary>
    public Task Ended => _ended.Task;

    /// <summary>
    /// Puts a call to the engine. The id names it for <see cref="Expire"/> and <see cref="Abandon"/>.
    /// </summary>
    public Task<Reply> CallAsync(IMessage request, ReadOnlyMemory<byte> bytes, out long callId)
    {
        callId = Interlocked.Increment(ref _lastCallId);
        var reply = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        _calls[callId] = reply;
        if (!_queue.Add(new QueuedInput(new CallInput(callId, request), bytes))) Refuse(callId);
        return reply.Task;
    }

    public void Post(EngineInput input) => _queue.Add(new QueuedInput(input, default));

    /// <summary>The call is answered with what there is.</summary>
    public void Expire(long callId)
    {
        if (_calls.ContainsKey(callId)) Post(new ExpireInput(callId));
    }

    /// <summary>Nobody waits for the call any more.</summary>
    public void Abandon(long callId)
    {
        if (_calls.TryRemove(callId, out _)) Post(new AbandonInput(callId));
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Close();
        if (_thread.ThreadState.HasFlag(ThreadState.Unstarted)) return;
        await _ended.Task.ConfigureAwait(false);
    }

    void Run()
    {
        var inputs = new List<QueuedInput>();
        try
        {
            while (_queue.Take(ref inputs, Wait()))
            {
                if (_engine.NextDue is { } due && due <= _time.GetUtcNow().UtcDateTime)
                    Step(new QueuedInput(new TickInput(), default));
                foreach (var input in inputs) Step(input);
                inputs.Clear();
                Submit();
                _journal?.Advance();
            }
            _journal?.Close(withSnapshot: true);
            foreach (var callId in _calls.Keys) Refuse(callId);
            if (_journal?.Failure is { IsCompleted: true } failure)
                _ended.SetException(
                    new IOException($"The journal could not be written: {failure.Result.Message}", failure.Result));
            else _ended.SetResult();
        }
        catch (Exception e)
        {
            // A bug in the engine: its state cannot be relied on, so nothing more is answered.
            _queue.Close();
            _journal?.Close(withSnapshot: false);
            foreach (var reply in _replies) reply.Refuse();
            foreach (var callId in _calls.Keys) Refuse(callId);
            _ended.SetException(e);
        }
    }

    void Step(QueuedInput input)
    {
        // Never backwards: the times of read-only calls are not in the journal.
        var now = _time.GetUtcNow().UtcDateTime;
        if (now > _now) _now = now;
        if (input.Input.IsJournaled) _journal?.Append(input.Input, input.Bytes, _now);
        foreach (var reply in _engine.Step(input.Input, _now))
            if (_calls.TryRemove(reply.CallId, out var call)) _replies.Add(new ReadyReply(call, reply));
        if (++_stepped % StepsBetweenSubmits == 0) Submit();
    }

    void Submit()
    {
        if (_journal is not null) _journal.Submit(_replies);
        else foreach (var reply in _replies) reply.Release();
        _replies.Clear();
    }

    TimeSpan Wait()
    {
        if (_engine.NextDue is not { } due) return SleepMax;
        var wait = due - _time.GetUtcNow().UtcDateTime;
        if (wait <= TimeSpan.Zero) return TimeSpan.Zero;
        if (wait > SleepMax) return SleepMax;
        // Rounded up: a wake-up a moment too early would do nothing.
        return TimeSpan.FromMilliseconds(Math.Ceiling(wait.TotalMilliseconds));
    }

    void Refuse(long callId)
    {
        if (_calls.TryRemove(callId, out var call))
            call.TrySetResult(
                new Reply(callId, null, new ServiceError(StatusCode.Unavailable, "The server is shutting down.")));
    }
}
