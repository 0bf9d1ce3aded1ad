using System.Text.Json;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Activities;

// Order holds within a source, and an urgent batch is handed out before others. So what it stands behind may be deep in the
// task queue. It is fetched from there by name, as a workflow's input can be read by anybody, and written in order; when its
// own workflow comes up it finds its receipt.

/// <summary>Writes the batches that an urgent one stands behind and that wait in Temporal still.</summary>
sealed class Predecessors(BatchWriter writer)
{
    /// <summary>Most batches, and bytes of records, that one urgent batch takes along. With more before it, it waits in line.</summary>
    public const int CountMax = 64;
    public const long BytesMax = 32 << 20;

    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    // Shorter than the local activity may take.
    static readonly TimeSpan TurnWaitMax = TimeSpan.FromSeconds(5);

    // Bounds the memory that they take.
    readonly SemaphoreSlim _turns = new(2);

    /// <param name="client">Decodes with the worker's codec.</param>
    /// <param name="header">The urgent batch's.</param>
    /// <param name="cancellationToken">Ends the waiting.</param>
    /// <exception cref="BatchNotWrittenException">They could not be written now; try again.</exception>
    /// <exception cref="PredecessorMissingException">Another urgent batch stands between and is not written.</exception>
    public async Task<PredecessorState> BringAsync(ITemporalClient client, LogBatchHeader header, CancellationToken cancellationToken)
    {
        if (!await _turns.WaitAsync(TurnWaitMax, cancellationToken).ConfigureAwait(false)) return PredecessorState.InLine;
        try
        {
            var (state, waiting) = await FetchAsync(client, header, cancellationToken).ConfigureAwait(false);
            if (state != PredecessorState.Written) return state;
            var writes = new List<Task>(waiting.Count);
            // A batch's name is its workflow's id.
            while (waiting.TryPop(out var batch)) writes.Add(writer.WriteAsync(batch.Header.Id.ToString(), batch.Header, batch.Records.Payload.Data.Memory, cancellationToken));
            await Task.WhenAll(writes).ConfigureAwait(false);
            return state;
        }
        catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException or PayloadNotReadableException or JsonException or NewerBatchException)
        {
            // Whoever cannot be fetched is waited for as usual.
            return PredecessorState.Unknown;
        }
        finally
        {
            _turns.Release();
        }
    }

    // The newest at the bottom.
    static async Task<(PredecessorState, Stack<WaitingBatch>)> FetchAsync(ITemporalClient client, LogBatchHeader header, CancellationToken cancellationToken)
    {
        var waiting = new Stack<WaitingBatch>();
        var bytes = 0L;
        for (var id = header.PreviousId; id is { } previous; id = waiting.Peek().Header.PreviousId)
        {
            if (await FetchAsync(client, previous, cancellationToken).ConfigureAwait(false) is not { } batch) return (waiting.Count == 0 ? PredecessorState.Unknown : PredecessorState.Written, waiting);
            // It brings those before it itself.
            if (batch.Header.IsUrgent) break;
            if (waiting.Count == CountMax || (bytes += batch.Header.Bytes) > BytesMax) return (PredecessorState.InLine, waiting);
            waiting.Push(batch);
        }
        return (waiting.Count == 0 ? PredecessorState.Unknown : PredecessorState.Written, waiting);
    }

    /// <returns>Null: no workflow of this name waits to be begun; it is in a worker's hands, ended, or never was.</returns>
    static async Task<WaitingBatch?> FetchAsync(ITemporalClient client, BatchId id, CancellationToken cancellationToken)
    {
        var request = new GetWorkflowExecutionHistoryRequest { Namespace = client.Options.Namespace, Execution = new() { WorkflowId = id.ToString() }, MaximumPageSize = 10 };
        var rpc = new RpcOptions { Timeout = CallTimeout, CancellationToken = cancellationToken };
        GetWorkflowExecutionHistoryResponse page;
        try
        {
            page = await client.Connection.WorkflowService.GetWorkflowExecutionHistoryAsync(request, rpc).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return null;
        }
        if (page.History.Events is not [var started, { EventType: EventType.WorkflowTaskScheduled }]) return null;
        if (started.WorkflowExecutionStartedEventAttributes?.Input?.Payloads_ is not [var header, var records]) return null;
        var converter = client.Options.DataConverter;
        return new WaitingBatch(
            await converter.ToValueAsync<LogBatchHeader>(header).ConfigureAwait(false),
            await converter.ToValueAsync<RawValue>(records).ConfigureAwait(false));
    }

    sealed record WaitingBatch(LogBatchHeader Header, RawValue Records);
}

/// <summary>What is known of the batch before an urgent one.</summary>
enum PredecessorState
{
    /// <summary>It is in a worker's hands, or gone, or could not be asked for.</summary>
    Unknown,

    /// <summary>It was fetched and is written now.</summary>
    Written,

    /// <summary>It waits in the task queue behind too many others of its source, or other urgent batches are being helped.</summary>
    InLine,
}
