using LogPipeline.Workflows.Connecting;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// Whether Temporal answers, and how many batches wait there. A client stays connected in its own eyes once it was, so
/// that it is asked: when somebody looks, and every two seconds at most. For any thread.
/// </summary>
sealed class TemporalLink(TemporalClientConnectOptions connection, string taskQueue, TimeProvider time)
{
    static readonly TimeSpan AskInterval = TimeSpan.FromSeconds(2);
    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(2);

    readonly SemaphoreSlim _gate = new(1);
    volatile ITemporalClient? _client;
    volatile TemporalState _state = new(false, "The worker has not connected to Temporal yet.", time.GetUtcNow(), null, 0);
    long? _askedAt;

    /// <summary>The newest one that was connected; null: none yet.</summary>
    public ITemporalClient? Client => _client;

    public string Address => connection.TargetHost!;

    public string Namespace => connection.Namespace;

    public string TaskQueue => taskQueue;

    /// <summary>As it was when it was looked at last.</summary>
    public TemporalState State => _state;

    public void Connected(ITemporalClient client)
    {
        _client = client;
        _state = new TemporalState(true, null, null, _state.PendingBatches, 0);
    }

    public void Failed(string sentence) => _state = _state with
    {
        IsReached = false, Problem = sentence, Since = _state.Since ?? time.GetUtcNow(), FailuresInRow = _state.FailuresInRow + 1,
    };

    public async Task<TemporalState> AskAsync(CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_client is not { } client || (_askedAt is { } at && time.GetElapsedTime(at) < AskInterval)) return _state;
            await AskAsync(client, cancellationToken).ConfigureAwait(false);
            _askedAt = time.GetTimestamp();
            return _state;
        }
        finally
        {
            _gate.Release();
        }
    }

    async Task AskAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        try
        {
            var rpc = new RpcOptions { Timeout = AnswerMax, Retry = false, CancellationToken = cancellationToken };
            var count = await client.CountWorkflowsAsync(BacklogQuery.Of(taskQueue), new WorkflowCountOptions { Rpc = rpc })
                .ConfigureAwait(false);
            _state = new TemporalState(true, null, null, count.Count, 0);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested
            && e is RpcException or RpcTimeoutOrCanceledException or OperationCanceledException)
        {
            Failed((ConnectProblem.Of(e, connection) ?? ConnectProblem.NoAnswer(Address, AnswerMax)).Sentence);
        }
    }
}

/// <param name="IsReached">Whether it answered.</param>
/// <param name="Problem">Why not, in a sentence.</param>
/// <param name="Since">Since when it does not.</param>
/// <param name="PendingBatches">Batches that wait there, when it was asked last; null: it never answered.</param>
/// <param name="FailuresInRow">Questions without an answer.</param>
sealed record TemporalState(bool IsReached, string? Problem, DateTimeOffset? Since, long? PendingBatches, int FailuresInRow);
