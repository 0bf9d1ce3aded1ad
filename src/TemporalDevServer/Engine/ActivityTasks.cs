using Temporalio.Api.Command.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

// An activity, from the command that asks for it to the event that says how it ended:
//
//   in its queue ──poll──▶ started ──▶ completed, failed for good, cancelled, timed out for good
//       ▲   └ schedule-to-start,  │
//       │     schedule-to-close   │ failed, start-to-close, heartbeat: while the policy allows
//       └──────── waits ◀─────────┘
//
// A start is not in history until the activity ends: the last attempt's start is written just before its end.

/// <summary>Activities: scheduled, tried again, ended. <see cref="ActivityStarter"/> hands them to workers.</summary>
sealed class ActivityTasks(
    EngineStep step, IdSource ids, NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history,
    TaskQueues queues, WorkflowTasks tasks)
{
    public void Schedule(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.ScheduleActivityTaskCommandAttributes;
        var policy = RetrySchedule.WithDefaults(attributes.RetryPolicy);
        var timeouts = ActivityTimeouts.Of(attributes, run.State.RunTimeout);
        var queue = attributes.TaskQueue?.Name is { Length: > 0 } name ? name : run.State.TaskQueue;
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.ActivityTaskScheduled,
            UserMetadata = command.UserMetadata,
            ActivityTaskScheduledEventAttributes = new()
            {
                ActivityId = attributes.ActivityId,
                ActivityType = attributes.ActivityType,
                TaskQueue = new TaskQueue { Name = queue, Kind = TaskQueueKind.Normal },
                Header = attributes.Header,
                Input = attributes.Input,
                ScheduleToCloseTimeout = Ticks.ToDuration(timeouts.ScheduleToClose),
                ScheduleToStartTimeout = Ticks.ToDuration(timeouts.ScheduleToStart),
                StartToCloseTimeout = Ticks.ToDuration(timeouts.StartToClose),
                HeartbeatTimeout = Ticks.ToDuration(timeouts.Heartbeat),
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                RetryPolicy = policy,
                UseWorkflowBuildId = attributes.UseWorkflowBuildId,
                Priority = attributes.Priority,
            },
        });
        var activity = new ActivityState
        {
            ScheduledEventId = e.EventId,
            ActivityId = attributes.ActivityId,
            ActivityType = attributes.ActivityType.Name,
            TaskQueue = queue,
            Attempt = 1,
            ScheduledTime = step.Now,
            ScheduleToClose = timeouts.ScheduleToClose,
            ScheduleToStart = timeouts.ScheduleToStart,
            StartToClose = timeouts.StartToClose,
            Heartbeat = timeouts.Heartbeat,
            RetryPolicy = policy,
        };
        run.State.Activities.Add(e.EventId, activity);
        Enqueue(run, activity);
    }

    /// <summary>Puts the next attempt into its queue.</summary>
    public void Enqueue(Run run, ActivityState activity)
    {
        activity.RetryDue = 0;
        activity.AttemptScheduledTime = step.Now;
        activity.Stamp = ids.NextStamp();
        var task = new TaskState
        {
            RunNumber = run.Number,
            Stamp = activity.Stamp,
            ActivityEventId = activity.ScheduledEventId,
        };
        // Deferred: a waiting worker would get the activity before the workflow task's other commands are done.
        var priority = ActivityStarter.PriorityOf(
            run, history.Event(run, activity.ScheduledEventId).ActivityTaskScheduledEventAttributes);
        step.Defer(
            () => queues.Add(run.Namespace, activity.TaskQueue, activities: true, sticky: false, task, priority));
    }

    public void Poll(long callId, PollActivityTaskQueueRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        Limits.CheckIsSet(request.TaskQueue);
        Limits.CheckId("TaskQueue", request.TaskQueue.Name);
        Limits.CheckId("Identity", request.Identity);
        queues.Poll(ns, request.TaskQueue.Name, activities: true, sticky: false, new PollerState
        {
            CallId = callId,
            Identity = request.Identity,
        });
    }

    public void RequestCancel(Run run, Command command, CommandEffects effects)
    {
        var scheduledEventId = command.RequestCancelActivityTaskCommandAttributes.ScheduledEventId;
        var requested = history.Add(run, new HistoryEvent
        {
            EventType = EventType.ActivityTaskCancelRequested,
            ActivityTaskCancelRequestedEventAttributes = new()
            {
                ScheduledEventId = scheduledEventId,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
            },
        });
        // It may have ended while the workflow decided to cancel it.
        if (!run.State.Activities.TryGetValue(scheduledEventId, out var activity)) return;
        activity.CancelRequested = true;
        activity.CancelEventId = requested.EventId;
        if (activity.StartedTime != 0) return;
        // No worker has it, so it ends here.
        run.State.Activities.Remove(scheduledEventId);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.ActivityTaskCanceled,
            ActivityTaskCanceledEventAttributes = new()
            {
                ScheduledEventId = scheduledEventId,
                LatestCancelRequestedEventId = requested.EventId,
                Details = new Payloads
                {
                    Payloads_ =
                    {
                        new Payload
                        {
                            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
                            Data = ByteString.CopyFromUtf8("\"ACTIVITY_ID_NOT_STARTED\""),
                        },
                    },
                },
                Identity = effects.Identity,
            },
        });
        effects.NeedsWorkflowTask = true;
    }

    public void Complete(Run run, ActivityState activity, Payloads? result, string identity)
    {
        End(run, activity, started => new HistoryEvent
        {
            EventType = EventType.ActivityTaskCompleted,
            ActivityTaskCompletedEventAttributes = new()
            {
                Result = result,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
            },
        });
    }

    public void Cancel(Run run, ActivityState activity, Payloads? details, string identity)
    {
        End(run, activity, started => new HistoryEvent
        {
            EventType = EventType.ActivityTaskCanceled,
            ActivityTaskCanceledEventAttributes = new()
            {
                Details = details,
                LatestCancelRequestedEventId = activity.CancelEventId,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
            },
        });
    }

    /// <summary>An attempt failed: the next one waits, or the activity has failed.</summary>
    public void Fail(Run run, ActivityState activity, Failure failure, string identity)
    {
        var (delay, state) = Next(activity, failure);
        if (delay is { } wait)
        {
            TryAgain(run, activity, failure, wait);
            return;
        }
        End(run, activity, started => new HistoryEvent
        {
            EventType = EventType.ActivityTaskFailed,
            ActivityTaskFailedEventAttributes = new()
            {
                Failure = failure,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                Identity = identity,
                RetryState = state,
            },
        });
    }

    /// <summary>One of its timeouts has passed.</summary>
    public void TimeOut(Run run, ActivityState activity, TimeoutType type)
    {
        var failure = ServerFailures.Timeout(type, activity.HeartbeatDetails);
        var (delay, state) = Next(activity, failure);
        if (type is TimeoutType.StartToClose or TimeoutType.Heartbeat && delay is { } wait)
        {
            TryAgain(run, activity, failure, wait);
            return;
        }
        if (type is TimeoutType.ScheduleToClose or TimeoutType.ScheduleToStart)
            state = type == TimeoutType.ScheduleToClose ? RetryState.Timeout : RetryState.NonRetryableFailure;
        // No time is left for a retry: the last attempt's failure is the cause.
        if (type is TimeoutType.ScheduleToClose && activity.LastFailure is { } last) failure.Cause = last;
        else if (state == RetryState.Timeout && type is not TimeoutType.ScheduleToClose)
            failure = ServerFailures.Timeout(TimeoutType.ScheduleToClose, activity.HeartbeatDetails, failure);
        End(run, activity, started => new HistoryEvent
        {
            EventType = EventType.ActivityTaskTimedOut,
            ActivityTaskTimedOutEventAttributes = new()
            {
                Failure = failure,
                ScheduledEventId = activity.ScheduledEventId,
                StartedEventId = started,
                RetryState = state,
            },
        });
    }

    (long? Delay, RetryState State) Next(ActivityState activity, Failure failure) =>
        activity.CancelRequested
            ? (null, RetryState.CancelRequested)
            : RetrySchedule.Next(
                activity.RetryPolicy,
                activity.Attempt,
                failure,
                step.Now,
                Ticks.After(activity.ScheduledTime, activity.ScheduleToClose));

    void TryAgain(Run run, ActivityState activity, Failure failure, long wait)
    {
        activity.LastFailure = failure;
        activity.Attempt++;
        activity.StartedTime = 0;
        activity.Identity = "";
        activity.Stamp = ids.NextStamp();
        activity.LastAttemptCompleteTime = step.Now;
        activity.RetryInterval = wait;
        activity.RetryDue = step.Now + wait;
        runs.Touch(run);
    }

    void End(Run run, ActivityState activity, Func<long, HistoryEvent> end)
    {
        run.State.Activities.Remove(activity.ScheduledEventId);
        var startedId = 0L;
        if (activity.StartedTime != 0)
        {
            var started = new HistoryEvent
            {
                EventType = EventType.ActivityTaskStarted,
                ActivityTaskStartedEventAttributes = new()
                {
                    ScheduledEventId = activity.ScheduledEventId,
                    Identity = activity.Identity,
                    RequestId = activity.RequestId,
                    Attempt = activity.Attempt,
                    LastFailure = activity.LastFailure,
                },
            };
            history.AddExternal(run, started);
            // The event's time is the start's, not that of its writing.
            started.EventTime = Ticks.ToTimestamp(activity.StartedTime);
            startedId = started.EventId;
        }
        history.AddExternal(run, end(startedId));
        tasks.Schedule(run);
    }
}
