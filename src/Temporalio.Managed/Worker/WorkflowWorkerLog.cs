using Microsoft.Extensions.Logging;

namespace Temporalio.Worker;

/// <summary>What the workflow side of a worker says. Numbers are never reused.</summary>
static partial class WorkflowWorkerLog
{
    [LoggerMessage(5301, LogLevel.Warning, "Workflow task of {WorkflowId} (run {RunId}, attempt {Attempt}) failed: {Message}")]
    public static partial void TaskFailed(ILogger logger, string workflowId, string runId, int attempt, string message);

    [LoggerMessage(5302, LogLevel.Debug, "The server did not take the completion of a workflow task of {WorkflowId} (run {RunId}): {Message}")]
    public static partial void CompletionRefused(ILogger logger, string workflowId, string runId, string message);

    [LoggerMessage(5304, LogLevel.Debug, "The server was not told that this worker stops: {Message}")]
    public static partial void FarewellRefused(ILogger logger, string message);

    [LoggerMessage(5303, LogLevel.Warning, "A query of {WorkflowId} (run {RunId}) failed: {Message}")]
    public static partial void QueryFailed(ILogger logger, string workflowId, string runId, string message);
}
