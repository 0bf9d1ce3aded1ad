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
        SearchAttributes = new(Namespaces);
        Visibility = new(Namespaces, Runs);
        Deadlines = new(state, Step, Runs, archive);
        History = new(Step, Ids, Runs, archive);
        HistoryReader = new(Step, Namespaces, Runs, History);

        var taskStarter = new WorkflowTaskStarter(Step, Ids, Runs, History, HistoryReader);
        var activityStarter = new ActivityStarter(Step, Ids, Runs, History);
        var starter = new TaskStarter(Runs, taskStarter, activityStarter, new QueryStarter(Step, Runs, HistoryReader));
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
        var closer = new RunCloser(Step, Runs, History, WorkflowTasks, Updates, Queries, parents, CancelRequests);
        var outcomes = new RunOutcomes(
            Step, Ids, History, closer, parents, new RunChains(History, creator, WorkflowTasks));
        Terminations = new(Namespaces, Runs, closer, HistoryReader, Queries, Deadlines);
        Signals = new(Step, Namespaces, Runs, History, WorkflowTasks, closer);
        Starts = new(Namespaces, Runs, creator, WorkflowTasks, taskStarter, closer, Signals);
        MultiOperations = new(Namespaces, Runs, Starts, Updates);

        var children = new ChildWorkflows(Step, Ids, Runs, History, WorkflowTasks, closer, creator);
        var externals = new ExternalWorkflows(Step, Runs, History, WorkflowTasks, Signals, CancelRequests);
        var commands = new CommandHandler(History, Activities, timers, children, externals, Updates, outcomes);
        Completions = new(Runs, History, WorkflowTasks, taskStarter, commands, Updates, Queries, closer);
        DueWork = new(Step, WorkflowTasks, timers, Activities, Queries, outcomes, Terminations);
    }

    public EngineState State { get; }
    public EngineStep Step { get; }
    public IdSource Ids { get; }
    public RunIndex Runs { get; }
    public NamespaceRegistry Namespaces { get; }
    public SearchAttributeRegistry SearchAttributes { get; }
    public Visibility Visibility { get; }
    public Deadlines Deadlines { get; }
    public HistoryBuilder History { get; }
    public HistoryReader HistoryReader { get; }
    public TaskQueues Queues { get; }
    public Descriptions Descriptions { get; }
    public WorkflowTasks WorkflowTasks { get; }
    public WorkflowTaskCompletions Completions { get; }
    public WorkflowQueries Queries { get; }
    public ActivityTasks Activities { get; }
    public ActivityReports ActivityReports { get; }
    public UpdateWaiters UpdateWaiters { get; }
    public WorkflowUpdates Updates { get; }
    public CancelRequests CancelRequests { get; }
    public Terminations Terminations { get; }
    public WorkflowSignals Signals { get; }
    public WorkflowStarts Starts { get; }
    public MultiOperations MultiOperations { get; }
    public DueWork DueWork { get; }
}
