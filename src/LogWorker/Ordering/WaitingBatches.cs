using Google.Protobuf.Collections;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Ordering;

/// <summary>
/// Looks at a batch through its workflow: a batch's name is its workflow's id, and a workflow's input can be read by
/// anybody.
/// </summary>
/// <param name="client">Decodes with the worker's codec.</param>
/// <param name="time">Ages batches that cannot be read.</param>
/// <param name="cancellationToken">Ends a call.</param>
sealed class WaitingBatches(ITemporalClient client, TimeProvider time, CancellationToken cancellationToken)
{
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long others wait for a batch that this worker cannot read. Batches of one run have one version and one key,
    /// so whoever can be read and stands behind it is, as a rule, not of its run.
    /// </summary>
    public static readonly TimeSpan UnreadableWaitMax = TimeSpan.FromSeconds(30);

    static readonly PipelineCodec Plain = new(KeyRing.Empty, gzipBytesMin: 0);

    // Started and scheduled: two events are enough to see that nobody has begun it.
    const int EventsOfBeginning = 3;

    /// <exception cref="RpcException">Temporal does not say.</exception>
    public async Task<WaitingBatch> FindAsync(BatchId id)
    {
        if (await BeginningAsync(id).ConfigureAwait(false) is not { } events) return new(BatchPlace.Lost);
        if (events is not [_, { EventType: EventType.WorkflowTaskScheduled }] && await PlaceAsync(id)
            .ConfigureAwait(false) is var place and not BatchPlace.Waiting) return new(place);
        var input = BatchInput.Of(events) ?? new Payloads();
        var codec = client.Options.DataConverter.PayloadCodec as PipelineCodec ?? Plain;
        if (UnreadableInput.Judge(input, codec) is not null)
            return new(time.GetUtcNow() - events[0].EventTime.ToDateTimeOffset() < UnreadableWaitMax
                ? BatchPlace.InHands : BatchPlace.Lost);
        try
        {
            return await ReadAsync(input.Payloads_[0], input.Payloads_[1]).ConfigureAwait(false);
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever it is that cannot be read, it is that batch's fault, and its own workflow shows it.
            return new(BatchPlace.InHands);
        }
    }

    async Task<WaitingBatch> ReadAsync(Payload header, Payload records)
    {
        var converter = client.Options.DataConverter;
        var raw = await converter.ToValueAsync<RawValue>(records).ConfigureAwait(false);
        return new(BatchPlace.Waiting, await converter.ToValueAsync<LogBatchHeader?>(header).ConfigureAwait(false),
            await BatchInput.GetRecordsAsync(raw.Payload, cancellationToken).ConfigureAwait(false));
    }

    // It has been in a worker's hands; whether it still is, or waits to be tried again, its history does not tell.
    async Task<BatchPlace> PlaceAsync(BatchId id)
    {
        var seen = await client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
            new() { Namespace = client.Options.Namespace, Execution = new() { WorkflowId = id.ToString() } }, Rpc())
                .ConfigureAwait(false);
        return seen.WorkflowExecutionInfo.Status switch
        {
            WorkflowExecutionStatus.Completed => BatchPlace.Done,
            not WorkflowExecutionStatus.Running => BatchPlace.Lost,
            _ when seen.PendingWorkflowTask is { State: PendingWorkflowTaskState.Started } => BatchPlace.InHands,
            _ when seen.PendingActivities.Any(activity => activity.State != PendingActivityState.Scheduled) =>
                BatchPlace.InHands,
            _ => BatchPlace.Waiting,
        };
    }

    async Task<RepeatedField<HistoryEvent>?> BeginningAsync(BatchId id)
    {
        try
        {
            return await BatchInput.GetBeginningAsync(
                client, id.ToString(), run: "", EventsOfBeginning, Rpc()).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code == RpcException.StatusCode.NotFound)
        {
            return null;
        }
    }

    RpcOptions Rpc() => new() { Timeout = CallTimeout, CancellationToken = cancellationToken };
}

/// <param name="Place">Where it is.</param>
/// <param name="Header">Where it waits: what it says of itself; null: that is none.</param>
/// <param name="Records">Where it waits: its records.</param>
sealed record WaitingBatch(BatchPlace Place, LogBatchHeader? Header = null, ReadOnlyMemory<byte> Records = default);

/// <summary>Where a batch is, seen from Temporal.</summary>
enum BatchPlace
{
    /// <summary>In the task queue, or it waits to be tried again: nobody has it in hands.</summary>
    Waiting,

    /// <summary>A worker has it now, or had it until it died.</summary>
    InHands,

    /// <summary>Its workflow has ended well: it is in files, or among the dead letters.</summary>
    Done,

    /// <summary>It is not there, was ended by somebody, or waits and cannot be read here.</summary>
    Lost,
}
