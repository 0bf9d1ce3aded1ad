using Temporalio.Api.Failure.V1;

namespace TemporalDevServer.Engine;

/// <summary>The next run of a chain: after a retry, or as its last one asked for.</summary>
sealed class RunChains(HistoryBuilder history, RunCreator creator, WorkflowTasks tasks)
{
    public void Retry(Run run, string next, long wait, Failure failure)
    {
        var started = history.Started(run);
        Continue(run, NextRequest(run), next, new RunOrigin
        {
            Initiator = ContinueAsNewInitiator.Retry,
            ContinuedFailure = failure,
            LastCompletionResult = started.LastCompletionResult,
            Attempt = run.State.Attempt + 1,
            Backoff = wait,
        });
    }

    public void Continue(Run run, StartWorkflowExecutionRequest request, string next, RunOrigin origin)
    {
        var state = run.State;
        var begun = creator.Create(run.Namespace, request, origin with
        {
            RunId = next,
            FirstRunId = state.FirstRunId,
            ContinuedRunId = state.RunId,
            ExecutionExpires = state.ExecutionExpires,
            Parent = state.Parent,
            ParentNamespace = state.Parent is null ? "" : run.Namespace.Name,
            Root = history.Started(run).RootWorkflowExecution,
        }, eager: false);
        tasks.Schedule(begun);
    }

    /// <summary>What would start this run once more.</summary>
    public StartWorkflowExecutionRequest NextRequest(Run run)
    {
        var state = run.State;
        var started = history.Started(run);
        return new()
        {
            WorkflowId = state.WorkflowId,
            WorkflowType = run.Type,
            TaskQueue = new() { Name = state.TaskQueue },
            Input = started.Input,
            WorkflowExecutionTimeout = started.WorkflowExecutionTimeout,
            WorkflowRunTimeout = Ticks.ToDuration(state.RunTimeout),
            WorkflowTaskTimeout = Ticks.ToDuration(state.TaskTimeout),
            RequestId = "",
            RetryPolicy = state.RetryPolicy,
            Memo = state.Memo,
            SearchAttributes = state.SearchAttributes,
            Header = started.Header,
            UserMetadata = state.UserMetadata,
            Priority = state.Priority,
            VersioningOverride = state.VersioningOverride,
        };
    }
}
