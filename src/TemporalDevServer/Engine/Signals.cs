using Temporalio.Api.ErrorDetails.V1;

namespace TemporalDevServer.Engine;

/// <summary>Signals and requests to cancel: from clients and from other workflows.</summary>
sealed class Signals(World world)
{
    const int RequestIdsKept = 1000;

    public SignalWorkflowExecutionResponse Signal(SignalWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        Check(request.SignalName, request.RequestId, request.Input);
        var run = world.Runs.GetOpen(ns, request.WorkflowExecution);
        if (!IsRepeated(run, request.RequestId)) Add(run, request.SignalName, request.Input, request.Header, request.Identity, null, request.RequestId);
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
    public static bool IsRepeated(Run run, string requestId) => requestId.Length > 0 && run.State.SignalRequestIds.Contains(requestId);

    /// <param name="external">The workflow that sent it; null: a client.</param>
    /// <param name="requestId">A repetition is known by it; empty: none will be.</param>
    public void Add(Run run, string name, Payloads? input, Header? header, string identity, WorkflowExecution? external, string requestId)
    {
        if (run.State.SignalCount >= Limits.SignalsMax)
            throw ServiceError.Invalid("exceeded workflow execution limit for signal events");
        run.State.SignalCount++;
        if (requestId.Length > 0) run.State.SignalRequestIds.Add(requestId);
        if (run.State.SignalRequestIds.Count > RequestIdsKept) run.State.SignalRequestIds.RemoveAt(0);
        world.History.AddFromOutside(run, new HistoryEvent
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
        // A workflow that nobody works at would grow without end.
        if (Limits.IsExceeded(run.State)) world.Later(() => EndIfOpen(run));
        else world.WorkflowTasks.Schedule(run);
    }

    void EndIfOpen(Run run)
    {
        if (run.IsOpen) world.Closing.Terminate(run, Limits.HistoryExceeded, null, Server.Identity);
    }

    public RequestCancelWorkflowExecutionResponse RequestCancel(RequestCancelWorkflowExecutionRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        var run = world.Runs.Get(ns, request.WorkflowExecution);
        CheckFirstRun(run, request.FirstExecutionRunId);
        if (!run.IsOpen) throw ServiceError.Completed();
        // Asked once is asked; whoever asks again learns nothing new.
        if (!run.State.CancelRequested) Cancel(run, request.Reason, request.Identity, request.RequestId, null, 0);
        return new();
    }

    public void Cancel(Run run, string cause, string identity, string requestId, WorkflowExecution? external, long initiatedEventId)
    {
        run.State.CancelRequested = true;
        run.State.CancelRequestId = requestId;
        world.History.AddFromOutside(run, new HistoryEvent
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
        world.WorkflowTasks.Schedule(run);
    }

    /// <summary>A request may say which chain of runs it means.</summary>
    public static void CheckFirstRun(Run run, string firstRunId)
    {
        if (firstRunId.Length > 0 && run.State.FirstRunId != firstRunId) throw ServiceError.NoWorkflow(run.WorkflowId);
    }
}
