namespace TemporalDevServer.Engine;

/// <summary>
/// A worker answers a workflow task: events are written, commands done, updates and queries answered, the next task
/// made.
/// </summary>
sealed class WorkflowTaskCompletions(
    RunIndex runs, HistoryBuilder history, WorkflowTasks tasks, WorkflowTaskStarter starter, CommandHandler commands,
    WorkflowUpdates updates, WorkflowQueries queries, RunCloser closer)
{
    const string OwnRequestId = "request-from-RespondWorkflowTaskCompleted";

    public RespondWorkflowTaskCompletedResponse Complete(RespondWorkflowTaskCompletedRequest request)
    {
        var (run, task) = tasks.Of(request.TaskToken, request.Namespace);
        Limits.CheckId("TaskQueue", request.StickyAttributes?.WorkerTaskQueue?.Name ?? "");
        if (TryDropSpeculative(run, task, request) is { } dropped) return dropped;
        var buildId = request.WorkerVersionStamp?.BuildId ?? "";
        if (CommandValidator.Validate(history, run, request) is { } error)
        {
            tasks.Fail(run, task, error.Cause, ServerFailures.Create(error.Message), request.Identity, buildId);
            // New events that the workflow has not seen are no fault of the worker: the error is the short one.
            if (error.Cause is WorkflowTaskFailedCause.UnhandledCommand)
                throw ServiceError.Invalid("UnhandledCommand");
            throw ServiceError.Invalid(error.Message);
        }

        history.WriteTask(run, task);
        task.Speculative = false;
        var completed = history.Add(run, Completed(task, request));
        End(run, task, request);
        var effects = new CommandEffects(completed.EventId, request.Identity);
        updates.Begin(request.Messages);
        foreach (var command in request.Commands)
        {
            commands.Handle(run, command, effects);
            if (!run.IsOpen) break;
        }
        updates.ApplyRest(run);
        queries.AnswerAttached(run, task, request.QueryResults);
        var response = new RespondWorkflowTaskCompletedResponse();
        if (!run.IsOpen) return response;

        if (Limits.IsExceeded(run.State))
        {
            closer.Terminate(run, Limits.HistoryExceeded, null, ServerInfo.Identity);
            return response;
        }
        MakeNext(run, request, effects, response);
        queries.Release(run);
        return response;
    }

    // A speculative task whose updates were all rejected leaves no event, unless the worker cannot discard it.
    RespondWorkflowTaskCompletedResponse? TryDropSpeculative(
        Run run, WorkflowTaskState task, RespondWorkflowTaskCompletedRequest request)
    {
        if (!task.Speculative || request.ForceCreateNewWorkflowTask) return null;
        if (request.Commands.Count > 0 || request.Messages.Count == 0) return null;
        if (!request.Messages.All(UpdateMessages.IsRejection)) return null;
        // A worker that cannot discard the events it got with the task may get a few again, not many.
        var canDiscard = request.Capabilities?.DiscardSpeculativeWorkflowTaskWithEvents == true;
        if (run.State.LastStartedEventId != run.LastEventId && !canDiscard
            && run.State.NextEventId - run.State.LastStartedEventId > 10)
            return null;
        End(run, task, request);
        updates.Begin(request.Messages);
        updates.ApplyRest(run);
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
        var forced = request.ForceCreateNewWorkflowTask || effects.NeedsWorkflowTask || run.State.Buffered.Count > 0;
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
