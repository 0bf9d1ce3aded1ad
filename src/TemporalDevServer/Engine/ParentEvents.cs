namespace TemporalDevServer.Engine;

/// <summary>Tells a parent how its child ended.</summary>
sealed class ParentEvents(EngineStep step, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks)
{
    /// <summary>The run has ended: its parent, if it has one that still waits, gets the event.</summary>
    public void Notify(Run run, HistoryEvent e)
    {
        if (run.State.Parent is not { } parent) return;
        step.Defer(() =>
        {
            if (runs.Find(run.Namespace, parent.WorkflowId, parent.RunId) is not { IsOpen: true } parentRun) return;
            if (!parentRun.State.Children.TryGetValue(parent.InitiatedEventId, out var child)) return;
            Complete(e, run, child);
            parentRun.State.Children.Remove(parent.InitiatedEventId);
            history.AddExternal(parentRun, e);
            tasks.Schedule(parentRun);
        });
    }

    // The execution is the run that ended: the last of the child's chain of runs.
    static void Complete(HistoryEvent e, Run run, ChildState child)
    {
        switch (e)
        {
            case { ChildWorkflowExecutionCompletedEventAttributes: { } end }:
                (end.Namespace, end.NamespaceId) = (run.Namespace.Name, run.Namespace.Id);
                (end.WorkflowExecution, end.WorkflowType) = (run.Execution, run.Type);
                (end.InitiatedEventId, end.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case { ChildWorkflowExecutionFailedEventAttributes: { } end }:
                (end.Namespace, end.NamespaceId) = (run.Namespace.Name, run.Namespace.Id);
                (end.WorkflowExecution, end.WorkflowType) = (run.Execution, run.Type);
                (end.InitiatedEventId, end.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case { ChildWorkflowExecutionCanceledEventAttributes: { } end }:
                (end.Namespace, end.NamespaceId) = (run.Namespace.Name, run.Namespace.Id);
                (end.WorkflowExecution, end.WorkflowType) = (run.Execution, run.Type);
                (end.InitiatedEventId, end.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case { ChildWorkflowExecutionTimedOutEventAttributes: { } end }:
                (end.Namespace, end.NamespaceId) = (run.Namespace.Name, run.Namespace.Id);
                (end.WorkflowExecution, end.WorkflowType) = (run.Execution, run.Type);
                (end.InitiatedEventId, end.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case { ChildWorkflowExecutionTerminatedEventAttributes: { } end }:
                (end.Namespace, end.NamespaceId) = (run.Namespace.Name, run.Namespace.Id);
                (end.WorkflowExecution, end.WorkflowType) = (run.Execution, run.Type);
                (end.InitiatedEventId, end.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
        }
    }
}
