namespace TemporalDevServer.Engine;

/// <summary>When a run, or a part of it, next needs attention by itself; 0: never. Pure.</summary>
static class DueTimes
{
    public static long Of(Run run)
    {
        var state = run.State;
        var due = 0L;
        foreach (var query in state.Queries) due = Ticks.Earlier(due, query.FallbackDue);
        if (!run.IsOpen) return Ticks.Earlier(due, RetentionEnd(run));
        due = Ticks.Earlier(due, Ticks.Earlier(state.RunExpires, state.ExecutionExpires));
        due = Ticks.Earlier(due, state.FirstTaskDue);
        foreach (var timer in state.Timers.Values) due = Ticks.Earlier(due, timer.Due);
        foreach (var activity in state.Activities.Values) due = Ticks.Earlier(due, Of(activity));
        if (state.WorkflowTask is { } task) due = Ticks.Earlier(due, Of(task));
        return due;
    }

    public static long Of(WorkflowTaskState task) =>
        task.StartedEventId == 0 ? task.StartExpires : task.StartedTime + task.Timeout;

    public static long Of(ActivityState activity)
    {
        var due = Ticks.Earlier(activity.RetryDue, Ticks.After(activity.ScheduledTime, activity.ScheduleToClose));
        if (activity.StartedTime != 0)
        {
            due = Ticks.Earlier(due, Ticks.After(activity.StartedTime, activity.StartToClose));
            due = Ticks.Earlier(
                due, Ticks.After(Math.Max(activity.StartedTime, activity.LastHeartbeatTime), activity.Heartbeat));
        }
        else if (activity.RetryDue == 0)
            due = Ticks.Earlier(due, Ticks.After(activity.AttemptScheduledTime, activity.ScheduleToStart));
        return due;
    }

    /// <summary>Which of its timeouts has passed; null: none.</summary>
    public static TimeoutType? TimedOut(ActivityState activity, long now)
    {
        if (IsDue(Ticks.After(activity.ScheduledTime, activity.ScheduleToClose), now))
            return TimeoutType.ScheduleToClose;
        if (activity.StartedTime == 0)
        {
            var startBy = Ticks.After(activity.AttemptScheduledTime, activity.ScheduleToStart);
            return activity.RetryDue == 0 && IsDue(startBy, now) ? TimeoutType.ScheduleToStart : null;
        }
        if (IsDue(Ticks.After(activity.StartedTime, activity.StartToClose), now)) return TimeoutType.StartToClose;
        return IsDue(Ticks.After(Math.Max(activity.StartedTime, activity.LastHeartbeatTime), activity.Heartbeat), now)
            ? TimeoutType.Heartbeat
            : null;
    }

    public static long RetentionEnd(Run run) => Ticks.After(run.State.CloseTime, run.Namespace.State.Retention);

    public static bool IsDue(long instant, long now) => instant != 0 && instant <= now;
}
