namespace TemporalDevServer.Engine;

/// <summary>
/// When each run next needs attention by itself. The instant is computed from what the run holds whenever that changes, so
/// there are no timers to keep in step with it, and a restored engine has the same ones.
/// </summary>
sealed class Deadlines(World world)
{
    readonly SortedSet<(long Due, long Number)> _runs = [];

    // Closed runs in the order in which they closed, and the bytes of their histories.
    readonly SortedSet<(long CloseTime, long Number)> _closed = [];
    long _closedBytes;

    /// <summary>The earliest of all; 0: none.</summary>
    public long Next
    {
        get
        {
            var next = _runs.Count > 0 ? _runs.Min.Due : 0;
            return world.Queues.NeedsHousekeeping ? Ticks.Earlier(next, Math.Max(world.State.NextHousekeeping, 1)) : next;
        }
    }

    /// <summary>The run has changed.</summary>
    public void Update(Run run)
    {
        if (!run.IsOpen && _closed.Add((run.State.CloseTime, run.Number))) _closedBytes += run.State.HistoryBytes;
        var due = DueOf(run);
        if (due == run.Due) return;
        if (run.Due != 0) _runs.Remove((run.Due, run.Number));
        if (due != 0) _runs.Add((due, run.Number));
        run.Due = due;
    }

    /// <summary>The run that closed first, when more closed ones are there than the server keeps whatever their retention.</summary>
    public Run? Surplus() =>
        _closed.Count > Limits.ClosedRunsMax || _closed.Count > 0 && world.Archive is NoArchive && _closedBytes > Limits.ClosedBytesInMemoryMax
            ? world.Runs.ByNumber(_closed.Min.Number)
            : null;

    public void Forget(Run run)
    {
        if (_closed.Remove((run.State.CloseTime, run.Number))) _closedBytes -= run.State.HistoryBytes;
        if (run.Due != 0) _runs.Remove((run.Due, run.Number));
        run.Due = 0;
        run.IsForgotten = true;
    }

    /// <summary>The first run that is due, taken out; null when none is.</summary>
    public Run? TakeDue()
    {
        if (_runs.Count == 0 || _runs.Min.Due > world.Now) return null;
        var first = _runs.Min;
        _runs.Remove(first);
        var run = world.Runs.ByNumber(first.Number)!;
        run.Due = 0;
        world.Runs.Touch(run);
        return run;
    }

    /// <summary>Does the one thing of the run that is due first; nothing when none is.</summary>
    public void Fire(Run run)
    {
        var state = run.State;
        if (!run.IsOpen)
        {
            if (state.Queries.FirstOrDefault(query => IsDue(query.FallbackDue)) is { } asked) world.Queries.FallBack(run, asked);
            else if (IsDue(RetentionEnd(run))) world.Closing.Remove(run);
            return;
        }
        if (IsDue(Ticks.Earlier(state.RunExpires, state.ExecutionExpires)))
        {
            world.Closing.TimeOut(run);
            return;
        }
        if (IsDue(state.FirstTaskDue))
        {
            state.FirstTaskDue = 0;
            world.WorkflowTasks.Schedule(run);
            return;
        }
        if (state.Timers.Values.Where(timer => IsDue(timer.Due)).MinBy(timer => (timer.Due, timer.StartedEventId)) is { } timer)
        {
            world.Timers.Fire(run, timer);
            return;
        }
        foreach (var activity in state.Activities.Values)
        {
            if (IsDue(activity.RetryDue))
            {
                world.Activities.Enqueue(run, activity);
                return;
            }
            if (TimedOut(activity) is { } type)
            {
                world.Activities.TimeOut(run, activity, type);
                return;
            }
        }
        if (state.WorkflowTask is { } task && IsDue(DueOf(task)))
        {
            world.WorkflowTasks.TimeOut(run, task);
            return;
        }
        if (state.Queries.FirstOrDefault(query => IsDue(query.FallbackDue)) is { } late) world.Queries.FallBack(run, late);
    }

    long DueOf(Run run)
    {
        var state = run.State;
        var due = 0L;
        foreach (var query in state.Queries) due = Ticks.Earlier(due, query.FallbackDue);
        if (!run.IsOpen) return Ticks.Earlier(due, RetentionEnd(run));
        due = Ticks.Earlier(due, Ticks.Earlier(state.RunExpires, state.ExecutionExpires));
        due = Ticks.Earlier(due, state.FirstTaskDue);
        foreach (var timer in state.Timers.Values) due = Ticks.Earlier(due, timer.Due);
        foreach (var activity in state.Activities.Values) due = Ticks.Earlier(due, DueOf(activity));
        if (state.WorkflowTask is { } task) due = Ticks.Earlier(due, DueOf(task));
        return due;
    }

    static long DueOf(WorkflowTaskState task) => task.StartedEventId == 0 ? task.StartExpires : task.StartedTime + task.Timeout;

    static long DueOf(ActivityState activity)
    {
        var due = Ticks.Earlier(activity.RetryDue, Ticks.After(activity.ScheduledTime, activity.ScheduleToClose));
        if (activity.StartedTime != 0)
        {
            due = Ticks.Earlier(due, Ticks.After(activity.StartedTime, activity.StartToClose));
            due = Ticks.Earlier(due, Ticks.After(Math.Max(activity.StartedTime, activity.LastHeartbeatTime), activity.Heartbeat));
        }
        else if (activity.RetryDue == 0) due = Ticks.Earlier(due, Ticks.After(activity.AttemptScheduledTime, activity.ScheduleToStart));
        return due;
    }

    TimeoutType? TimedOut(ActivityState activity)
    {
        if (IsDue(Ticks.After(activity.ScheduledTime, activity.ScheduleToClose))) return TimeoutType.ScheduleToClose;
        if (activity.StartedTime == 0)
            return activity.RetryDue == 0 && IsDue(Ticks.After(activity.AttemptScheduledTime, activity.ScheduleToStart)) ? TimeoutType.ScheduleToStart : null;
        if (IsDue(Ticks.After(activity.StartedTime, activity.StartToClose))) return TimeoutType.StartToClose;
        return IsDue(Ticks.After(Math.Max(activity.StartedTime, activity.LastHeartbeatTime), activity.Heartbeat)) ? TimeoutType.Heartbeat : null;
    }

    long RetentionEnd(Run run) => Ticks.After(run.State.CloseTime, run.Namespace.State.Retention);

    bool IsDue(long instant) => instant != 0 && instant <= world.Now;
}
