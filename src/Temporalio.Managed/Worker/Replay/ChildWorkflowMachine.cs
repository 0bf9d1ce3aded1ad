using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Exceptions;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

// asked ──Initiated──▶ initiated ──ChildWorkflowExecutionStarted──▶ started ──Completed/Failed/TimedOut/Canceled/Terminated──▶ closed
//   │ cancel: taken back    └──StartChildWorkflowExecutionFailed──▶ not started
//   ▼
// not started. A cancel later asks the child by a request of its own, except when it is abandoned.
sealed class ChildWorkflowMachine(StartChildWorkflowExecutionCommandAttributes attributes, UserMetadata? metadata, ChildWorkflowCancellationType cancellationType) : CommandMachine
{
    readonly TaskCompletionSource<string> _started = new();
    readonly TaskCompletionSource<ActivityResolution> _closed = new();
    long _initiatedEventId;
    long _startedEventId;
    string _runId = "";
    bool _cancelRequested;
    // History says so; the code may not have been told yet. There is nothing left to cancel then.
    bool _ended;
    CancellationTokenRegistration _cancellation;

    /// <summary>The child's run id.</summary>
    public Task<string> Started => _started.Task;

    public Task<ActivityResolution> Closed => _closed.Task;

    public string Id => attributes.WorkflowId;

    public override EventType RecordedAs => EventType.StartChildWorkflowExecutionInitiated;

    public override string Describe() => $"child workflow {Id} ({attributes.WorkflowType.Name})";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.StartChildWorkflowExecution,
        StartChildWorkflowExecutionCommandAttributes = attributes,
        UserMetadata = metadata,
    };

    public override void OnRecorded(HistoryEvent e)
    {
        var recorded = e.StartChildWorkflowExecutionInitiatedEventAttributes;
        Check(e, "workflow id", recorded.WorkflowId, Id);
        Check(e, "workflow type", recorded.WorkflowType.Name, attributes.WorkflowType.Name);
        _initiatedEventId = e.EventId;
    }

    public override void OnEvent(HistoryEvent e, ActivationJobs jobs)
    {
        switch (e.EventType)
        {
            case EventType.ChildWorkflowExecutionStarted:
                var started = e.ChildWorkflowExecutionStartedEventAttributes;
                (_startedEventId, _runId) = (e.EventId, started.WorkflowExecution.RunId);
                jobs.Add(JobOrder.Other, () => _started.TrySetResult(_runId));
                break;
            case EventType.StartChildWorkflowExecutionFailed:
                var refused = e.StartChildWorkflowExecutionFailedEventAttributes;
                jobs.Add(JobOrder.Other, () => NotStarted(StartFailure(refused.Cause)));
                break;
            case EventType.ChildWorkflowExecutionCompleted:
                Close(jobs, new(e.ChildWorkflowExecutionCompletedEventAttributes.Result?.Payloads_.FirstOrDefault(), null));
                break;
            case EventType.ChildWorkflowExecutionFailed:
                var failed = e.ChildWorkflowExecutionFailedEventAttributes;
                Close(jobs, new(null, Wrap("Child Workflow execution failed", failed.Failure, failed.RetryState)));
                break;
            case EventType.ChildWorkflowExecutionTimedOut:
                var timedOut = new Failure { Message = "Timed out", TimeoutFailureInfo = new() { TimeoutType = TimeoutType.StartToClose } };
                Close(jobs, new(null, Wrap("Child Workflow execution timed out", timedOut, e.ChildWorkflowExecutionTimedOutEventAttributes.RetryState)));
                break;
            case EventType.ChildWorkflowExecutionTerminated:
                Close(jobs, new(null, Wrap("Child Workflow execution terminated", new() { Message = "Terminated", TerminatedFailureInfo = new() }, RetryState.NonRetryableFailure)));
                break;
            case EventType.ChildWorkflowExecutionCanceled:
                Close(jobs, new(null, Cancelled(e.ChildWorkflowExecutionCanceledEventAttributes.Details)));
                break;
            default:
                throw Mismatch(e, $"{Describe()} cannot handle it");
        }
    }

    /// <summary>What cancels the child; let go when the child has ended.</summary>
    public void CancelledBy(CancellationTokenRegistration cancellation)
    {
        _cancellation = cancellation;
        if (_closed.Task.IsCompleted || _started.Task.IsFaulted) cancellation.Dispose();
    }

    /// <summary>Cancels as the options say; a no-op when the child has ended.</summary>
    public void Cancel(WorkflowMachines machines)
    {
        if (_closed.Task.IsCompleted || _ended || _cancelRequested) return;
        _cancelRequested = true;
        if (_initiatedEventId == 0 && machines.Commands.Remove(this))
        {
            NotStarted(new CanceledFailureException("Child Workflow Execution cancelled before scheduled"));
            return;
        }
        if (cancellationType != ChildWorkflowCancellationType.Abandon)
        {
            var request = new ExternalCancelMachine(new() { WorkflowId = Id, RunId = _runId, ChildWorkflowOnly = true });
            machines.Commands.Add(request);
            if (cancellationType == ChildWorkflowCancellationType.WaitCancellationRequested)
                request.WhenDone = () => Close(new(null, Cancelled(null)));
        }
        if (cancellationType is ChildWorkflowCancellationType.Abandon or ChildWorkflowCancellationType.TryCancel)
        {
            _started.TrySetResult(_runId);
            Close(new(null, Cancelled(null)));
        }
    }

    void Close(ActivationJobs jobs, ActivityResolution resolution)
    {
        _ended = true;
        jobs.Add(JobOrder.Other, () => Close(resolution));
    }

    void Close(ActivityResolution resolution)
    {
        _closed.TrySetResult(resolution);
        _cancellation.Dispose();
    }

    void NotStarted(Exception why)
    {
        _started.TrySetException(why);
        _cancellation.Dispose();
    }

    Exception StartFailure(StartChildWorkflowExecutionFailedCause cause) => cause == StartChildWorkflowExecutionFailedCause.WorkflowAlreadyExists
        ? new WorkflowAlreadyStartedException("Child workflow already started", Id, attributes.WorkflowType.Name, "<unknown>")
        : new ApplicationFailureException($"Child workflow {Id} was not started: {cause}", errorType: cause.ToString(), nonRetryable: true);

    Failure Cancelled(Payloads? details) => Wrap(
        "Child Workflow execution cancelled", new() { Message = "Cancelled", CanceledFailureInfo = new() { Details = details } }, RetryState.NonRetryableFailure);

    Failure Wrap(string message, Failure? cause, RetryState retryState) => new()
    {
        Message = message,
        Cause = cause,
        ChildWorkflowExecutionFailureInfo = new()
        {
            Namespace = attributes.Namespace,
            WorkflowExecution = new() { WorkflowId = Id, RunId = _runId },
            WorkflowType = attributes.WorkflowType,
            InitiatedEventId = _initiatedEventId,
            StartedEventId = _startedEventId,
            RetryState = retryState,
        },
    };
}
