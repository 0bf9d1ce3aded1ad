namespace TemporalDevServer.Engine;

/// <summary>Signals: from clients and from other workflows.</summary>
sealed class WorkflowSignals(
    EngineStep step, NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks,
    RunCloser closer)
{
    const int RequestIdsKept = 1000;

    public SignalWorkflowExecutionResponse Signal(SignalWorkflowExecutionRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        Check(request.SignalName, request.RequestId, request.Input);
        var run = runs.GetOpen(ns, request.WorkflowExecution);
        if (!IsRepeated(run, request.RequestId))
            Add(run, request.SignalName, request.Input, request.Header, request.Identity, null, request.RequestId);
        return new();
    }

    public static void Check(string name, string requestId, Payloads? input)
    {
        if (name.Length == 0) throw ServiceError.Invalid("SignalName is not set on request.");
        Limits.CheckId("SignalName", name);
        Limits.CheckId("RequestId", requestId);
        Limits.CheckSize("SignalWorkflowExecutionRequest.Input", input);
    }

    /// <summary>Whether this request was taken before.</summary>
    public static bool IsRepeated(Run run, string requestId) =>
        requestId.Length > 0 && run.State.SignalRequestIds.Contains(requestId);

    /// <param name="external">The workflow that sent it; null: a client.</param>
    /// <param name="requestId">Deduplicates the signal; empty: no deduplication.</param>
    public void Add(
        Run run, string name, Payloads? input, Header? header, string identity, WorkflowExecution? external,
        string requestId)
    {
        if (run.State.SignalCount >= Limits.SignalsMax)
            throw ServiceError.Invalid("exceeded workflow execution limit for signal events");
        run.State.SignalCount++;
        if (requestId.Length > 0) run.State.SignalRequestIds.Add(requestId);
        if (run.State.SignalRequestIds.Count > RequestIdsKept) run.State.SignalRequestIds.RemoveAt(0);
        history.AddExternal(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionSignaled,
            WorkflowExecutionSignaledEventAttributes = new()
            {
                SignalName = name,
                Input = input,
                Identity = identity,
                Header = header,
                ExternalWorkflowExecution = external,
            },
        });
        // A workflow without workers would grow without end.
        if (Limits.IsExceeded(run.State)) step.Defer(() => EndIfOpen(run));
        else tasks.Schedule(run);
    }

    void EndIfOpen(Run run)
    {
        if (run.IsOpen) closer.Terminate(run, Limits.HistoryExceeded, null, ServerInfo.Identity);
    }
}
