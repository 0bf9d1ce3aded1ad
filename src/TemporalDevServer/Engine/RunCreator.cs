using Temporalio.Api.TaskQueue.V1;

namespace TemporalDevServer.Engine;

/// <summary>Runs begin: asked for by a client, by another workflow, or as the next of a chain.</summary>
sealed class RunCreator(EngineStep step, IdSource ids, RunIndex runs, HistoryBuilder history)
{
    const long DefaultTaskTimeout = 10 * Ticks.PerSecond;
    const long TaskTimeoutMax = 120 * Ticks.PerSecond;

    /// <summary>Begins a run and writes its first event.</summary>
    public Run Create(Namespace ns, StartWorkflowExecutionRequest request, RunOrigin origin, bool eager)
    {
        var run = runs.Add(NewState(ns, request, origin), ns);
        history.Add(run, new HistoryEvent
        {
            EventType = EventType.WorkflowExecutionStarted,
            UserMetadata = request.UserMetadata,
            Links = { request.Links },
            WorkflowExecutionStartedEventAttributes = Started(run.State, request, origin, eager),
        });
        run.State.Header = request.Header;
        return run;
    }

    RunState NewState(Namespace ns, StartWorkflowExecutionRequest request, RunOrigin origin)
    {
        var runId = origin.RunId.Length > 0 ? origin.RunId : ids.NewId();
        var firstRunId = origin.FirstRunId.Length > 0 ? origin.FirstRunId : runId;
        var executionTimeout = Ticks.Of(request.WorkflowExecutionTimeout);
        var runTimeout = Ticks.Shorter(Ticks.Of(request.WorkflowRunTimeout), executionTimeout);
        // Both count from the end of the wait before the first workflow task.
        var begins = step.Now + origin.Backoff;
        var executionExpires = origin.ExecutionExpires != 0
            ? origin.ExecutionExpires
            : Ticks.After(begins, executionTimeout);
        return new RunState
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
            TaskTimeout = TaskTimeoutOf(request, runTimeout),
            ExecutionExpires = executionExpires,
            RunExpires = Ticks.Earlier(Ticks.After(begins, runTimeout), executionExpires),
            FirstTaskDue = origin.Backoff > 0 ? begins : 0,
            FirstTaskBackoff = origin.Backoff,
            RetryPolicy = request.RetryPolicy is null ? null : RetrySchedule.WithDefaults(request.RetryPolicy),
            Attempt = origin.Attempt,
            Parent = origin.Parent,
            RootWorkflowId = origin.Root?.WorkflowId ?? request.WorkflowId,
            RootRunId = origin.Root?.RunId ?? firstRunId,
            Memo = request.Memo,
            SearchAttributes = SearchAttributeRules.WithTypes(ns, request.SearchAttributes),
            UserMetadata = request.UserMetadata,
            Priority = request.Priority,
            VersioningOverride = request.VersioningOverride,
            StartRequestId = request.RequestId,
            WorkflowTaskAttempt = 1,
            NextEventId = 1,
        };
    }

    static long TaskTimeoutOf(StartWorkflowExecutionRequest request, long runTimeout)
    {
        var asked = Ticks.Of(request.WorkflowTaskTimeout);
        var timeout = Math.Min(asked == 0 ? DefaultTaskTimeout : asked, TaskTimeoutMax);
        return runTimeout > 0 ? Math.Min(timeout, runTimeout) : timeout;
    }

    static WorkflowExecutionStartedEventAttributes Started(
        RunState state, StartWorkflowExecutionRequest request, RunOrigin origin, bool eager) => new()
    {
        WorkflowType = request.WorkflowType,
        ParentWorkflowNamespace = origin.ParentNamespace,
        ParentWorkflowNamespaceId = origin.Parent?.NamespaceId ?? "",
        ParentWorkflowExecution = origin.Parent is { } parent
            ? new() { WorkflowId = parent.WorkflowId, RunId = parent.RunId }
            : null,
        ParentInitiatedEventId = origin.Parent?.InitiatedEventId ?? 0,
        RootWorkflowExecution = origin.Root,
        TaskQueue = new TaskQueue { Name = state.TaskQueue, Kind = TaskQueueKind.Normal },
        Input = request.Input,
        WorkflowExecutionTimeout = request.WorkflowExecutionTimeout,
        WorkflowRunTimeout = state.RunTimeout == 0 ? request.WorkflowRunTimeout : Ticks.ToDuration(state.RunTimeout),
        WorkflowTaskTimeout = Ticks.ToDuration(state.TaskTimeout),
        WorkflowExecutionExpirationTime = Ticks.ToTimestampOrNull(state.ExecutionExpires),
        ContinuedExecutionRunId = origin.ContinuedRunId,
        Initiator = origin.Initiator,
        ContinuedFailure = origin.ContinuedFailure,
        LastCompletionResult = origin.LastCompletionResult,
        OriginalExecutionRunId = state.RunId,
        Identity = request.Identity,
        FirstExecutionRunId = state.FirstRunId,
        RetryPolicy = state.RetryPolicy,
        Attempt = origin.Attempt,
        FirstWorkflowTaskBackoff = origin is { Initiator: ContinueAsNewInitiator.Workflow, Backoff: 0 }
            ? null
            : Ticks.ToDuration(origin.Backoff),
        Memo = request.Memo,
        SearchAttributes = state.SearchAttributes,
        Header = request.Header,
        WorkflowId = request.WorkflowId,
        Priority = request.Priority,
        VersioningOverride = request.VersioningOverride,
        CompletionCallbacks = { request.CompletionCallbacks },
        EagerExecutionAccepted = eager,
    };
}
