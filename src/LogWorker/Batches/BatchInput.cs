using Google.Protobuf.Collections;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Batches;

/// <summary>
/// A batch as Temporal has it: its workflow's input stands where the history begins, for anybody who may read it.
/// </summary>
static class BatchInput
{
    /// <param name="run">Empty: the newest.</param>
    /// <param name="countMax">Most events.</param>
    /// <exception cref="RpcException">Temporal does not say, or has no such workflow.</exception>
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

    public static Payloads? Of(RepeatedField<HistoryEvent> events) =>
        events is [var started, ..] ? started.WorkflowExecutionStartedEventAttributes?.Input : null;

    /// <exception cref="ApplicationFailureException">They are not records yet: this worker lacks the codec. Refusing
    /// them would be for good.</exception>
    public static ReadOnlyMemory<byte> RecordsOf(IRawValue records) =>
        !records.Payload.Metadata.TryGetValue("encoding", out var encoding) || encoding.ToStringUtf8() is "json/plain"
            ? records.Payload.Data.Memory
            : throw new ApplicationFailureException($"The records are encoded as '{encoding.ToStringUtf8()}'; give "
                + $"this worker the codec, or its key, that the publisher has.", errorType: "EncodingUnknown");
}
