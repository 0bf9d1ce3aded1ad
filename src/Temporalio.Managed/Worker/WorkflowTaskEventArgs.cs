using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>Which workflow an event of <see cref="TemporalWorkerOptions"/> is about.</summary>
public abstract class WorkflowTaskEventArgs : EventArgs
{
    readonly WorkflowInstance _instance;

    internal WorkflowTaskEventArgs(WorkflowInstance instance) => _instance = instance;

    public WorkflowInfo WorkflowInfo => _instance.Info;

    public WorkflowDefinition WorkflowDefinition => _instance.Definition;
}

/// <inheritdoc cref="TemporalWorkerOptions.WorkflowTaskStarting"/>
public class WorkflowTaskStartingEventArgs : WorkflowTaskEventArgs
{
    internal WorkflowTaskStartingEventArgs(WorkflowInstance instance) : base(instance)
    {
    }
}

/// <inheritdoc cref="TemporalWorkerOptions.WorkflowTaskCompleted"/>
public class WorkflowTaskCompletedEventArgs : WorkflowTaskEventArgs
{
    internal WorkflowTaskCompletedEventArgs(WorkflowInstance instance, Exception? taskFailureException) : base(instance) =>
        TaskFailureException = taskFailureException;

    /// <summary>What fails the task; null when it does not fail. A workflow's own failure is no failure of its task.</summary>
    public Exception? TaskFailureException { get; }
}

/// <summary>Tells handlers of activations, replayed ones too. What they throw fails the workflow task.</summary>
sealed class WorkflowTaskListeners(EventHandler<WorkflowTaskStartingEventArgs>? starting, EventHandler<WorkflowTaskCompletedEventArgs>? completed)
{
    /// <returns>Null when nobody listens.</returns>
    public static WorkflowTaskListeners? Of(EventHandler<WorkflowTaskStartingEventArgs>? starting, EventHandler<WorkflowTaskCompletedEventArgs>? completed) =>
        starting == null && completed == null ? null : new(starting, completed);

    public void OnTaskStarting(WorkflowInstance instance) => starting?.Invoke(instance, new(instance));

    public void OnTaskCompleted(WorkflowInstance instance, Exception? failure) => completed?.Invoke(instance, new(instance, failure));
}
