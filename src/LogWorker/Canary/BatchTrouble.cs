using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using WorkflowExecution = Temporalio.Api.Common.V1.WorkflowExecution;

namespace LogPipeline.Worker.Canary;

/// <summary>Why a batch is not written: what its workflow says of the last attempt.</summary>
static class BatchTrouble
{
    const int EventsMax = 50;

    /// <returns>A sentence; null: no attempt has failed.</returns>
    public static async Task<string?> OfAsync(ITemporalClient client, BatchId id, RpcOptions rpc)
    {
        var execution = new WorkflowExecution { WorkflowId = id.ToString() };
        var described = await client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
            new DescribeWorkflowExecutionRequest { Namespace = client.Options.Namespace, Execution = execution }, rpc)
            .ConfigureAwait(false);
        var attempts = described.PendingActivities.Select(activity => activity.LastFailure?.Message);
        if (attempts.LastOrDefault(message => !string.IsNullOrEmpty(message)) is { } last) return Sentence(last);
        var history = await client.Connection.WorkflowService.GetWorkflowExecutionHistoryAsync(
            new GetWorkflowExecutionHistoryRequest
            {
                Namespace = client.Options.Namespace, Execution = execution, MaximumPageSize = EventsMax,
            }, rpc).ConfigureAwait(false);
        var failed = history.History.Events.LastOrDefault(one => one.EventType == EventType.WorkflowTaskFailed)
            ?.WorkflowTaskFailedEventAttributes?.Failure;
        while (failed?.Cause is { } cause) failed = cause;
        return failed is null ? null : Sentence(failed.Message);
    }

    static string Sentence(string message) => $"{message.Split('\n')[0].Trim().TrimEnd('.')}.";
}
