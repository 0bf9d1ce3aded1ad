using System.Collections.Concurrent;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Ordering;

/// <summary>Where a batch is that others wait for and that is not in the files here.</summary>
enum PredecessorPlace
{
    /// <summary>Not known, or it hangs: it is waited for in patience.</summary>
    Unknown,
    /// <summary>A worker has it, had it until it died, or will have it: it comes, however long that takes.</summary>
    Expected,
    /// <summary>In another worker's files, or a dead letter.</summary>
    Done,
    /// <summary>Not at Temporal, or ended by somebody: it will not come.</summary>
    Lost,
}

/// <summary>Which batches are waited for, and what is known of them. Used by any thread.</summary>
sealed class Predecessors
{
    readonly ConcurrentDictionary<BatchId, PredecessorPlace> _places = [];

    public IReadOnlyCollection<BatchId> Missing { get; set; } = [];

    public PredecessorPlace this[BatchId id]
    {
        get => _places.GetValueOrDefault(id);
        set
        {
            if (_places.Count >= 100_000) _places.Clear(); // Whoever is still waited for is asked for again.
            _places[id] = value;
        }
    }

    /// <summary>Asks Temporal twice a second until it is told to stop.</summary>
    public async Task WatchAsync(ITemporalClient client, CancellationToken cancellationToken)
    {
        while (!cancellationToken.IsCancellationRequested)
        {
            await LookAsync(client, cancellationToken).ConfigureAwait(false);
            await Task.Delay(500, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks where the oldest batch is that each run waits for. A batch's name is its workflow's id.</summary>
    public async Task LookAsync(ITemporalClient client, CancellationToken cancellationToken = default)
    {
        foreach (var id in Missing.GroupBy(OrderedBatch.RunOf).Select(run => run.MinBy(id => id.FirstSequence)))
        {
            var request = new DescribeWorkflowExecutionRequest { Namespace = client.Options.Namespace, Execution = new() { WorkflowId = id.ToString() } };
            var rpc = new RpcOptions { Timeout = TimeSpan.FromSeconds(5), CancellationToken = cancellationToken };
            try
            {
                this[id] = PlaceOf(await client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(request, rpc).ConfigureAwait(false));
            }
            catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException)
            {
                this[id] = e is RpcException { Code: RpcException.StatusCode.NotFound } ? PredecessorPlace.Lost : PredecessorPlace.Unknown;
            }
        }
    }

    // A task that is tried again and again is one that no worker can read; a pending activity is a batch that cannot be written.
    static PredecessorPlace PlaceOf(DescribeWorkflowExecutionResponse seen) => seen.WorkflowExecutionInfo.Status switch
    {
        WorkflowExecutionStatus.Completed => PredecessorPlace.Done,
        not WorkflowExecutionStatus.Running => PredecessorPlace.Lost,
        _ when seen.PendingActivities.Count > 0 => PredecessorPlace.Unknown,
        _ when seen.PendingWorkflowTask is { Attempt: > 1, State: not PendingWorkflowTaskState.Started } => PredecessorPlace.Unknown,
        _ => PredecessorPlace.Expected,
    };
}
