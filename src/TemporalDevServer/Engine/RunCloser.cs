namespace TemporalDevServer.Engine;

/// <summary>A run ends, and what is bound to it: its workflow task, updates, queries and children.</summary>
sealed class Closing(
    EngineStep step, Runs runs, HistoryBuilder history, WorkflowTasks tasks, Updates updates, Queries queries,
    ParentEvents parents, CancelRequests cancels)
{
    public void Terminate(Run run, string reason, Payloads? details, string identity)
    {
        Interrupt(run);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionTerminated,
            WorkflowExecutionTerminatedEventAttributes = new()
            {
                Reason = reason,
                Details = details,
                Identity = identity,
            },
        });
        Close(run, WorkflowExecutionStatus.Terminated);
        parents.Notify(run, new HistoryEvent
        {
            EventType = EventType.ChildWorkflowExecutionTerminated,
            ChildWorkflowExecutionTerminatedEventAttributes = new(),
        });
    }

    // A worker that has the workflow task learns that it is over; what came meanwhile is in history.
    public void Interrupt(Run run)
    {
        if (run.Task is { StartedEventId: not 0 } task)
            tasks.WriteFailed(run, task, WorkflowTaskFailedCause.ForceCloseCommand, null, Server.Identity, "");
        run.State.WorkflowTask = null;
        history.Flush(run);
    }

    public void Close(Run run, WorkflowExecutionStatus status, string newRunId = "")
    {
        var state = run.State;
        state.Status = status;
        state.CloseTime = step.Now;
        state.WorkflowTask = null;
        state.NewRunId = newRunId;
        state.Activities.Clear();
        state.Timers.Clear();
        state.Externals.Clear();
        runs.Touch(run);
        updates.AbortAll(run);
        queries.Release(run);
        ApplyParentClosePolicies(run);
        state.Children.Clear();
    }

    // The run has ended: its children go with it or stay, as each was started.
    void ApplyParentClosePolicies(Run run)
    {
        // The next run of a chain inherits nothing: children answer to the run that started them.
        foreach (var child in run.State.Children.Values.ToArray())
        {
            if (child.ParentClosePolicy == ParentClosePolicy.Abandon) continue;
            step.Defer(() =>
            {
                if (runs.Current(run.Namespace, child.WorkflowId) is not { IsOpen: true } childRun) return;
                if (childRun.State.Parent?.RunId != run.RunId
                    || childRun.State.Parent.InitiatedEventId != child.InitiatedEventId)
                    return;
                if (child.ParentClosePolicy == ParentClosePolicy.Terminate)
                    Terminate(childRun, "by parent close policy", null, Server.Identity);
                else if (!childRun.State.CancelRequested)
                    cancels.Request(childRun, "", Server.Identity, "", run.Execution, 0);
            });
        }
    }
}
