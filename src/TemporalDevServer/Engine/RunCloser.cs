namespace TemporalDevServer.Engine;

/// <summary>A run ends, and what is bound to it: its workflow task, updates, queries and children.</summary>
sealed class RunCloser(
    EngineStep step, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks, WorkflowUpdates updates,
    WorkflowQueries queries, ParentEvents parents, CancelRequests cancels)
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

    /// <summary>Fails a started workflow task, and writes buffered events.</summary>
    public void Interrupt(Run run)
    {
        if (run.Task is { StartedEventId: not 0 } task)
            tasks.WriteFailed(run, task, WorkflowTaskFailedCause.ForceCloseCommand, null, ServerInfo.Identity, "");
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

    // Children are terminated, cancelled or left, as each was started.
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
                    Terminate(childRun, "by parent close policy", null, ServerInfo.Identity);
                else if (!childRun.State.CancelRequested)
                    cancels.Request(childRun, "", ServerInfo.Identity, "", run.Execution, 0);
            });
        }
    }
}
