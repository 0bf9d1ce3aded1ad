using Google.Protobuf.WellKnownTypes;

namespace TemporalDevServer.Engine;

/// <summary>
/// What the engine's parts share during a step: the state, the instant, chance, the replies given so far and the work that
/// one run leaves for another (a child to start, a parent to tell), which is done before the step ends.
/// </summary>
sealed class World(EngineState state, IHistoryArchive? archive)
{
    readonly Queue<Action> _later = new();
    Timestamp _time = new();

    public EngineState State { get; } = state;
    public IHistoryArchive Archive { get; } = archive ?? new NoArchive();
    public Chance Chance { get; } = new(state);
    public Namespaces Namespaces => field ??= new(this);
    public Runs Runs => field ??= new(this);
    public HistoryBuilder History => field ??= new(this);
    public TaskQueues Queues => field ??= new(this);
    public WorkflowTasks WorkflowTasks => field ??= new(this);
    public WorkflowTaskCompletions Completions => field ??= new(this);
    public Commands Commands => field ??= new(this);
    public Activities Activities => field ??= new(this);
    public ActivityReports ActivityReports => field ??= new(this);
    public UserTimers Timers => field ??= new(this);
    public Children Children => field ??= new(this);
    public Externals Externals => field ??= new(this);
    public Updates Updates => field ??= new(this);
    public MultiOperations MultiOperations => field ??= new(this);
    public Queries Queries => field ??= new(this);
    public Starts Starts => field ??= new(this);
    public Closing Closing => field ??= new(this);
    public Signals Signals => field ??= new(this);
    public HistoryReaders Readers => field ??= new(this);
    public Descriptions Descriptions => field ??= new(this);
    public Visibility Visibility => field ??= new(this);
    public Operators Operators => field ??= new(this);
    public Deadlines Deadlines => field ??= new(this);

    public List<Reply> Replies { get; } = [];

    /// <summary>The instant of this step, in ticks.</summary>
    public long Now => State.Now;

    /// <summary>The instant of this step as messages carry it.</summary>
    public Timestamp Time => _time;

    public void Begin(DateTime now)
    {
        // Time never runs backwards here, whatever the machine's clock does.
        State.Now = Math.Max(State.Now, now.Ticks);
        _time = Ticks.ToTimestamp(State.Now);
        Replies.Clear();
        History.ForgetRead();
    }

    public void Answer(long callId, IMessage message) => Replies.Add(new Reply(callId, message, null));
    public void Refuse(long callId, ServiceError error) => Replies.Add(new Reply(callId, null, error));

    /// <summary>A number that no other task, attempt or query of this server has.</summary>
    public long NextStamp() => ++State.LastStamp;

    /// <summary>Leaves work for the end of the step.</summary>
    public void Later(Action work) => _later.Enqueue(work);

    public void DoWhatIsLeft()
    {
        while (_later.TryDequeue(out var work)) work();
    }
}
