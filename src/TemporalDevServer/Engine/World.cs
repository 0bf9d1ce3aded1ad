using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using TemporalDevServer.Engine.State;

namespace TemporalDevServer.Engine;

/// <summary>
/// What the engine's parts share during a step: the state, the instant, chance, the replies given so far and the work that
/// one run leaves for another (a child to start, a parent to tell), which is done before the step ends.
/// </summary>
sealed class World
{
    readonly Queue<Action> _later = new();
    Timestamp _time = new();

    public World(EngineState state, IHistoryArchive? archive)
    {
        Archive = archive ?? new NoArchive();
        State = state;
        Chance = new Chance(state);
        Namespaces = new Namespaces(this);
        Runs = new Runs(this);
        History = new HistoryBuilder(this);
        Queues = new TaskQueues(this);
        WorkflowTasks = new WorkflowTasks(this);
        Completions = new WorkflowTaskCompletions(this);
        Commands = new Commands(this);
        Activities = new Activities(this);
        ActivityReports = new ActivityReports(this);
        Timers = new UserTimers(this);
        Children = new Children(this);
        Externals = new Externals(this);
        Updates = new Updates(this);
        MultiOperations = new MultiOperations(this);
        Queries = new Queries(this);
        Starts = new Starts(this);
        Closing = new Closing(this);
        Signals = new Signals(this);
        Readers = new HistoryReaders(this);
        Descriptions = new Descriptions(this);
        Visibility = new Visibility(this);
        Operators = new Operators(this);
        Deadlines = new Deadlines(this);
    }

    public EngineState State { get; }
    public IHistoryArchive Archive { get; }
    public Chance Chance { get; }
    public Namespaces Namespaces { get; }
    public Runs Runs { get; }
    public HistoryBuilder History { get; }
    public TaskQueues Queues { get; }
    public WorkflowTasks WorkflowTasks { get; }
    public WorkflowTaskCompletions Completions { get; }
    public Commands Commands { get; }
    public Activities Activities { get; }
    public ActivityReports ActivityReports { get; }
    public UserTimers Timers { get; }
    public Children Children { get; }
    public Externals Externals { get; }
    public Updates Updates { get; }
    public MultiOperations MultiOperations { get; }
    public Queries Queries { get; }
    public Starts Starts { get; }
    public Closing Closing { get; }
    public Signals Signals { get; }
    public HistoryReaders Readers { get; }
    public Descriptions Descriptions { get; }
    public Visibility Visibility { get; }
    public Operators Operators { get; }
    public Deadlines Deadlines { get; }

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
