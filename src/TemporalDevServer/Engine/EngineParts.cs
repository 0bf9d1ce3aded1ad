namespace TemporalDevServer.Engine;

/// <summary>
/// The engine's parts, each built with those that it needs and no others: none knows one that stands below it here.
/// Read by <see cref="WorkflowEngine"/> and by <see cref="Calls"/>, which says which part answers which call; no part
/// sees it.
/// </summary>
sealed class EngineParts
{
    public EngineParts(EngineState state, IHistoryArchive archive)
    {
        State = state;
        Step = new(state);
        Ids = new(state);
        Runs = new();
        Namespaces = new(state, Ids, Runs);
        Operators = new(Namespaces);
        Visibility = new(Namespaces, Runs);
        Deadlines = new(state, Step, Runs, archive);
        History = new(Step, Ids, Runs, archive);
        Readers = new(Step, Namespaces, Runs, History);

        var taskStarter = new WorkflowTaskStarter(Step, Ids, Runs, History, Readers);
        var activityStarter = new ActivityStarter(Step, Ids, Runs, History);
        var starter = new TaskStarter(Runs, taskStarter, activityStarter, new QueryStarter(Step, Runs, Readers));
        Queues = new(state, Step, starter);
        Descriptions = new(Step, Namespaces, Runs, Queues);

        WorkflowTasks = new(Step, Ids, Namespaces, Runs, History, Queues);
        Queries = new(Step, Ids, Namespaces, Runs, Queues);
        Activities = new(Step, Ids, Namespaces, Runs, History, Queues, WorkflowTasks);
        ActivityReports = new(Step, Namespaces, Runs, Activities);
        UpdateWaiters = new(Step);
        Updates = new(Ids, Namespaces, Runs, History, WorkflowTasks, UpdateWaiters);
        CancelRequests = new(Namespaces, Runs, History, WorkflowTasks);
        var timers = new UserTimers(Step, History, WorkflowTasks);

        var creator = new RunCreator(Step, Ids, Runs, History);
        var parents = new ParentEvents(Step, Runs, History, WorkflowTasks);
        var closing = new Closing(Step, Runs, History, WorkflowTasks, Updates, Queries, parents, CancelRequests);
        var outcomes = new RunOutcomes(
            Step, Ids, History, closing, parents, new RunChains(History, creator, WorkflowTasks));
        Terminations = new(Namespaces, Runs, closing, Readers, Queries, Deadlines);
        Signals = new(Step, Namespaces, Runs, History, WorkflowTasks, closing);
        Starts = new(Namespaces, Runs, creator, WorkflowTasks, taskStarter, closing, Signals);
        MultiOperations = new(Namespaces, Runs, Starts, Updates);

        var children = new Children(Step, Ids, Runs, History, WorkflowTasks, closing, creator);
        var externals = new Externals(Step, Runs, History, WorkflowTasks, Signals, CancelRequests);
        var commands = new Commands(History, Activities, timers, children, externals, Updates, outcomes);
        Completions = new(Runs, History, WorkflowTasks, taskStarter, commands, Updates, Queries, closing);
        DueWork = new(Step, WorkflowTasks, timers, Activities, Queries, outcomes, Terminations);
    }

    public EngineState State { get; }
    public EngineStep Step { get; }
    public IdSource Ids { get; }
    public Runs Runs { get; }
    public NamespaceRegistry Namespaces { get; }
    public Operators Operators { get; }
    public Visibility Visibility { get; }
    public Deadlines Deadlines { get; }
    public HistoryBuilder History { get; }
    public HistoryReaders Readers { get; }
    public TaskQueues Queues { get; }
    public Descriptions Descriptions { get; }
    public WorkflowTasks WorkflowTasks { get; }
    public WorkflowTaskCompletions Completions { get; }
    public Queries Queries { get; }
    public Activities Activities { get; }
    public ActivityReports ActivityReports { get; }
    public UpdateWaiters UpdateWaiters { get; }
    public Updates Updates { get; }
    public CancelRequests CancelRequests { get; }
    public Terminations Terminations { get; }
    public Signals Signals { get; }
    public Starts Starts { get; }
    public MultiOperations MultiOperations { get; }
    public DueWork DueWork { get; }
}
