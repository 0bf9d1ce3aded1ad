namespace TemporalDevServer.Engine;

/// <summary>Does what a run needs by itself: its timeouts, retries and timers, and its removal.</summary>
sealed class DueWork(
    EngineStep step, WorkflowTasks tasks, UserTimers timers, Activities activities, Queries queries,
    RunOutcomes outcomes, Terminations terminations)
{
    /// <summary>Does the one thing of the run that is due first; nothing when none is.</summary>
    public void DoFirst(Run run)
    {
        var state = run.State;
        if (!run.IsOpen)
        {
            if (state.Queries.FirstOrDefault(query => IsDue(query.FallbackDue)) is { } asked)
                queries.FallBack(run, asked);
            else if (IsDue(DueTimes.RetentionEnd(run))) terminations.Remove(run);
            return;
        }
        if (IsDue(Ticks.Earlier(state.RunExpires, state.ExecutionExpires)))
        {
            outcomes.TimeOut(run);
            return;
        }
        if (IsDue(state.FirstTaskDue))
        {
            state.FirstTaskDue = 0;
            tasks.Schedule(run);
            return;
        }
        var dueTimers = state.Timers.Values.Where(timer => IsDue(timer.Due));
        if (dueTimers.MinBy(timer => (timer.Due, timer.StartedEventId)) is { } timer)
        {
            timers.Fire(run, timer);
            return;
        }
        foreach (var activity in state.Activities.Values)
        {
            if (IsDue(activity.RetryDue))
            {
                activities.Enqueue(run, activity);
                return;
            }
            if (DueTimes.TimedOut(activity, step.Now) is { } type)
            {
                activities.TimeOut(run, activity, type);
                return;
            }
        }
        if (state.WorkflowTask is { } task && IsDue(DueTimes.Of(task)))
        {
            tasks.TimeOut(run, task);
            return;
        }
        if (state.Queries.FirstOrDefault(query => IsDue(query.FallbackDue)) is { } late) queries.FallBack(run, late);
    }

    bool IsDue(long instant) => DueTimes.IsDue(instant, step.Now);
}
