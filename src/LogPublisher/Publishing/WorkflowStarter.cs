using System.Diagnostics;
using Google.Protobuf;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Priority = Temporalio.Common.Priority;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Starts a batch's workflow under the batch's name. As a name is never used twice, a repetition is harmless, and the
/// answer "already started" means that an earlier attempt went through.
/// A client whose call got no answer is replaced by a new one: on a link that died silently (a firewall dropped its
/// state) the connection seems alive until its pings time out, 20 s later. A client that was denied is replaced too:
/// the new one reads credentials anew.
/// </summary>
/// <param name="connector">Makes clients, from options as they are then.</param>
/// <param name="taskQueue">The queue that workers poll.</param>
/// <param name="timeout">Longest wait for one answer.</param>
sealed class WorkflowStarter(ClientConnector connector, string taskQueue, TimeSpan timeout)
    : IBatchStarter, IReportStarter
{
    static readonly TimeSpan PauseBeforeSecondAttempt = TimeSpan.FromMilliseconds(50);
    static readonly ByteString JsonPlain = ByteString.CopyFromUtf8("json/plain");
    static readonly Dictionary<string, int> NoCounts = [];

    public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        using var span = PublisherTrace.Start(batch.Id.ToString(), batch.Header.Source, batch.RecordCount, batch.Records.Length);
        var outcome = await StartTracedAsync(batch, cancellationToken).ConfigureAwait(false);
        if (outcome.Kind != OutcomeKind.Accepted) span?.SetStatus(ActivityStatusCode.Error, outcome.Reason);
        return outcome;
    }

    async Task<PublishOutcome> StartTracedAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        var wasConnected = connector.HasClient;
        ITemporalClient client;
        try
        {
            client = await connector.GetAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ConfigurationException e)
        {
            return new PublishOutcome(OutcomeKind.Denied, Sentence(e.Message));
        }
        catch (Exception e) when (OutcomeOf(e, connector.LastOptions!) is { } outcome)
        {
            // Nothing was sent.
            return outcome with { IsAmbiguous = false };
        }
        var kind = OutcomeKind.Unreachable;
        try
        {
            var outcome = await StartAsync(client, batch, cancellationToken).ConfigureAwait(false);
            kind = outcome.Kind;
            return outcome;
        }
        finally
        {
            // One that was connected in this very attempt is slow, not dead, and the next attempt needs no greeting.
            if (kind == OutcomeKind.Denied || (kind == OutcomeKind.Unreachable && wasConnected)) connector.Drop(client);
        }
    }

    async Task<PublishOutcome> StartAsync(ITemporalClient client, FrozenBatch batch,
        CancellationToken cancellationToken)
    {
        try
        {
            return await StartOnceAsync(client, batch, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException e) when (e.Code is RpcException.StatusCode.Unavailable or RpcException.StatusCode.Internal)
        {
            // Temporal renews its connections every few minutes: one lost call says nothing yet.
            await Task.Delay(PauseBeforeSecondAttempt, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (OutcomeOf(e, connector.LastOptions!) is { } outcome)
        {
            return outcome;
        }
        try
        {
            return await StartOnceAsync(client, batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (OutcomeOf(e, connector.LastOptions!) is { } outcome)
        {
            return outcome;
        }
    }

    /// <summary>What an exception of the client says about the batch; null: nothing that is known here.</summary>
    internal static PublishOutcome? OutcomeOf(Exception error, TemporalClientConnectOptions given) => error switch
    {
        WorkflowAlreadyStartedException => PublishOutcome.Accepted,
        RpcException { Code: RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.OutOfRange } =>
            new(OutcomeKind.Refused, Sentence(error.Message)),
        _ => ConnectProblem.Of(error, given) switch
        {
            null => null,
            { Fault: ConnectFault.SlowDown } problem => new(OutcomeKind.Busy, problem.Sentence),
            { NeedsPeople: true } problem => new(OutcomeKind.Denied, problem.Sentence),
            var problem => new(OutcomeKind.Unreachable, problem.Sentence, IsAmbiguous: true),
        },
    };

    async Task<PublishOutcome> StartOnceAsync(ITemporalClient client, FrozenBatch batch,
        CancellationToken cancellationToken)
    {
        var header = batch.Header;
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new RawValue(Json(batch.Records))],
            new WorkflowOptions(batch.Id.ToString(), taskQueue)
        {
            IdReusePolicy = WorkflowIdReusePolicy.RejectDuplicate,
            StaticSummary = header.Summary(),
            // Its activities have the same.
            Priority = header.IsUrgent ? new Priority(PipelineDefaults.UrgentPriority) : null,
            Memo = new Dictionary<string, object> { ["source"] = header.Source, ["records"] = header.RecordCount },
            // The publisher repeats on its own, from the disk if it takes long.
            Rpc = new RpcOptions { Timeout = timeout, CancellationToken = cancellationToken, Retry = false },
        }).ConfigureAwait(false);
        return PublishOutcome.Accepted;
    }

    /// <summary>
    /// A workflow of no records, behind no other of this publisher. Where workers are older than reports, or away, it
    /// ends by its own deadline.
    /// </summary>
    public async Task SendAsync(PublisherReport report, CancellationToken cancellationToken)
    {
        if (!connector.HasClient) return;
        var client = await connector.GetAsync(cancellationToken).ConfigureAwait(false);
        var header = new LogBatchHeader
        {
            Version = LogBatchHeader.ReportVersion, Source = report.Source, Instance = report.Instance,
            FirstSequence = 0, LastSequence = 0, RecordCount = 0, Bytes = 2, From = report.ReportedAt,
            To = report.ReportedAt, Levels = NoCounts, Channels = NoCounts, Publisher = report,
        };
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new RawValue(Json("[]"u8.ToArray()))],
            new WorkflowOptions(PipelineDefaults.ReportId(report.Source, report.Instance), taskQueue)
        {
            IdReusePolicy = WorkflowIdReusePolicy.AllowDuplicate,
            ExecutionTimeout = PipelineDefaults.ReportPatience,
            StaticSummary = "report of a publisher",
            // What is asked about a long row of batches must not stand at its end.
            Priority = new Priority(PipelineDefaults.UrgentPriority),
            Rpc = new RpcOptions { Timeout = timeout, CancellationToken = cancellationToken, Retry = false },
        }).ConfigureAwait(false);
    }

    static Payload Json(byte[] json)
    {
        var payload = new Payload { Data = UnsafeByteOperations.UnsafeWrap(json) };
        payload.Metadata["encoding"] = JsonPlain;
        return payload;
    }

    static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
