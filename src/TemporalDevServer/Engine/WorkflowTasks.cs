using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

// A workflow task, from its making to its end:
//
//   scheduled ──poll──▶ started ──▶ completed (WorkflowTaskCompletions)
//       │                  ├──────▶ failed      ┐ the next one has the next attempt, and from the second
//       └─ sticky only ────┴──────▶ timed out   ┘ on leaves no event until it is completed ("transient")
//
// One made for an update alone is "speculative": its events are written when it leaves something behind.

/// <summary>Workflow tasks: scheduled, handed to a worker, failed, timed out.</summary>
sealed class WorkflowTasks(World world)
{
    // A speculative task, and any at a sticky worker, is not left waiting for longer.
    const long SpeculativeStartsWithin = 5 * Ticks.PerSecond;
    const long DefaultStickyTimeout = 5 * Ticks.PerSecond;

    // From this attempt on a worker gets more and more time, so that a task that always fails is not tried without pause.
    const int BackoffFromAttempt = 3;
    const long BackoffInitial = 5 * Ticks.PerSecond;
    const long BackoffMax = 300 * Ticks.PerSecond;

    /// <summary>Makes a task unless there is one, or the workflow's first one has yet to wait.</summary>
    public void Schedule(Run run, bool speculative = false)
    {
        if (!run.IsOpen || run.State.FirstTaskDue != 0) return;
        if (run.Task is not null)
        {
            if (!speculative) MakeOrdinary(run);
            return;
        }
        Push(run, Make(run, speculative));
    }

    /// <summary>As <see cref="Schedule"/>, but the task is not put into a queue: the caller starts it at once.</summary>
    public WorkflowTaskState Make(Run run, bool speculative)
    {
        var state = run.State;
        if (world.History.Flush(run))
        {
            state.WorkflowTaskAttempt = 1;
            speculative = false;
        }
        if (state.WorkflowTaskAttempt == 0) state.WorkflowTaskAttempt = 1;
        var task = new WorkflowTaskState
        {
            Stamp = world.NextStamp(),
            Attempt = state.WorkflowTaskAttempt,
            Speculative = speculative && state.WorkflowTaskAttempt == 1,
            Unwritten = speculative || state.WorkflowTaskAttempt > 1,
            ScheduledEventId = state.NextEventId,
            ScheduledTime = world.Now,
            OriginalScheduledTime = world.Now,
            Timeout = TimeoutOf(state.TaskTimeout, state.WorkflowTaskAttempt),
            Sticky = state.StickyQueue.Length > 0,
            Queue = state.StickyQueue.Length > 0 ? state.StickyQueue : state.TaskQueue,
        };
        if (!task.Unwritten) world.History.Add(run, Scheduled(run, task));
        state.WorkflowTask = task;
        world.Runs.Touch(run);
        return task;
    }

    public void Push(Run run, WorkflowTaskState task)
    {
        if (task.Sticky && !world.Queues.HasWorker(run.Namespace, task.Queue))
        {
            // Nobody is behind the sticky queue: the normal one, though the event names the other.
            task.Sticky = false;
            task.Queue = run.State.TaskQueue;
        }
        if (task.Sticky) task.StartExpires = world.Now + (run.State.StickyTimeout == 0 ? DefaultStickyTimeout : run.State.StickyTimeout);
        else if (task.Speculative) task.StartExpires = world.Now + SpeculativeStartsWithin;
        else task.StartExpires = 0;
        world.Runs.Touch(run);
        world.Queues.Add(run.Namespace, task.Queue, activities: false, task.Sticky, new TaskState { RunNumber = run.Number, Stamp = task.Stamp }, run.State.Priority);
    }

    public void Poll(long callId, PollWorkflowTaskQueueRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        if (request.TaskQueue is null || request.TaskQueue.Name.Length == 0) throw ServiceError.Invalid("TaskQueue is not set on request.");
        Limits.CheckId("TaskQueue", request.TaskQueue.Name);
        world.Queues.Poll(ns, request.TaskQueue.Name, activities: false, request.TaskQueue.Kind == TaskQueueKind.Sticky, new PollerState
        {
            CallId = callId,
            Identity = request.Identity,
            BuildId = request.WorkerVersionCapabilities?.BuildId is { Length: > 0 } build ? build : request.BinaryChecksum,
        });
    }

    /// <summary>Hands the task to the poll; false when it is void.</summary>
    public bool TryStart(Run run, TaskState task, TaskQueueState queue, PollerState poller)
    {
        if (run.Task is not { StartedEventId: 0 } waiting || waiting.Stamp != task.Stamp) return false;
        if (!queue.Sticky && run.State.StickyQueue.Length > 0)
        {
            run.State.StickyQueue = "";
            run.State.StickyTimeout = 0;
        }
        world.Answer(poller.CallId, Start(run, waiting, poller.Identity, world.Chance.NextId(), poller.BuildId, wholeHistory: !queue.Sticky));
        return true;
    }

    /// <summary>The task is a worker's from now on. Returns what the worker is told.</summary>
    public PollWorkflowTaskQueueResponse Start(Run run, WorkflowTaskState task, string identity, string requestId, string buildId, bool wholeHistory)
    {
        if (task.Unwritten && task.ScheduledEventId != run.State.NextEventId)
        {
            // Events have come since it was made, so it leaves its own after all.
            task.Unwritten = task.Speculative = false;
            task.Attempt = run.State.WorkflowTaskAttempt = 1;
            task.ScheduledEventId = run.State.NextEventId;
            task.Timeout = TimeoutOf(run.State.TaskTimeout, 1);
            world.History.Add(run, Scheduled(run, task));
        }
        task.StartedTime = world.Now;
        task.StartExpires = 0;
        task.Identity = identity;
        task.RequestId = requestId;
        task.BuildId = buildId;
        task.HistoryBytes = run.State.HistoryBytes;
        task.SuggestContinueAsNew = Limits.SuggestsContinueAsNew(run.State);
        task.StartedEventId = task.ScheduledEventId + 1;
        if (!task.Unwritten) world.History.Add(run, Started(task));
        world.Runs.Touch(run);

        var response = new PollWorkflowTaskQueueResponse
        {
            TaskToken = Tokens.Of(run, task.Stamp, task.ScheduledEventId),
            WorkflowExecution = run.Execution,
            WorkflowType = run.Type,
            PreviousStartedEventId = run.State.LastStartedEventId,
            StartedEventId = task.StartedEventId,
            Attempt = task.Attempt,
            WorkflowExecutionTaskQueue = new TaskQueue { Name = run.State.TaskQueue, Kind = TaskQueueKind.Normal },
            ScheduledTime = Ticks.ToTimestamp(task.ScheduledTime),
            StartedTime = Ticks.ToTimestamp(task.StartedTime),
        };
        world.Queries.AttachTo(run, task, response);
        world.Updates.SendWith(run, task, response);
        world.Readers.Fill(response, run, wholeHistory ? 1 : run.State.LastStartedEventId + 1);
        return response;
    }

    public RespondWorkflowTaskFailedResponse Fail(RespondWorkflowTaskFailedRequest request)
    {
        var (run, task) = Of(request.TaskToken, request.Namespace);
        Fail(run, task, request.Cause, request.Failure, request.Identity, request.WorkerVersion?.BuildId ?? "");
        return new();
    }

    /// <summary>The task has failed; the next one is made at once, with the next attempt.</summary>
    public void Fail(Run run, WorkflowTaskState task, WorkflowTaskFailedCause cause, Temporalio.Api.Failure.V1.Failure? failure, string identity, string buildId)
    {
        WriteFailed(run, task, cause, failure, identity, buildId);
        EndUnsuccessfully(run, task, nextAttempt: true);
        Schedule(run);
    }

    /// <summary>Writes that a started task has failed, unless it leaves no events.</summary>
    public void WriteFailed(Run run, WorkflowTaskState task, WorkflowTaskFailedCause cause, Temporalio.Api.Failure.V1.Failure? failure, string identity, string buildId)
    {
        MakeOrdinary(run);
        if (task.Unwritten) return;
        world.History.Add(run, new HistoryEvent
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
        // The task of an update that was not taken goes to the normal queue, with events from now on.
        MakeOrdinary(run);
        if (!task.Unwritten)
            world.History.Add(run, new HistoryEvent
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

    /// <summary>A speculative task is written down, in front of what else happens to its run.</summary>
    public void MakeOrdinary(Run run)
    {
        if (run.Task is not { Speculative: true } task) return;
        task.Speculative = false;
        if (task.StartedEventId != 0)
        {
            Write(run, task);
            return;
        }
        task.Unwritten = false;
        task.ScheduledEventId = world.History.Add(run, Scheduled(run, task)).EventId;
        if (!task.Sticky) task.StartExpires = 0;
        world.Runs.Touch(run);
    }

    /// <summary>Writes the two events of a task that has left them out.</summary>
    public void Write(Run run, WorkflowTaskState task)
    {
        if (!task.Unwritten) return;
        task.Unwritten = false;
        task.ScheduledEventId = world.History.Add(run, Scheduled(run, task)).EventId;
        task.StartedEventId = world.History.Add(run, Started(task)).EventId;
    }

    /// <summary>The events of a started task that are not written, as its worker sees them.</summary>
    public IEnumerable<HistoryEvent> Unwritten(Run run)
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

    public ResetStickyTaskQueueResponse ResetSticky(ResetStickyTaskQueueRequest request)
    {
        var run = world.Runs.GetOpen(world.Namespaces.Get(request.Namespace), request.Execution);
        run.State.StickyQueue = "";
        run.State.StickyTimeout = 0;
        return new();
    }

    /// <summary>The worker goes: polls on its sticky queue end, and what waits there goes to the normal one.</summary>
    public ShutdownWorkerResponse WorkerLeaves(ShutdownWorkerRequest request)
    {
        var ns = world.Namespaces.Get(request.Namespace);
        foreach (var call in world.Queues.WorkerLeaves(ns, request.StickyTaskQueue)) world.Answer(call, new PollWorkflowTaskQueueResponse());
        return new();
    }

    /// <summary>The run and task that a worker's token names.</summary>
    /// <exception cref="ServiceError">The task is no longer that worker's.</exception>
    public (Run Run, WorkflowTaskState Task) Of(ByteString bytes, string requestNamespace)
    {
        var token = Tokens.Parse(bytes);
        var ns = Tokens.NamespaceOf(world, token, requestNamespace);
        var run = world.Runs.Find(ns, token.WorkflowId, token.RunId) ?? throw ServiceError.NoWorkflow(token.WorkflowId);
        if (!run.IsOpen) throw ServiceError.Completed();
        if (run.Task is not { StartedEventId: not 0 } task || task.Stamp != token.Stamp) throw ServiceError.NotFound("Workflow task not found.");
        return (run, task);
    }

    void EndUnsuccessfully(Run run, WorkflowTaskState task, bool nextAttempt)
    {
        run.State.WorkflowTask = null;
        run.State.StickyQueue = "";
        run.State.StickyTimeout = 0;
        run.State.WorkflowTaskAttempt = nextAttempt ? task.Attempt + 1 : task.Attempt;
        world.Queries.Detach(run);
        world.Runs.Touch(run);
    }

    static HistoryEvent Scheduled(Run run, WorkflowTaskState task) => new()
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

    static HistoryEvent Started(WorkflowTaskState task) => new()
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

    static long TimeoutOf(long timeout, int attempt)
    {
        if (attempt <= BackoffFromAttempt) return timeout;
        return timeout + (long)Math.Min(BackoffMax, BackoffInitial * Math.Pow(2, Math.Min(attempt - BackoffFromAttempt - 1, 30)));
    }
}
