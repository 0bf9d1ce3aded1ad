namespace TemporalDevServer.Engine;

// A workflow task, from its making to its end:
//
//   scheduled ──poll──▶ started ──▶ completed (WorkflowTaskCompletions)
//       │                  ├──────▶ failed      ┐ the next one has the next attempt, and from the second
//       └─ sticky only ────┴──────▶ timed out   ┘ on leaves no event until it is completed ("transient")
//
// One made for an update alone is "speculative": its events are written when it leaves something behind.

/// <summary>
/// Workflow tasks: scheduled, failed, timed out. <see cref="WorkflowTaskStarter"/> hands them to workers.
/// </summary>
sealed class WorkflowTasks(
    EngineStep step, IdSource ids, NamespaceRegistry namespaces, RunIndex runs, HistoryBuilder history,
    TaskQueues queues)
{
    // A speculative task, and one in a sticky queue, must start within this.
    const long SpeculativeStartsWithin = 5 * Ticks.PerSecond;
    const long DefaultStickyTimeout = 5 * Ticks.PerSecond;

    /// <summary>Makes a task unless there is one, or the workflow's first one has yet to wait.</summary>
    public void Schedule(Run run, bool speculative = false)
    {
        if (!run.IsOpen || run.State.FirstTaskDue != 0) return;
        if (run.Task is not null)
        {
            if (!speculative) history.ConvertToNormal(run);
            return;
        }
        Push(run, Make(run, speculative));
    }

    /// <summary>
    /// As <see cref="Schedule"/>, but the task is not put into a queue: the caller starts it at once.
    /// </summary>
    public WorkflowTaskState Make(Run run, bool speculative)
    {
        var state = run.State;
        if (history.Flush(run))
        {
            state.WorkflowTaskAttempt = 1;
            speculative = false;
        }
        if (state.WorkflowTaskAttempt == 0) state.WorkflowTaskAttempt = 1;
        var task = new WorkflowTaskState
        {
            Stamp = ids.NextStamp(),
            Attempt = state.WorkflowTaskAttempt,
            Speculative = speculative && state.WorkflowTaskAttempt == 1,
            Unwritten = speculative || state.WorkflowTaskAttempt > 1,
            ScheduledEventId = state.NextEventId,
            ScheduledTime = step.Now,
            OriginalScheduledTime = step.Now,
            Timeout = WorkflowTaskTimeouts.Of(state.TaskTimeout, state.WorkflowTaskAttempt),
            Sticky = state.StickyQueue.Length > 0,
            Queue = state.StickyQueue.Length > 0 ? state.StickyQueue : state.TaskQueue,
        };
        if (!task.Unwritten) history.Add(run, WorkflowTaskEvents.Scheduled(run, task));
        state.WorkflowTask = task;
        runs.Touch(run);
        return task;
    }

    public void Push(Run run, WorkflowTaskState task)
    {
        if (task.Sticky && !queues.HasWorker(run.Namespace, task.Queue))
        {
            // No worker polls the sticky queue: the task goes to the normal one, though the event names the other.
            task.Sticky = false;
            task.Queue = run.State.TaskQueue;
        }
        if (task.Sticky)
            task.StartExpires =
                step.Now + (run.State.StickyTimeout == 0 ? DefaultStickyTimeout : run.State.StickyTimeout);
        else if (task.Speculative) task.StartExpires = step.Now + SpeculativeStartsWithin;
        else task.StartExpires = 0;
        runs.Touch(run);
        queues.Add(
            run.Namespace,
            task.Queue,
            activities: false,
            task.Sticky,
            new TaskState { RunNumber = run.Number, Stamp = task.Stamp },
            run.State.Priority);
    }

    public void Poll(long callId, PollWorkflowTaskQueueRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        Limits.CheckIsSet(request.TaskQueue);
        Limits.CheckId("TaskQueue", request.TaskQueue.Name);
        var buildId = request.WorkerVersionCapabilities?.BuildId ?? "";
        if (buildId.Length == 0) buildId = request.BinaryChecksum;
        Limits.CheckId("Identity", request.Identity);
        Limits.CheckId("BuildId", buildId);
        var poller = new PollerState { CallId = callId, Identity = request.Identity, BuildId = buildId };
        var sticky = request.TaskQueue.Kind == TaskQueueKind.Sticky;
        queues.Poll(ns, request.TaskQueue.Name, activities: false, sticky, poller);
    }

    public RespondWorkflowTaskFailedResponse Fail(RespondWorkflowTaskFailedRequest request)
    {
        var (run, task) = Of(request.TaskToken, request.Namespace);
        Fail(run, task, request.Cause, request.Failure, request.Identity, request.WorkerVersion?.BuildId ?? "");
        return new();
    }

    /// <summary>The task has failed; the next one is made at once, with the next attempt.</summary>
    public void Fail(
        Run run, WorkflowTaskState task, WorkflowTaskFailedCause cause, Temporalio.Api.Failure.V1.Failure? failure,
        string identity, string buildId)
    {
        WriteFailed(run, task, cause, failure, identity, buildId);
        EndUnsuccessfully(run, task, nextAttempt: true);
        Schedule(run);
    }

    /// <summary>Writes that a started task has failed, unless it leaves no events.</summary>
    public void WriteFailed(
        Run run, WorkflowTaskState task, WorkflowTaskFailedCause cause, Temporalio.Api.Failure.V1.Failure? failure,
        string identity, string buildId)
    {
        history.ConvertToNormal(run);
        if (task.Unwritten) return;
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowTaskFailed,
            WorkflowTaskFailedEventAttributes = new()
            {
                ScheduledEventId = task.ScheduledEventId,
                StartedEventId = task.StartedEventId,
                Cause = cause,
                Failure = failure,
                Identity = identity,
                WorkerVersion = buildId.Length == 0 ? null : new() { BuildId = buildId },
            },
        });
    }

    /// <summary>The worker did not answer in time, or a sticky worker did not take the task.</summary>
    public void TimeOut(Run run, WorkflowTaskState task)
    {
        var started = task.StartedEventId != 0;
        // A speculative task that was not started goes to the normal queue, and is written.
        history.ConvertToNormal(run);
        if (!task.Unwritten)
            history.Add(run, new HistoryEvent
            {
                EventType = EventType.WorkflowTaskTimedOut,
                WorkflowTaskTimedOutEventAttributes = new()
                {
                    ScheduledEventId = task.ScheduledEventId,
                    StartedEventId = task.StartedEventId,
                    TimeoutType = started ? TimeoutType.StartToClose : TimeoutType.ScheduleToStart,
                },
            });
        EndUnsuccessfully(run, task, nextAttempt: started);
        Schedule(run);
    }

    public ResetStickyTaskQueueResponse ResetSticky(ResetStickyTaskQueueRequest request)
    {
        var run = runs.GetOpen(namespaces.Get(request.Namespace), request.Execution);
        run.State.StickyQueue = "";
        run.State.StickyTimeout = 0;
        return new();
    }

    /// <summary>The worker shuts down: polls on its sticky queue end, and its tasks go to the normal queue.</summary>
    public ShutdownWorkerResponse ShutdownWorker(ShutdownWorkerRequest request)
    {
        var ns = namespaces.Get(request.Namespace);
        foreach (var call in queues.ShutdownWorker(ns, request.StickyTaskQueue))
            step.Answer(call, new PollWorkflowTaskQueueResponse());
        return new();
    }

    /// <summary>The run and task that a worker's token names.</summary>
    /// <exception cref="ServiceError">The task is no longer that worker's.</exception>
    public (Run Run, WorkflowTaskState Task) Of(ByteString bytes, string requestNamespace)
    {
        var token = CallTokens.Parse(bytes);
        var ns = CallTokens.NamespaceOf(namespaces, token, requestNamespace);
        var run = runs.Find(ns, token.WorkflowId, token.RunId) ?? throw ServiceError.NoWorkflow(token.WorkflowId);
        if (!run.IsOpen) throw ServiceError.Completed();
        if (run.Task is not { StartedEventId: not 0 } task || task.Stamp != token.Stamp)
            throw ServiceError.NotFound("Workflow task not found.");
        return (run, task);
    }

    void EndUnsuccessfully(Run run, WorkflowTaskState task, bool nextAttempt)
    {
        run.State.WorkflowTask = null;
        run.State.StickyQueue = "";
        run.State.StickyTimeout = 0;
        run.State.WorkflowTaskAttempt = nextAttempt ? task.Attempt + 1 : task.Attempt;
        WorkflowQueries.Detach(run);
        runs.Touch(run);
    }
}
