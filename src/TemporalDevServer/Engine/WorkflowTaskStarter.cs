using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>Hands workflow tasks to workers.</summary>
sealed class WorkflowTaskStarter(
    EngineStep step, IdSource ids, RunIndex runs, HistoryBuilder history, HistoryReader historyReader)
{
    /// <summary>Hands the task to the poll; false when it is void.</summary>
    public bool TryStart(Run run, TaskState task, TaskQueueState queue, PollerState poller)
    {
        if (run.Task is not { StartedEventId: 0 } waiting || waiting.Stamp != task.Stamp) return false;
        if (!queue.Sticky && run.State.StickyQueue.Length > 0)
        {
            run.State.StickyQueue = "";
            run.State.StickyTimeout = 0;
        }
        step.Answer(
            poller.CallId,
            Start(run, waiting, poller.Identity, ids.NewId(), poller.BuildId, wholeHistory: !queue.Sticky));
        return true;
    }

    /// <summary>The task is a worker's from now on. Returns what the worker is told.</summary>
    public PollWorkflowTaskQueueResponse Start(
        Run run, WorkflowTaskState task, string identity, string requestId, string buildId, bool wholeHistory)
    {
        if (task.Unwritten && task.ScheduledEventId != run.State.NextEventId)
        {
            // Events have been added since it was scheduled, so it is written after all.
            task.Unwritten = task.Speculative = false;
            task.Attempt = run.State.WorkflowTaskAttempt = 1;
            task.ScheduledEventId = run.State.NextEventId;
            task.Timeout = WorkflowTaskTimeouts.Of(run.State.TaskTimeout, 1);
            history.Add(run, WorkflowTaskEvents.Scheduled(run, task));
        }
        task.StartedTime = step.Now;
        task.StartExpires = 0;
        task.Identity = identity;
        task.RequestId = requestId;
        task.BuildId = buildId;
        task.HistoryBytes = run.State.HistoryBytes;
        task.SuggestContinueAsNew = Limits.SuggestsContinueAsNew(run.State);
        task.StartedEventId = task.ScheduledEventId + 1;
        if (!task.Unwritten) history.Add(run, WorkflowTaskEvents.Started(task));
        runs.Touch(run);

        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = CallTokens.Of(run, task.Stamp, task.ScheduledEventId),
            WorkflowExecution = run.Execution,
            WorkflowType = run.Type,
            PreviousStartedEventId = run.State.LastStartedEventId,
            StartedEventId = task.StartedEventId,
            Attempt = task.Attempt,
            WorkflowExecutionTaskQueue = new TaskQueue { Name = run.State.TaskQueue, Kind = TaskQueueKind.Normal },
            ScheduledTime = Ticks.ToTimestamp(task.ScheduledTime),
            StartedTime = Ticks.ToTimestamp(task.StartedTime),
        };
        QueryStarter.AttachTo(run, task, response);
        UpdateMessages.SendWith(run, task, response);
        historyReader.Fill(response, run, wholeHistory ? 1 : run.State.LastStartedEventId + 1);
        return response;
    }
}
