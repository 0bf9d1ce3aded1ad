namespace Temporalio.Worker.Replay;

/// <summary>
/// Runs a workflow's tasks one after another on whichever thread activates the workflow, in the order they were queued.
/// That order is all the concurrency a workflow has, so it is the same on every replay.
/// </summary>
sealed class WorkflowTaskScheduler(WorkflowInstance instance) : TaskScheduler
{
    readonly Queue<Task> _tasks = new();
    int _thread;

    public WorkflowInstance Instance { get; } = instance;

    public override int MaximumConcurrencyLevel => 1;

    /// <summary>Set when something outside the workflow tried to continue it: an await of a task that is not the workflow's own.</summary>
    public bool Trespassed { get; private set; }

    /// <summary>Claims the scheduler for the calling thread while the workflow is activated.</summary>
    public void Enter() => _thread = Environment.CurrentManagedThreadId;

    public void Leave() => _thread = 0;

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
            if (!Trespassed) Instance.OnTrespass();
            Trespassed = true;
            return;
        }
        _tasks.Enqueue(task);
    }

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) => false;

    protected override IEnumerable<Task> GetScheduledTasks() => _tasks.ToArray();
}
