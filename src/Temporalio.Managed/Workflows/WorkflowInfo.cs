using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Workflows;

/// <summary>What is known of a run from its start; it never changes. Copy it by <c>with</c>: the constructor may grow.</summary>
/// <param name="Attempt">From 1, counting retries of the workflow.</param>
/// <param name="ContinuedRunId">The run this one continues, if any.</param>
/// <param name="CronSchedule">The schedule the workflow was started with, if any.</param>
/// <param name="ExecutionTimeout">For all runs of the chain; null: unlimited.</param>
/// <param name="FirstExecutionRunId">The first run of the chain.</param>
/// <param name="Headers">As sent by the caller.</param>
/// <param name="LastFailure">How the previous run failed, when this one is its retry.</param>
/// <param name="LastResult">What the previous run returned, under a cron schedule.</param>
/// <param name="Namespace">The namespace.</param>
/// <param name="Parent">The workflow that started this one as its child.</param>
/// <param name="Priority">The priority; its keys may be null.</param>
/// <param name="RetryPolicy">Null: a failure is final.</param>
/// <param name="Root">The workflow at the top of the tree of parents.</param>
/// <param name="RunId">This run.</param>
/// <param name="RunTimeout">For this run; null: unlimited.</param>
/// <param name="StartTime">Of the first workflow task, UTC.</param>
/// <param name="TaskQueue">Where the workflow's tasks are polled.</param>
/// <param name="TaskTimeout">For one workflow task.</param>
/// <param name="WorkflowId">The workflow id.</param>
/// <param name="WorkflowStartTime">When the server started the run, UTC.</param>
/// <param name="WorkflowType">The workflow type.</param>
public record WorkflowInfo(
    int Attempt,
    string? ContinuedRunId,
    string? CronSchedule,
    TimeSpan? ExecutionTimeout,
    string FirstExecutionRunId,
    IReadOnlyDictionary<string, Api.Common.V1.Payload>? Headers,
    Exception? LastFailure,
    IReadOnlyCollection<IRawValue>? LastResult,
    string Namespace,
    WorkflowInfo.ParentInfo? Parent,
    Priority Priority,
    RetryPolicy? RetryPolicy,
    WorkflowInfo.RootInfo? Root,
    string RunId,
    TimeSpan? RunTimeout,
    DateTime StartTime,
    string TaskQueue,
    TimeSpan TaskTimeout,
    string WorkflowId,
    DateTime WorkflowStartTime,
    string WorkflowType)
{
    /// <summary>The workflow that started this one as its child.</summary>
    public record ParentInfo(string Namespace, string RunId, string WorkflowId);

    /// <summary>The workflow at the top of the tree of parents.</summary>
    public record RootInfo(string RunId, string WorkflowId);
}
