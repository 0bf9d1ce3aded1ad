using Google.Protobuf;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Priority = Temporalio.Common.Priority;

namespace LogPipeline.Worker.Batches;

/// <summary>Starts the workflow of a batch that the worker itself made.</summary>
static class BatchStart
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(10);

    /// <summary>The records array as the workflow's second argument.</summary>
    public static Payload PayloadOf(byte[] records) =>
        new() { Data = UnsafeByteOperations.UnsafeWrap(records),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8(BatchInput.Json) } };

    /// <summary>Returns when Temporal has it; one that was started before, with an answer that was lost, is left as it is.</summary>
    /// <param name="client">Its codec encodes the input.</param>
    /// <param name="id">The batch.</param>
    /// <param name="header">For its summary and priority; null: it is not known.</param>
    /// <param name="input">Header and records, or whatever a letter holds.</param>
    /// <param name="taskQueue">Whose workers write it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public static async Task StartAsync(ITemporalClient client, BatchId id, LogBatchHeader? header, IEnumerable<Payload> input,
        string taskQueue, CancellationToken cancellationToken)
    {
        try
        {
            await client.StartWorkflowAsync(PipelineDefaults.WorkflowName,
                [.. input.Select(payload => new RawValue(payload))], new WorkflowOptions(id.ToString(), taskQueue)
            {
                IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
                StaticSummary = header?.Summary(),
                Priority = header is { IsUrgent: true } ? new Priority(PipelineDefaults.UrgentPriority) : null,
                Rpc = new RpcOptions { Timeout = CallTimeout, CancellationToken = cancellationToken },
            }).ConfigureAwait(false);
        }
        catch (WorkflowAlreadyStartedException)
        {
            // By an earlier attempt.
        }
    }
}
