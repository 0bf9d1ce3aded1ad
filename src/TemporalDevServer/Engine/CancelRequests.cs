namespace TemporalDevServer.Engine;

/// <summary>Requests to cancel: from clients and from other workflows.</summary>
sealed class CancelRequests(NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks)
{
    public RequestCancelWorkflowExecutionResponse Request(RequestCancelWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        var run = runs.Get(ns, request.WorkflowExecution);
        RunIndex.CheckFirstRun(run, request.FirstExecutionRunId);
        if (!run.IsOpen) throw ServiceError.Completed();
        // A second request changes nothing.
        if (!run.State.CancelRequested) Request(run, request.Reason, request.Identity, request.RequestId, null, 0);
        return new();
    }

    public void Request(
        Run run, string cause, string identity, string requestId, WorkflowExecution? external, long initiatedEventId)
    {
        run.State.CancelRequested = true;
        run.State.CancelRequestId = requestId;
        history.AddExternal(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionCancelRequested,
            WorkflowExecutionCancelRequestedEventAttributes = new()
            {
                Cause = cause,
                ExternalInitiatedEventId = initiatedEventId,
                ExternalWorkflowExecution = external,
                Identity = identity,
            },
        });
        tasks.Schedule(run);
    }
}
