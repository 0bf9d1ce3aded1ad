using Temporalio.Api.Command.V1;

namespace TemporalDevServer.Engine;

/// <summary>A workflow's own timers.</summary>
sealed class UserTimers(EngineStep step, HistoryBuilder history, WorkflowTasks tasks)
{
    // A timer of zero fires after this.
    const long Shortest = TimeSpan.TicksPerMillisecond;

    public void Start(Run run, Command command, CommandEffects effects)
    {
        var attributes = command.StartTimerCommandAttributes;
        var e = history.Add(run, new HistoryEvent
        {
            EventType = EventType.TimerStarted,
            UserMetadata = command.UserMetadata,
            TimerStartedEventAttributes = new()
            {
                TimerId = attributes.TimerId,
                StartToFireTimeout = attributes.StartToFireTimeout,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
            },
        });
        run.State.Timers.Add(attributes.TimerId, new TimerState
        {
            TimerId = attributes.TimerId,
            StartedEventId = e.EventId,
            Due = step.Now + Math.Max(Shortest, Ticks.Of(attributes.StartToFireTimeout)),
        });
    }

    public void Cancel(Run run, string timerId, CommandEffects effects)
    {
        long started;
        if (run.State.Timers.TryGetValue(timerId, out var timer))
        {
            started = timer.StartedEventId;
            run.State.Timers.Remove(timerId);
        }
        else
        {
            // It fired while the workflow decided to cancel it, and the workflow has not seen that event: it is
            // dropped.
            var fired = run.State.Buffered.First(e => e.TimerFiredEventAttributes?.TimerId == timerId);
            started = fired.TimerFiredEventAttributes.StartedEventId;
            run.State.Buffered.Remove(fired);
        }
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.TimerCanceled,
            TimerCanceledEventAttributes = new()
            {
                TimerId = timerId,
                StartedEventId = started,
                WorkflowTaskCompletedEventId = effects.CompletedEventId,
                Identity = effects.Identity,
            },
        });
    }

    public void Fire(Run run, TimerState timer)
    {
        run.State.Timers.Remove(timer.TimerId);
        history.AddExternal(run, new HistoryEvent
        {
            EventType = EventType.TimerFired,
            TimerFiredEventAttributes = new() { TimerId = timer.TimerId, StartedEventId = timer.StartedEventId },
        });
        tasks.Schedule(run);
    }
}
