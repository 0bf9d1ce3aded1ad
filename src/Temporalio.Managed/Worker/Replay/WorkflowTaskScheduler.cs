namespace Temporalio.Worker.Replay;

/// <summary>
/// Runs a workflow's tasks one after another on whichever thread activates the workflow, in the order they were queued.
/// That order is all the concurrency a workflow has, so it is the same on every replay.
/// </summary>
sealed class WorkflowTaskScheduler(WorkflowInstance instance) : TaskScheduler
{
    [ThreadStatic]
    static WorkflowTaskScheduler? activating;

    readonly Queue<Task> _tasks = new();
    int _thread;

    public WorkflowInstance Instance { get; } = instance;

    /// <summary>The scheduler whose workflow the calling thread runs; null: none.</summary>
    public static WorkflowTaskScheduler? Activating => activating;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Set when something outside the workflow tried to continue it: an await of a task that is not the workflow's own.</summary>
    public bool Trespassed { get; private set; }

    /// <summary>Whether tasks that the workflow's code hands to other schedulers are looked for.</summary>
    public bool Watched { get; set; } = true;

    /// <summary>Claims the scheduler for the calling thread while the workflow is activated.</summary>
    public void Enter()
    {
        _thread = Environment.CurrentManagedThreadId;
        activating = this;
    }

    public void Leave()
    {
        activating = null;
        _thread = 0;
    }

    /// <summary>Notes that the workflow's code has left, or is about to leave, the scheduler.</summary>
    public void Trespass()
    {
        if (Trespassed) return;
        // First, as what hears of it may schedule tasks itself.
        Trespassed = true;
        Instance.OnTrespass();
    }

    /// <summary>Runs what is queued, and what that queues, until nothing is left.</summary>
    public bool RunQueued()
    {
        var ran = false;
        while (_tasks.TryDequeue(out var task))
        {
            TryExecuteTask(task);
            ran = true;
        }
        return ran;
    }

    protected override void QueueTask(Task task)
    {
        if (_thread != Environment.CurrentManagedThreadId)
        {
            Trespass();
            return;
        }
        _tasks.Enqueue(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks.ToArray();
}
