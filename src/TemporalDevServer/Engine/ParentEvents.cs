namespace TemporalDevServer.Engine;

/// <summary>Tells a parent how its child ended.</summary>
sealed class ParentEvents(EngineStep step, Runs runs, HistoryBuilder history, WorkflowTasks tasks)
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
            history.AddFromOutside(parentRun, e);
            tasks.Schedule(parentRun);
        });
    }

    static void Complete(HistoryEvent e, Run run, ChildState child)
    {
        // The child's own name is that of the run which ended; a chain of retries may lie between it and the first.
        var (ns, id, execution, type) = (run.Namespace.Name, run.Namespace.Id, run.Execution, run.Type);
        switch (e.EventType)
        {
            case EventType.ChildWorkflowExecutionCompleted:
                var completed = e.ChildWorkflowExecutionCompletedEventAttributes;
                (completed.Namespace, completed.NamespaceId, completed.WorkflowExecution, completed.WorkflowType) = (ns, id, execution, type);
                (completed.InitiatedEventId, completed.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionFailed:
                var failed = e.ChildWorkflowExecutionFailedEventAttributes;
                (failed.Namespace, failed.NamespaceId, failed.WorkflowExecution, failed.WorkflowType) = (ns, id, execution, type);
                (failed.InitiatedEventId, failed.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionCanceled:
                var canceled = e.ChildWorkflowExecutionCanceledEventAttributes;
                (canceled.Namespace, canceled.NamespaceId, canceled.WorkflowExecution, canceled.WorkflowType) = (ns, id, execution, type);
                (canceled.InitiatedEventId, canceled.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionTimedOut:
                var timedOut = e.ChildWorkflowExecutionTimedOutEventAttributes;
                (timedOut.Namespace, timedOut.NamespaceId, timedOut.WorkflowExecution, timedOut.WorkflowType) = (ns, id, execution, type);
                (timedOut.InitiatedEventId, timedOut.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
            case EventType.ChildWorkflowExecutionTerminated:
                var terminated = e.ChildWorkflowExecutionTerminatedEventAttributes;
                (terminated.Namespace, terminated.NamespaceId, terminated.WorkflowExecution, terminated.WorkflowType) = (ns, id, execution, type);
                (terminated.InitiatedEventId, terminated.StartedEventId) = (child.InitiatedEventId, child.StartedEventId);
                break;
        }
    }
}
