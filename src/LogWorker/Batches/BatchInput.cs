using Google.Protobuf.Collections;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Batches;

/// <summary>
/// A batch as Temporal has it: its workflow's input stands where the history begins, for anybody who may read it.
/// </summary>
static class BatchInput
{
    /// <summary>The failure type of records that a worker with another key may read.</summary>
    public const string EncodingUnknown = "EncodingUnknown";

    /// <summary>The encoding of a header, and of records that are neither compressed nor encrypted.</summary>
    public const string Json = "json/plain";

    // Takes milliseconds; side by side they would only take more memory at a time.
    static readonly SemaphoreSlim OneAtATime = new(1);

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

    /// <summary>The records array, taken out of the payload if it is compressed still.</summary>
    /// <exception cref="BatchRefusedException">They are none, for any worker.</exception>
    /// <exception cref="ApplicationFailureException">This worker lacks the key; refusing them would be for
    /// good.</exception>
    public static async ValueTask<ReadOnlyMemory<byte>> GetRecordsAsync(Payload records,
        CancellationToken cancellationToken)
    {
        if (GzipPayload.Is(records)) records = await DecompressAsync(records, cancellationToken).ConfigureAwait(false);
        var encoding = records.Metadata.TryGetValue("encoding", out var named) ? named.ToStringUtf8() : Json;
        if (encoding == EncryptedPayload.Encoding)
            throw new ApplicationFailureException($"The records are encoded as '{encoding}'; give this worker the key "
                + $"that the publisher has.", errorType: EncodingUnknown);
        if (encoding != Json) throw new BatchRefusedException($"The records are encoded as '{encoding}'.");
        if (records.Data.Length > GzipPayload.InflatedBytesMax)
            throw new BatchRefusedException($"The records have {records.Data.Length} bytes; "
                + $"{GzipPayload.InflatedBytesMax} at most.");
        return records.Data.Memory;
    }

    static async Task<Payload> DecompressAsync(Payload records, CancellationToken cancellationToken)
    {
        await OneAtATime.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            return GzipPayload.Decompress(records);
        }
        catch (PayloadNotReadableException e)
        {
            throw new BatchRefusedException(e.Message, e);
        }
        finally
        {
            OneAtATime.Release();
        }
    }
}
