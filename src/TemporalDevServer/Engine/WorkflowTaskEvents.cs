using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>The events of a workflow task. Pure.</summary>
static class WorkflowTaskEvents
{
    public static HistoryEvent Scheduled(Run run, WorkflowTaskState task) => new()
    {
        EventType = EventType.WorkflowTaskScheduled,
        WorkflowTaskScheduledEventAttributes = new()
        {
            TaskQueue = task.Sticky
                ? new TaskQueue { Name = task.Queue, Kind = TaskQueueKind.Sticky, NormalName = run.State.TaskQueue }
                : new TaskQueue { Name = task.Queue, Kind = TaskQueueKind.Normal },
            StartToCloseTimeout = Ticks.ToDuration(task.Timeout),
            Attempt = task.Attempt,
        },
    };

    public static HistoryEvent Started(WorkflowTaskState task) => new()
    {
        EventType = EventType.WorkflowTaskStarted,
        WorkflowTaskStartedEventAttributes = new()
        {
            ScheduledEventId = task.ScheduledEventId,
            Identity = task.Identity,
            RequestId = task.RequestId,
            SuggestContinueAsNew = task.SuggestContinueAsNew,
            HistorySizeBytes = task.HistoryBytes,
            WorkerVersion = task.BuildId.Length == 0 ? null : new() { BuildId = task.BuildId },
        },
    };

    /// <summary>The events of a started task that are not written, as its worker sees them.</summary>
    public static IEnumerable<HistoryEvent> Unwritten(Run run)
    {
        if (run.Task is not { Unwritten: true, StartedEventId: not 0 } task) yield break;
        var scheduled = Scheduled(run, task);
        scheduled.EventId = task.ScheduledEventId;
        scheduled.EventTime = Ticks.ToTimestamp(task.ScheduledTime);
        yield return scheduled;
        var started = Started(task);
        started.EventId = task.StartedEventId;
        started.EventTime = Ticks.ToTimestamp(task.StartedTime);
        yield return started;
    }
}
