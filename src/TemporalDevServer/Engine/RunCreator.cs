using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>Runs begin: asked for by a client, by another workflow, or as the next of a chain.</summary>
sealed class RunCreator(EngineStep step, IdSource ids, Runs runs, HistoryBuilder history)
{
    const long DefaultTaskTimeout = 10 * Ticks.PerSecond;
    const long TaskTimeoutMax = 120 * Ticks.PerSecond;

    /// <summary>Begins a run and writes its first event.</summary>
    public Run Create(Namespace ns, StartWorkflowExecutionRequest request, RunOrigin origin, bool eager)
    {
        var runId = origin.RunId.Length > 0 ? origin.RunId : ids.NewId();
        var firstRunId = origin.FirstRunId.Length > 0 ? origin.FirstRunId : runId;
        var executionTimeout = Ticks.Of(request.WorkflowExecutionTimeout);
        var runTimeout = Ticks.Shorter(Ticks.Of(request.WorkflowRunTimeout), executionTimeout);
        var executionExpires = origin.ExecutionExpires != 0 ? origin.ExecutionExpires : executionTimeout == 0 ? 0 : step.Now + executionTimeout + origin.Backoff;
        var taskTimeout = Ticks.Of(request.WorkflowTaskTimeout);
        taskTimeout = Math.Min(taskTimeout == 0 ? DefaultTaskTimeout : taskTimeout, TaskTimeoutMax);
        if (runTimeout > 0) taskTimeout = Math.Min(taskTimeout, runTimeout);
        var policy = request.RetryPolicy is null ? null : RetrySchedule.WithDefaults(request.RetryPolicy);
        var attributes = SearchAttributeRules.WithTypes(ns, request.SearchAttributes);
        var root = origin.Root ?? new WorkflowExecution { WorkflowId = request.WorkflowId, RunId = firstRunId };
        var state = new RunState
        {
            Number = ids.NextRunNumber(),
            NamespaceId = ns.Id,
            WorkflowId = request.WorkflowId,
            RunId = runId,
            FirstRunId = firstRunId,
            OriginalRunId = runId,
            WorkflowType = request.WorkflowType.Name,
            TaskQueue = request.TaskQueue.Name,
            Status = WorkflowExecutionStatus.Running,
            StartTime = step.Now,
            ExecutionTimeout = executionTimeout,
            RunTimeout = runTimeout,
            TaskTimeout = taskTimeout,
            ExecutionExpires = executionExpires,
            RunExpires = Ticks.Earlier(runTimeout == 0 ? 0 : step.Now + runTimeout + origin.Backoff, executionExpires),
            FirstTaskDue = origin.Backoff > 0 ? step.Now + origin.Backoff : 0,
            FirstTaskBackoff = origin.Backoff,
            RetryPolicy = policy,
            Attempt = origin.Attempt,
            Parent = origin.Parent,
            RootWorkflowId = root.WorkflowId,
            RootRunId = root.RunId,
            Memo = request.Memo,
            SearchAttributes = attributes,
            UserMetadata = request.UserMetadata,
            Priority = request.Priority,
            VersioningOverride = request.VersioningOverride,
            StartRequestId = request.RequestId,
            WorkflowTaskAttempt = 1,
            NextEventId = 1,
        };
        var run = runs.Add(state, ns);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionStarted,
            UserMetadata = request.UserMetadata,
            Links = { request.Links },
            WorkflowExecutionStartedEventAttributes = new()
            {
                WorkflowType = request.WorkflowType,
                ParentWorkflowNamespace = origin.ParentNamespace,
                ParentWorkflowNamespaceId = origin.Parent?.NamespaceId ?? "",
                ParentWorkflowExecution = origin.Parent is { } parent ? new() { WorkflowId = parent.WorkflowId, RunId = parent.RunId } : null,
                ParentInitiatedEventId = origin.Parent?.InitiatedEventId ?? 0,
                RootWorkflowExecution = origin.Root,
                TaskQueue = new TaskQueue { Name = state.TaskQueue, Kind = TaskQueueKind.Normal },
                Input = request.Input,
                WorkflowExecutionTimeout = request.WorkflowExecutionTimeout,
                WorkflowRunTimeout = runTimeout == 0 ? request.WorkflowRunTimeout : Ticks.ToDuration(runTimeout),
                WorkflowTaskTimeout = Ticks.ToDuration(taskTimeout),
                WorkflowExecutionExpirationTime = Ticks.ToTimestampOrNull(executionExpires),
                ContinuedExecutionRunId = origin.ContinuedRunId,
                Initiator = origin.Initiator,
                ContinuedFailure = origin.ContinuedFailure,
                LastCompletionResult = origin.LastCompletionResult,
                OriginalExecutionRunId = runId,
                Identity = request.Identity,
                FirstExecutionRunId = firstRunId,
                RetryPolicy = policy,
                Attempt = origin.Attempt,
                FirstWorkflowTaskBackoff = origin.Initiator == ContinueAsNewInitiator.Workflow && origin.Backoff == 0 ? null : Ticks.ToDuration(origin.Backoff),
                Memo = request.Memo,
                SearchAttributes = attributes,
                Header = request.Header,
                WorkflowId = request.WorkflowId,
                Priority = request.Priority,
                VersioningOverride = request.VersioningOverride,
                CompletionCallbacks = { request.CompletionCallbacks },
                EagerExecutionAccepted = eager,
            },
        });
        state.Header = request.Header;
        return run;
    }
}
