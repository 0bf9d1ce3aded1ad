using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>A workflow signals or cancels another one.</summary>
sealed class ExternalWorkflows(
    EngineStep step, RunIndex runs, HistoryBuilder history, WorkflowTasks tasks, WorkflowSignals signals,
    CancelRequests cancels)
{
    public void Signal(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.SignalExternalWorkflowExecutionCommandAttributes;
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.SignalExternalWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            SignalExternalWorkflowExecutionInitiatedEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Namespace = attributes.Namespace,
                NamespaceId = run.Namespace.Id,
                WorkflowExecution = attributes.Execution,
                SignalName = attributes.SignalName,
                Input = attributes.Input,
                Control = attributes.Control,
                ChildWorkflowOnly = attributes.ChildWorkflowOnly,
                Header = attributes.Header,
            },
        });
        run.State.Externals.Add(e.EventId, new ExternalState { InitiatedEventId = e.EventId });
        step.Defer(() => Deliver(run, e.EventId, attributes));
    }

    public void Cancel(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.RequestCancelExternalWorkflowExecutionCommandAttributes;
        var execution = new WorkflowExecution { WorkflowId = attributes.WorkflowId, RunId = attributes.RunId };
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.RequestCancelExternalWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            RequestCancelExternalWorkflowExecutionInitiatedEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Namespace = attributes.Namespace,
                NamespaceId = run.Namespace.Id,
                WorkflowExecution = execution,
                Control = attributes.Control,
                ChildWorkflowOnly = attributes.ChildWorkflowOnly,
                Reason = attributes.Reason,
            },
        });
        run.State.Externals.Add(e.EventId, new ExternalState { InitiatedEventId = e.EventId, Cancel = true });
        step.Defer(() => Deliver(run, e.EventId, execution, attributes));
    }

    void Deliver(Run run, long initiated, SignalExternalWorkflowExecutionCommandAttributes attributes)
    {
        var target = Target(run, attributes.Execution, attributes.ChildWorkflowOnly);
        var failed = SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound;
        if (target is { State.SignalCount: >= Limits.SignalsMax })
        {
            target = null;
            failed = SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded;
        }
        if (target is not null)
            signals.Add(
                target, attributes.SignalName, attributes.Input, attributes.Header, ServerInfo.Identity, run.Execution,
                "");
        Hears(run, initiated, target is not null
            ? new HistoryEvent
            {
                EventType = EventType.ExternalWorkflowExecutionSignaled,
                ExternalWorkflowExecutionSignaledEventAttributes = new()
                {
                    InitiatedEventId = initiated,
                    Namespace = run.Namespace.Name,
                    NamespaceId = run.Namespace.Id,
                    WorkflowExecution = attributes.Execution,
                    Control = attributes.Control,
                },
            }
            : new HistoryEvent
            {
                EventType = EventType.SignalExternalWorkflowExecutionFailed,
                SignalExternalWorkflowExecutionFailedEventAttributes = new()
                {
                    Cause = failed,
                    Namespace = run.Namespace.Name,
                    NamespaceId = run.Namespace.Id,
                    WorkflowExecution = attributes.Execution,
                    InitiatedEventId = initiated,
                    Control = attributes.Control,
                },
            });
    }

    void Deliver(
        Run run, long initiated, WorkflowExecution execution,
        RequestCancelExternalWorkflowExecutionCommandAttributes attributes)
    {
        var target = Target(run, execution, attributes.ChildWorkflowOnly);
        if (target is { State.CancelRequested: false })
            cancels.Request(target, attributes.Reason, ServerInfo.Identity, "", run.Execution, initiated);
        Hears(run, initiated, target is not null
            ? new HistoryEvent
            {
                EventType = EventType.ExternalWorkflowExecutionCancelRequested,
                ExternalWorkflowExecutionCancelRequestedEventAttributes = new()
                {
                    InitiatedEventId = initiated,
                    Namespace = run.Namespace.Name,
                    NamespaceId = run.Namespace.Id,
                    WorkflowExecution = execution,
                },
            }
            : new HistoryEvent
            {
                EventType = EventType.RequestCancelExternalWorkflowExecutionFailed,
                RequestCancelExternalWorkflowExecutionFailedEventAttributes = new()
                {
                    Cause = CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound,
                    Namespace = run.Namespace.Name,
                    NamespaceId = run.Namespace.Id,
                    WorkflowExecution = execution,
                    InitiatedEventId = initiated,
                    Control = attributes.Control,
                },
            });
    }

    Run? Target(Run run, WorkflowExecution execution, bool childOnly)
    {
        if (runs.Find(run.Namespace, execution.WorkflowId, execution.RunId) is not { IsOpen: true } target) return null;
        var isChild = target.State.Parent?.WorkflowId == run.WorkflowId && target.State.Parent.RunId == run.RunId;
        return isChild || !childOnly ? target : null;
    }

    void Hears(Run run, long initiated, HistoryEvent e)
    {
        if (!run.IsOpen || !run.State.Externals.Remove(initiated)) return;
        history.AddExternal(run, e);
        tasks.Schedule(run);
    }
}
