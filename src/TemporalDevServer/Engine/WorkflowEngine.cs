namespace TemporalDevServer.Engine;

/// <summary>
/// Decides: an input and an instant in, replies out. No clock, socket, thread or randomness of its own, so that the
/// same inputs give the same state and the same replies, which is how a journal brings a server back. For one thread at
/// a time.
/// </summary>
sealed class WorkflowEngine
{
    readonly EngineParts _parts;

    WorkflowEngine(EngineParts parts) => _parts = parts;

    /// <param name="seed">Where its ids come from; the same seed and inputs give the same ids.</param>
    /// <param name="archive">Null: all histories stay in memory.</param>
    public static WorkflowEngine New(ulong seed, IHistoryArchive? archive = null)
    {
        var parts = new EngineParts(
            new EngineState { RandomState = seed, Now = DateTime.UnixEpoch.Ticks }, archive ?? new NoArchive());
        parts.State.ClusterId = parts.Ids.NewId();
        return new WorkflowEngine(parts);
    }

    /// <summary>The engine that <see cref="State"/> and <see cref="Runs"/> were taken from.</summary>
    public static WorkflowEngine Load(EngineState state, IEnumerable<RunState> runs, IHistoryArchive? archive = null)
    {
        var parts = new EngineParts(state, archive ?? new NoArchive());
        foreach (var run in runs)
        {
            var added = parts.Runs.Add(run, parts.Namespaces.ById(run.NamespaceId));
            parts.UpdateWaiters.Restore(added);
            parts.Queries.Restore(added);
            parts.Deadlines.Update(added);
        }
        parts.Runs.ClearTouched();
        return new WorkflowEngine(parts);
    }

    /// <summary>The state without its runs. To be read at once: the next step changes it.</summary>
    public EngineState State => _parts.State;

    /// <summary>All runs. To be read at once: the next step changes them.</summary>
    public IEnumerable<RunState> Runs => _parts.Runs.All.Select(run => run.State);

    /// <summary>
    /// A checksum of all steps so far: an engine that replays a journal and has another mark differs from the one that
    /// wrote it.
    /// </summary>
    public uint Mark
    {
        get
        {
            var state = _parts.State;
            var mixed = state.RandomState
                ^ (ulong)state.LastTaskId * 0x9E3779B97F4A7C15
                ^ (ulong)state.LastStamp * 0xC2B2AE3D27D4EB4F
                ^ (ulong)state.LastRunNumber * 0x165667B19E3779F9;
            return (uint)(mixed ^ mixed >> 32);
        }
    }

    /// <summary>
    /// The first events in memory of this run are in the archive now and leave memory. It changes where they are, not
    /// the state, so the journal does not record it.
    /// </summary>
    public void Archive(long runNumber, HistoryPart part)
    {
        // It may have been deleted while the archive was written.
        if (_parts.Runs.ByNumber(runNumber) is not { } run) return;
        run.State.History.RemoveRange(0, part.Events);
        run.State.Archived.Add(part);
    }

    /// <summary>When it wants a <see cref="TickInput"/>; null: not before another input.</summary>
    public DateTime? NextDue => _parts.Deadlines.Next is > 0 and var due ? new DateTime(due, DateTimeKind.Utc) : null;

    public int RunCount => _parts.Runs.Count;

    /// <summary>Replies are in the order in which they were decided. The list is valid until the next step.</summary>
    public IReadOnlyList<Reply> Step(EngineInput input, DateTime now)
    {
        _parts.Step.Begin(now);
        _parts.History.ClearReadCache();
        if (input.IsJournaled) RunDueWork();
        switch (input)
        {
            case CallInput call: Call(call); break;
            case ExpireInput expire: End(expire.CallId, answer: true); break;
            case AbandonInput abandon: End(abandon.CallId, answer: false); break;
            case RestartInput:
                _parts.Queues.ClearPolls();
                _parts.UpdateWaiters.Clear();
                _parts.Queries.Clear();
                break;
            case EnsureNamespaceInput ensure: _parts.Namespaces.Ensure(ensure.Name); break;
        }
        Settle();
        return _parts.Step.Replies;
    }

    void RunDueWork()
    {
        while (_parts.Deadlines.TakeDue() is { } run)
        {
            _parts.DueWork.RunFirst(run);
            Settle();
        }
        while (_parts.Deadlines.Surplus() is { } surplus) _parts.Terminations.Remove(surplus);
        _parts.Queues.RemoveUnused();
    }

    /// <summary>Runs deferred work, and updates what depends on the runs that changed.</summary>
    void Settle()
    {
        _parts.Step.RunDeferred();
        foreach (var run in _parts.Runs.Touched)
        {
            if (run.IsRemoved) continue;
            run.State.StateTransitions++;
            _parts.Deadlines.Update(run);
            _parts.HistoryReader.Wake(run);
        }
        _parts.Runs.ClearTouched();
    }

    void End(long callId, bool answer)
    {
        if (_parts.Queues.TakePoll(callId) is { } poll)
        {
            if (answer)
                _parts.Step.Answer(
                    callId,
                    poll.Queue.Activities ? new PollActivityTaskQueueResponse() : new PollWorkflowTaskQueueResponse());
            return;
        }
        _ = _parts.HistoryReader.Expire(callId, answer)
            || _parts.UpdateWaiters.Expire(callId, answer)
            || _parts.Queries.Expire(callId, answer);
    }

    void Call(CallInput call)
    {
        try
        {
            if (call.Call.Handler(_parts, call.CallId, call.Request) is { } message)
                _parts.Step.Answer(call.CallId, message);
        }
        catch (ServiceError error)
        {
            _parts.Step.Refuse(call.CallId, error);
        }
        catch (Exception e) when (!call.IsJournaled)
        {
            // A read has changed nothing, so the state is as good as before it. After a call that changes the state
            // nobody knows what was done and what was not: that ends the loop.
            _parts.Step.Refuse(call.CallId, ServiceError.Internal(call.Request, e));
        }
    }
}
