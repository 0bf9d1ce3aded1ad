using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;

namespace LogPipeline.Worker.Batches;

/// <summary>How the history of a batch's workflow begins; its input stands there, for anybody who may read it.</summary>
static class BatchHistory
{
    /// <param name="run">Empty: the newest.</param>
    /// <param name="countMax">Most events.</param>
    /// <exception cref="Temporalio.Exceptions.RpcException">Temporal does not say, or has no such workflow.</exception>
    public static async Task<RepeatedField<HistoryEvent>> GetBeginningAsync(
        ITemporalClient client, string workflow, string run, int countMax, RpcOptions rpc)
    {
        var page = await client.Connection.WorkflowService.GetWorkflowExecutionHistoryAsync(
            new()
            {
                Namespace = client.Options.Namespace,
                Execution = new() { WorkflowId = workflow, RunId = run },
                MaximumPageSize = countMax,
            }, rpc).ConfigureAwait(false);
        return page.History.Events;
    }

    public static Payloads? InputOf(RepeatedField<HistoryEvent> events) =>
        events is [var started, ..] ? started.WorkflowExecutionStartedEventAttributes?.Input : null;
}
