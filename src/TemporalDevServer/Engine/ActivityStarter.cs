namespace TemporalDevServer.Engine;

/// <summary>Hands activities to workers.</summary>
sealed class ActivityStarter(EngineStep step, IdSource ids, RunIndex runs, HistoryBuilder history)
{
    /// <summary>Hands the attempt to the poll; false when it is void.</summary>
    public bool TryStart(Run run, TaskState task, PollerState poller)
    {
        if (!run.IsOpen || !run.State.Activities.TryGetValue(task.ActivityEventId, out var activity)) return false;
        if (activity.Stamp != task.Stamp || activity.StartedTime != 0) return false;
        activity.StartedTime = step.Now;
        activity.Identity = activity.LastIdentity = poller.Identity;
        activity.RequestId = ids.NewId();
        activity.LastHeartbeatTime = 0;
        runs.Touch(run);
        var scheduled = history.Event(run, activity.ScheduledEventId).ActivityTaskScheduledEventAttributes;
        step.Answer(poller.CallId, new PollActivityTaskQueueResponse
        {
            TaskToken = CallTokens.Of(run, activity.Stamp, activity.ScheduledEventId),
            WorkflowNamespace = run.Namespace.Name,
            WorkflowType = run.Type,
            WorkflowExecution = run.Execution,
            ActivityType = scheduled.ActivityType,
            ActivityId = activity.ActivityId,
            Header = scheduled.Header,
            Input = scheduled.Input,
            HeartbeatDetails = activity.HeartbeatDetails,
            ScheduledTime = Ticks.ToTimestamp(activity.ScheduledTime),
            CurrentAttemptScheduledTime = Ticks.ToTimestamp(activity.AttemptScheduledTime),
            StartedTime = Ticks.ToTimestamp(activity.StartedTime),
            Attempt = activity.Attempt,
            ScheduleToCloseTimeout = Ticks.ToDuration(activity.ScheduleToClose),
            StartToCloseTimeout = Ticks.ToDuration(activity.StartToClose),
            HeartbeatTimeout = Ticks.ToDuration(activity.Heartbeat),
            RetryPolicy = activity.RetryPolicy,
            Priority = PriorityOf(run, scheduled),
        });
        return true;
    }

    public static Priority? PriorityOf(Run run, ActivityTaskScheduledEventAttributes scheduled) =>
        Priorities.Merge(run.State.Priority, scheduled.Priority);
}
