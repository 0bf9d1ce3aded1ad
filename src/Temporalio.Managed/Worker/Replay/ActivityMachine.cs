using Temporalio.Api.Command.V1;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Sdk.V1;
using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

/// <summary>How an activity ended: a result (null when it returns nothing), a failure, or a wait before the next attempt.</summary>
readonly record struct ActivityResolution(Payload? Result, Failure? Failure, LocalActivityBackoff? Backoff = null);

// asked ──ActivityTaskScheduled──▶ scheduled ──ActivityTaskStarted──▶ (same) ──Completed/Failed/TimedOut/Canceled──▶ resolved
//   │ cancel: the command is taken back   │ cancel: TryCancel asks the server and resolves at once,
//   ▼                                     │         WaitCancellationCompleted asks and waits, Abandon only resolves
// resolved (cancelled)                    ▼
//                                       resolved; later events are ignored
sealed class ActivityMachine(ScheduleActivityTaskCommandAttributes attributes, Payload? summary, ActivityCancellationType cancellationType) : CommandMachine
{
    readonly TaskCompletionSource<ActivityResolution> _done = new();
    long _scheduledEventId;
    bool _cancelRequested;
    // History says so; the code may not have been told yet. There is nothing left to cancel then.
    bool _ended;

    public Task<ActivityResolution> Task => _done.Task;

    public override EventType RecordedAs => EventType.ActivityTaskScheduled;

    public override string Describe() => $"activity {attributes.ActivityId} ({attributes.ActivityType.Name})";

    public override Command ToCommand() => new()
    {
        CommandType = CommandType.ScheduleActivityTask,
        ScheduleActivityTaskCommandAttributes = attributes,
        UserMetadata = summary == null ? null : new UserMetadata { Summary = summary },
    };

    public override void OnRecorded(HistoryEvent e)
    {
        var recorded = e.ActivityTaskScheduledEventAttributes;
        Check(e, "activity id", recorded.ActivityId, attributes.ActivityId);
        Check(e, "activity type", recorded.ActivityType.Name, attributes.ActivityType.Name);
        _scheduledEventId = e.EventId;
    }

    public override void OnEvent(HistoryEvent e, ActivationJobs jobs)
    {
        switch (e.EventType)
        {
            case EventType.ActivityTaskStarted:
                break;
            case EventType.ActivityTaskCompleted:
                Resolve(jobs, new(e.ActivityTaskCompletedEventAttributes.Result?.Payloads_.FirstOrDefault(), null));
                break;
            case EventType.ActivityTaskFailed:
                var failed = e.ActivityTaskFailedEventAttributes;
                Resolve(jobs, new(null, Wrap("Activity task failed", failed.Failure, failed.RetryState, failed.StartedEventId, failed.Identity)));
                break;
            case EventType.ActivityTaskTimedOut:
                var timedOut = e.ActivityTaskTimedOutEventAttributes;
                Resolve(jobs, new(null, Wrap("Activity task timed out", timedOut.Failure, timedOut.RetryState, timedOut.StartedEventId)));
                break;
            case EventType.ActivityTaskCanceled:
                var canceled = e.ActivityTaskCanceledEventAttributes;
                Resolve(jobs, new(null, Cancelled(canceled.Details, canceled.StartedEventId)));
                break;
            default:
                throw Mismatch(e, $"{Describe()} cannot handle it");
        }
    }

    /// <summary>Cancels as the options say; a no-op when the activity has ended.</summary>
    public void Cancel(CommandBuffer commands)
    {
        if (_done.Task.IsCompleted || _ended || _cancelRequested) return;
        _cancelRequested = true;
        if (_scheduledEventId == 0 && commands.Remove(this))
        {
            _done.TrySetResult(new(null, Cancelled(null, 0)));
            return;
        }
        if (cancellationType != ActivityCancellationType.Abandon)
        {
            commands.Add(new CancelRequest(this));
        }
        if (cancellationType != ActivityCancellationType.WaitCancellationCompleted)
            _done.TrySetResult(new(null, Cancelled(null, 0)));
    }

    void Resolve(ActivationJobs jobs, ActivityResolution resolution)
    {
        _ended = true;
        jobs.Add(JobOrder.Other, () => _done.TrySetResult(resolution));
    }

    Failure Cancelled(Payloads? details, long startedEventId) => Wrap(
        "Activity cancelled",
        new Failure { Message = "Activity cancelled", CanceledFailureInfo = new() { Details = details } },
        RetryState.CancelRequested,
        startedEventId);

    Failure Wrap(string message, Failure? cause, RetryState retryState, long startedEventId, string identity = "")
    {
        var failure = ActivityFailures.Wrap(message, cause, attributes.ActivityId, attributes.ActivityType.Name, retryState);
        failure.ActivityFailureInfo.ScheduledEventId = _scheduledEventId;
        failure.ActivityFailureInfo.StartedEventId = startedEventId;
        failure.ActivityFailureInfo.Identity = identity;
        return failure;
    }

    sealed class CancelRequest(ActivityMachine activity) : CommandMachine
    {
        public override EventType RecordedAs => EventType.ActivityTaskCancelRequested;

        public override string Describe() => $"cancelling of {activity.Describe()}";

        public override Command ToCommand() => new()
        {
            CommandType = CommandType.RequestCancelActivityTask,
            RequestCancelActivityTaskCommandAttributes = new() { ScheduledEventId = activity._scheduledEventId },
        };

        public override void OnRecorded(HistoryEvent e)
        {
            var recorded = e.ActivityTaskCancelRequestedEventAttributes.ScheduledEventId;
            if (recorded != activity._scheduledEventId)
                throw Mismatch(e, $"it cancels event {recorded}, but the workflow asked for {Describe()} of event {activity._scheduledEventId}");
        }
    }
}
