namespace TemporalDevServer.Engine;

/// <summary>
/// Decides: an input and an instant in, replies out. No clock, socket, thread or chance of its own, so that the same inputs
/// give the same state and the same replies, which is how a journal brings a server back. For one thread at a time.
/// </summary>
sealed class WorkflowEngine
{
    readonly World _world;

    WorkflowEngine(World world) => _world = world;

    /// <param name="seed">Where its ids come from; the same seed and inputs give the same ids.</param>
    /// <param name="archive">Null: all histories stay in memory.</param>
    public static WorkflowEngine New(ulong seed, IHistoryArchive? archive = null)
    {
        var world = new World(new EngineState { Chance = seed, Now = DateTime.UnixEpoch.Ticks }, archive);
        world.State.ClusterId = world.Chance.NextId();
        return new WorkflowEngine(world);
    }

    /// <summary>The engine that <see cref="State"/> and <see cref="Runs"/> were taken from.</summary>
    public static WorkflowEngine Load(EngineState state, IEnumerable<RunState> runs, IHistoryArchive? archive = null)
    {
        var world = new World(state, archive);
        foreach (var run in runs)
        {
            var added = world.Runs.Add(run, world.Namespaces.ById(run.NamespaceId));
            world.Updates.Remember(added);
            world.Queries.Remember(added);
            world.Deadlines.Update(added);
        }
        world.Runs.ForgetTouched();
        return new WorkflowEngine(world);
    }

    /// <summary>All that it knows, but for its runs. To be read, not to be kept.</summary>
    public EngineState State => _world.State;

    /// <summary>All runs. To be read, not to be kept.</summary>
    public IEnumerable<RunState> Runs => _world.Runs.All.Select(run => run.State);

    /// <summary>
    /// Depends on what was stepped so far: an engine that reads a journal again and has another one is not the engine that
    /// wrote it.
    /// </summary>
    public uint Mark
    {
        get
        {
            var state = _world.State;
            var mixed = state.Chance ^ (ulong)state.LastTaskId * 0x9E3779B97F4A7C15 ^ (ulong)state.LastStamp * 0xC2B2AE3D27D4EB4F ^ (ulong)state.LastRunNumber * 0x165667B19E3779F9;
            return (uint)(mixed ^ mixed >> 32);
        }
    }

    /// <summary>
    /// The first events in memory of this run are in the archive now and leave memory. Changes where they are, not what the
    /// engine knows, so that no journal tells of it.
    /// </summary>
    public void Archive(long runNumber, HistoryPart part)
    {
        // It may have been deleted while the archive was written.
        if (_world.Runs.ByNumber(runNumber) is not { } run) return;
        run.State.History.RemoveRange(0, part.Events);
        run.State.Archived.Add(part);
    }

    /// <summary>When it wants a <see cref="TickInput"/>; null: not before another input.</summary>
    public DateTime? NextDue => _world.Deadlines.Next is > 0 and var due ? new DateTime(due, DateTimeKind.Utc) : null;

    public int RunCount => _world.Runs.Count;

    /// <summary>Replies are in the order in which they were decided. The list is valid until the next step.</summary>
    public IReadOnlyList<Reply> Step(EngineInput input, DateTime now)
    {
        _world.Begin(now);
        if (input.IsKept) FireWhatIsDue();
        switch (input)
        {
            case CallInput call: Call(call); break;
            case ExpireInput expire: End(expire.CallId, answer: true); break;
            case AbandonInput abandon: End(abandon.CallId, answer: false); break;
            case RestartInput:
                _world.Queues.ForgetPolls();
                _world.Updates.ForgetWaiters();
                _world.Queries.ForgetAll();
                break;
            case EnsureNamespaceInput ensure: _world.Namespaces.Ensure(ensure.Name); break;
        }
        Settle();
        return _world.Replies;
    }

    void FireWhatIsDue()
    {
        while (_world.Deadlines.TakeDue() is { } run)
        {
            _world.Deadlines.Fire(run);
            Settle();
        }
        while (_world.Deadlines.Surplus() is { } surplus) _world.Closing.Remove(surplus);
        _world.Queues.KeepHouse();
    }

    /// <summary>Work left for other runs is done, and every run that changed is looked at.</summary>
    void Settle()
    {
        _world.DoWhatIsLeft();
        foreach (var run in _world.Runs.Touched)
        {
            if (run.IsForgotten) continue;
            run.State.StateTransitions++;
            _world.Deadlines.Update(run);
            _world.Readers.Wake(run);
        }
        _world.Runs.ForgetTouched();
    }

    void End(long callId, bool answer)
    {
        if (_world.Queues.TakePoll(callId) is { } poll)
        {
            if (answer) _world.Answer(callId, poll.Queue.Activities ? new PollActivityTaskQueueResponse() : new PollWorkflowTaskQueueResponse());
            return;
        }
        _ = _world.Readers.Expire(callId, answer) || _world.Updates.Expire(callId, answer) || _world.Queries.Expire(callId, answer);
    }

    void Call(CallInput call)
    {
        try
        {
            if (call.Call.Answer(_world, call.CallId, call.Request) is { } message) _world.Answer(call.CallId, message);
        }
        catch (ServiceError error)
        {
            _world.Refuse(call.CallId, error);
        }
    }
}
