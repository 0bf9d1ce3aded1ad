using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Exceptions;

namespace Temporalio.Worker.Replay;

// asked ──SignalExternalWorkflowExecutionInitiated──▶ initiated ──ExternalWorkflowExecutionSignaled──▶ done
//   │ cancel: the command is taken back                   └──SignalExternalWorkflowExecutionFailed──▶ failed
//   ▼
// cancelled; once it has gone out a signal cannot be taken back.
sealed class ExternalSignalMachine(SignalExternalWorkflowExecutionCommandAttributes attributes) : CommandMachine
{
    readonly TaskCompletionSource _done = new();

    public Task Task => _done.Task;

    public override EventType RecordedAs => EventType.SignalExternalWorkflowExecutionInitiated;

    public override string Describe() => $"signal {attributes.SignalName} to workflow {attributes.Execution.WorkflowId}";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.SignalExternalWorkflowExecution,
        SignalExternalWorkflowExecutionCommandAttributes = attributes,
    };

    public override void OnRecorded(HistoryEvent e)
    {
        var recorded = e.SignalExternalWorkflowExecutionInitiatedEventAttributes;
        Check(e, "signal name", recorded.SignalName, attributes.SignalName);
        Check(e, "workflow id", recorded.WorkflowExecution.WorkflowId, attributes.Execution.WorkflowId);
    }

    public override void OnEvent(HistoryEvent e, ActivationJobs jobs)
    {
        switch (e.EventType)
        {
            case EventType.ExternalWorkflowExecutionSignaled:
                jobs.Add(JobOrder.Other, () => _done.TrySetResult());
                break;
            case EventType.SignalExternalWorkflowExecutionFailed:
                var cause = e.SignalExternalWorkflowExecutionFailedEventAttributes.Cause;
                var reason = cause switch
                {
                    SignalExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound => "it was not found",
                    SignalExternalWorkflowExecutionFailedCause.NamespaceNotFound => "the namespace was not found",
                    SignalExternalWorkflowExecutionFailedCause.SignalCountLimitExceeded => "the per-workflow signal limit was exceeded",
                    _ => "of an unknown cause",
                };
                var failure = new ApplicationFailureException($"Unable to signal external workflow because {reason}", errorType: cause.ToString());
                jobs.Add(JobOrder.Other, () => _done.TrySetException(failure));
                break;
            default:
                throw Mismatch(e, $"{Describe()} cannot handle it");
        }
    }

    public void Cancel(CommandBuffer commands)
    {
        if (commands.Remove(this)) _done.TrySetException(new CanceledFailureException("Signal was cancelled before being sent"));
    }
}

// asked ──RequestCancelExternalWorkflowExecutionInitiated──▶ initiated ──ExternalWorkflowExecutionCancelRequested──▶ done
//                                                               └──RequestCancelExternalWorkflowExecutionFailed──▶ failed
sealed class ExternalCancelMachine(RequestCancelExternalWorkflowExecutionCommandAttributes attributes) : CommandMachine
{
    readonly TaskCompletionSource _done = new();

    public Task Task => _done.Task;

    /// <summary>Called when the request has reached the workflow, or there is none.</summary>
    public Action WhenDone { get; set; } = () => { };

    public override EventType RecordedAs => EventType.RequestCancelExternalWorkflowExecutionInitiated;

    public override string Describe() => $"cancelling of workflow {attributes.WorkflowId}";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.RequestCancelExternalWorkflowExecution,
        RequestCancelExternalWorkflowExecutionCommandAttributes = attributes,
    };

    public override void OnRecorded(HistoryEvent e) =>
        Check(e, "workflow id", e.RequestCancelExternalWorkflowExecutionInitiatedEventAttributes.WorkflowExecution.WorkflowId, attributes.WorkflowId);

    public override void OnEvent(HistoryEvent e, ActivationJobs jobs)
    {
        switch (e.EventType)
        {
            case EventType.ExternalWorkflowExecutionCancelRequested:
                jobs.Add(JobOrder.Other, () => _done.TrySetResult());
                break;
            case EventType.RequestCancelExternalWorkflowExecutionFailed:
                var cause = e.RequestCancelExternalWorkflowExecutionFailedEventAttributes.Cause;
                var reason = cause switch
                {
                    CancelExternalWorkflowExecutionFailedCause.ExternalWorkflowExecutionNotFound => "it was not found",
                    CancelExternalWorkflowExecutionFailedCause.NamespaceNotFound => "the namespace was not found",
                    _ => "of an unknown cause",
                };
                var failure = new ApplicationFailureException($"Unable to cancel external workflow because {reason}", errorType: cause.ToString());
                jobs.Add(JobOrder.Other, () => _done.TrySetException(failure));
                break;
            default:
                throw Mismatch(e, $"{Describe()} cannot handle it");
        }
        jobs.Add(JobOrder.Other, () => WhenDone());
    }
}
