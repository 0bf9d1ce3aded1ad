namespace TemporalDevServer.Engine;

/// <summary>Hands a task of a queue to the poll that is to have it.</summary>
sealed class TaskStarter(
    RunIndex runs, WorkflowTaskStarter workflowTasks, ActivityStarter activities, QueryStarter queries)
{
    /// <summary>False when the task is void.</summary>
    public bool TryStart(TaskQueueState queue, TaskState task, PollerState poller)
    {
        if (runs.ByNumber(task.RunNumber) is not { } run) return false;
        if (queue.Activities) return activities.TryStart(run, task, poller);
        return task.QueryId.Length > 0
            ? queries.TryStart(run, task, queue, poller)
            : workflowTasks.TryStart(run, task, queue, poller);
    }
}
