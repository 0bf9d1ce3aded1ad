using Google.Protobuf;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;
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
/// A client whose call was never answered is left for a new one: behind a link that died silently (a firewall that forgot
/// it) its connection looks alive until its pings time out, most of a minute later. So is one that was denied: the new one
/// reads credentials anew.
/// </summary>
/// <param name="connect">Makes a client that connects on first use, from options as they are now.</param>
/// <param name="taskQueue">Where workers look.</param>
/// <param name="timeout">Longest wait for one answer.</param>
sealed class WorkflowStarter(Func<ITemporalClient> connect, string taskQueue, TimeSpan timeout) : IBatchStarter
{
    static readonly TimeSpan PauseBeforeSecondAttempt = TimeSpan.FromMilliseconds(50);
    static readonly ByteString JsonPlain = ByteString.CopyFromUtf8("json/plain");

    volatile ITemporalClient? _client;

    public async Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken)
    {
        ITemporalClient client;
        try
        {
            client = _client ??= connect();
        }
        catch (ConfigurationException e)
        {
            return new PublishOutcome(OutcomeKind.Denied, Sentence(e.Message));
        }
        var wasConnected = client.Connection.IsConnected;
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
            var isDead = kind == OutcomeKind.Unreachable && (wasConnected || !client.Connection.IsConnected);
            if (isDead || kind == OutcomeKind.Denied) Interlocked.CompareExchange(ref _client, null, client);
        }
    }

    async Task<PublishOutcome> StartAsync(ITemporalClient client, FrozenBatch batch, CancellationToken cancellationToken)
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
        catch (Exception e) when (OutcomeOf(e) is { } outcome)
        {
            return outcome;
        }
        try
        {
            return await StartOnceAsync(client, batch, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (OutcomeOf(e) is { } outcome)
        {
            return outcome;
        }
    }

    /// <summary>What an exception of the client says about the batch; null: nothing that is known here.</summary>
    internal static PublishOutcome? OutcomeOf(Exception error) => error switch
    {
        WorkflowAlreadyStartedException => PublishOutcome.Accepted,
        RpcException rpc => rpc.Code switch
        {
            RpcException.StatusCode.ResourceExhausted => new(OutcomeKind.Busy, Sentence(rpc.Message)),
            RpcException.StatusCode.PermissionDenied or RpcException.StatusCode.Unauthenticated =>
                new(OutcomeKind.Denied, Sentence(rpc.Message) + " Check TEMPORAL_API_KEY, the TEMPORAL_TLS_* variables and the namespace's permissions."),
            RpcException.StatusCode.NotFound =>
                new(OutcomeKind.Denied, Sentence(rpc.Message) + " Check TEMPORAL_NAMESPACE, or create the namespace."),
            RpcException.StatusCode.Unimplemented or RpcException.StatusCode.FailedPrecondition => new(OutcomeKind.Denied, Sentence(rpc.Message)),
            RpcException.StatusCode.InvalidArgument or RpcException.StatusCode.OutOfRange => new(OutcomeKind.Refused, Sentence(rpc.Message)),
            _ => new(OutcomeKind.Unreachable, Sentence(rpc.Message), IsAmbiguous: true),
        },
        // A client that connects on first use says so around what went wrong.
        InvalidOperationException { InnerException: { } inner } => OutcomeOf(inner),
        RpcTimeoutOrCanceledException => new(OutcomeKind.Unreachable, Sentence(error.Message), IsAmbiguous: true),
        _ => null,
    };

    async Task<PublishOutcome> StartOnceAsync(ITemporalClient client, FrozenBatch batch, CancellationToken cancellationToken)
    {
        var header = batch.Header;
        var records = new Payload { Data = UnsafeByteOperations.UnsafeWrap(batch.Records) };
        records.Metadata["encoding"] = JsonPlain;
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new RawValue(records)], new WorkflowOptions(batch.Id.ToString(), taskQueue)
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

    static string Sentence(string message) => message.EndsWith('.') ? message : message + ".";
}
