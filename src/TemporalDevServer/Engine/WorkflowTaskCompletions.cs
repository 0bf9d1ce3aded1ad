namespace TemporalDevServer.Engine;

/// <summary>
/// A worker answers a workflow task: events are written, commands done, updates and queries answered, the next task
/// made.
/// </summary>
sealed class WorkflowTaskCompletions(
    Runs runs, HistoryBuilder history, WorkflowTasks tasks, WorkflowTaskStarter starter, Commands commands,
    Updates updates, Queries queries, Closing closing)
{
    const string OwnRequestId = "request-from-RespondWorkflowTaskCompleted";

    public RespondWorkflowTaskCompletedResponse Complete(RespondWorkflowTaskCompletedRequest request)
    {
        var (run, task) = tasks.Of(request.TaskToken, request.Namespace);
        if (DropIfNothingIsLeft(run, task, request) is { } dropped) return dropped;
        var buildId = request.WorkerVersionStamp?.BuildId ?? "";
        if (CommandCheck.FirstMistake(history, run, request) is { } mistake)
        {
            tasks.Fail(run, task, mistake.Cause, Failures.Server(mistake.Message), request.Identity, buildId);
            // What the worker may not do is the workflow's trouble; that its own workflow waits with new events is not.
            if (mistake.Cause is WorkflowTaskFailedCause.UnhandledCommand)
                throw ServiceError.Invalid("UnhandledCommand");
            throw ServiceError.Invalid(mistake.Message);
        }

        history.WriteTask(run, task);
        task.Speculative = false;
        var completed = history.Add(run, Completed(task, request));
        End(run, task, request);
        var effects = new CommandEffects(completed.EventId, request.Identity);
        updates.Begin(request.Messages);
        foreach (var command in request.Commands)
        {
            commands.Do(run, command, effects);
            if (!run.IsOpen) break;
        }
        updates.TakeRest(run, effects);
        queries.AnswerAttached(run, task, request.QueryResults);
        var response = new RespondWorkflowTaskCompletedResponse();
        if (!run.IsOpen) return response;

        if (Limits.IsExceeded(run.State))
        {
            closing.Terminate(run, Limits.HistoryExceeded, null, Server.Identity);
            return response;
        }
        MakeNext(run, request, effects, response);
        queries.Release(run);
        return response;
    }

    // A speculative task whose updates were all rejected leaves no event, unless the worker can not forget it.
    RespondWorkflowTaskCompletedResponse? DropIfNothingIsLeft(
        Run run, WorkflowTaskState task, RespondWorkflowTaskCompletedRequest request)
    {
        if (!task.Speculative || request.ForceCreateNewWorkflowTask) return null;
        if (request.Commands.Count > 0 || request.Messages.Count == 0) return null;
        if (!request.Messages.All(UpdateMessages.IsRejection)) return null;
        // A worker that can not forget events is told of few only.
        var canForget = request.Capabilities?.DiscardSpeculativeWorkflowTaskWithEvents == true;
        if (run.State.LastStartedEventId != run.LastEventId && !canForget
            && run.State.NextEventId - run.State.LastStartedEventId > 10)
            return null;
        End(run, task, request);
        updates.Begin(request.Messages);
        updates.TakeRest(run, new CommandEffects(0, request.Identity));
        queries.AnswerAttached(run, task, request.QueryResults);
        var response = new RespondWorkflowTaskCompletedResponse { ResetHistoryEventId = run.LastEventId };
        MakeNext(run, request, new CommandEffects(0, request.Identity), response);
        queries.Release(run);
        return response;
    }

    void End(Run run, WorkflowTaskState task, RespondWorkflowTaskCompletedRequest request)
    {
        var state = run.State;
        if (!task.Unwritten) state.LastStartedEventId = task.StartedEventId;
        state.WorkflowTask = null;
        state.WorkflowTaskAttempt = 1;
        state.StickyQueue = request.StickyAttributes?.WorkerTaskQueue?.Name ?? "";
        state.StickyTimeout = Ticks.Of(request.StickyAttributes?.ScheduleToStartTimeout);
        runs.Touch(run);
    }

    void MakeNext(
        Run run, RespondWorkflowTaskCompletedRequest request, CommandEffects effects,
        RespondWorkflowTaskCompletedResponse response)
    {
        if (run.Task is not null) return;
        var forced = request.ForceCreateNewWorkflowTask || effects.WantsTask || run.State.Buffered.Count > 0;
        if (!forced && !UpdateMessages.HasUnsent(run)) return;
        var next = tasks.Make(run, speculative: !forced);
        if (request.ReturnNewWorkflowTask)
        {
            var buildId = request.WorkerVersionStamp?.BuildId ?? "";
            var wholeHistory = run.State.StickyQueue.Length == 0;
            response.WorkflowTask = starter.Start(run, next, request.Identity, OwnRequestId, buildId, wholeHistory);
        }
        else tasks.Push(run, next);
    }

    static HistoryEvent Completed(WorkflowTaskState task, RespondWorkflowTaskCompletedRequest request) => new()
    {
        EventType = EventType.WorkflowTaskCompleted,
        WorkflowTaskCompletedEventAttributes = new()
        {
            ScheduledEventId = task.ScheduledEventId,
            StartedEventId = task.StartedEventId,
            Identity = request.Identity,
            BinaryChecksum = request.BinaryChecksum,
            WorkerVersion = request.WorkerVersionStamp,
            SdkMetadata = request.SdkMetadata,
            MeteringMetadata = request.MeteringMetadata,
        },
    };
}

/// <summary>What commands of one task leave for its end.</summary>
sealed class CommandEffects(long completedEventId, string identity)
{
    public long CompletedEventId { get; } = completedEventId;
    public string Identity { get; } = identity;

    /// <summary>Something happened that the workflow has to hear of at once.</summary>
    public bool WantsTask { get; set; }
}
