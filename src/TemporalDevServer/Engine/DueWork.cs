namespace TemporalDevServer.Engine;

/// <summary>Carries out what is due for a run: timeouts, retries, timers, and its removal.</summary>
sealed class DueWork(
    EngineStep step, WorkflowTasks tasks, UserTimers timers, ActivityTasks activities, WorkflowQueries queries,
    RunOutcomes outcomes, Terminations terminations)
{
    /// <summary>Carries out what is due first for the run.</summary>
    public void RunFirst(Run run)
    {
        var state = run.State;
        if (!run.IsOpen)
        {
            if (state.Queries.FirstOrDefault(each => IsDue(each.FallbackDue)) is { } query)
                queries.FallBack(run, query);
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
        if (state.Queries.FirstOrDefault(each => IsDue(each.FallbackDue)) is { } late) queries.FallBack(run, late);
    }

    bool IsDue(long instant) => DueTimes.IsDue(instant, step.Now);
}
