using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>A workflow signals or cancels another one.</summary>
sealed class Externals(
    EngineStep step, Runs runs, HistoryBuilder history, WorkflowTasks tasks, Signals signals, CancelRequests cancels)
{
    public void Signal(Run run, Command command, CommandEffects effects)
    {
        var asked = command.SignalExternalWorkflowExecutionCommandAttributes;
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.SignalExternalWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            SignalExternalWorkflowExecutionInitiatedEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Namespace = asked.Namespace,
                NamespaceId = run.Namespace.Id,
                WorkflowExecution = asked.Execution,
                SignalName = asked.SignalName,
                Input = asked.Input,
                Control = asked.Control,
                ChildWorkflowOnly = asked.ChildWorkflowOnly,
                Header = asked.Header,
            },
        });
        run.State.Externals.Add(e.EventId, new ExternalState { InitiatedEventId = e.EventId });
        step.Defer(() => Deliver(run, e.EventId, asked));
    }

    public void Cancel(Run run, Command command, CommandEffects effects)
    {
        var asked = command.RequestCancelExternalWorkflowExecutionCommandAttributes;
        var execution = new WorkflowExecution { WorkflowId = asked.WorkflowId, RunId = asked.RunId };
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.RequestCancelExternalWorkflowExecutionInitiated,
            UserMetadata = command.UserMetadata,
            RequestCancelExternalWorkflowExecutionInitiatedEventAttributes = new()
            {
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Namespace = asked.Namespace,
                NamespaceId = run.Namespace.Id,
                WorkflowExecution = execution,
                Control = asked.Control,
                ChildWorkflowOnly = asked.ChildWorkflowOnly,
                Reason = asked.Reason,
            },
        });
        run.State.Externals.Add(e.EventId, new ExternalState { InitiatedEventId = e.EventId, Cancel = true });
        step.Defer(() => Deliver(run, e.EventId, execution, asked));
    }

    void Deliver(Run run, long initiated, SignalExternalWorkflowExecutionCommandAttributes asked)
    {
        var target = Target(run, asked.Execution, asked.ChildWorkflowOnly);
        var failed = SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound;
        if (target is { State.SignalCount: >= Limits.SignalsMax })
        {
            target = null;
            failed = SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded;
        }
        if (target is not null)
            signals.Add(target, asked.SignalName, asked.Input, asked.Header, Server.Identity, run.Execution, "");
        Hears(run, initiated, target is not null
            ? new HistoryEvent
            {
                EventType = EventType.ExternalWorkflowExecutionSignaled,
                ExternalWorkflowExecutionSignaledEventAttributes = new()
                {
                    InitiatedEventId = initiated,
                    Namespace = run.Namespace.Name,
                    NamespaceId = run.Namespace.Id,
                    WorkflowExecution = asked.Execution,
                    Control = asked.Control,
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
                    WorkflowExecution = asked.Execution,
                    InitiatedEventId = initiated,
                    Control = asked.Control,
                },
            });
    }

    void Deliver(
        Run run, long initiated, WorkflowExecution execution,
        RequestCancelExternalWorkflowExecutionCommandAttributes asked)
    {
        var target = Target(run, execution, asked.ChildWorkflowOnly);
        if (target is { State.CancelRequested: false })
            cancels.Request(target, asked.Reason, Server.Identity, "", run.Execution, initiated);
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
                    Control = asked.Control,
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
        history.AddFromOutside(run, e);
        tasks.Schedule(run);
    }
}
