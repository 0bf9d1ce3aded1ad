using System.Collections.Concurrent;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Worker.Ordering;

/// <summary>Where a batch is that others wait for and that is not in the files here.</summary>
enum PredecessorPlace
{
    Unknown, // or it hangs: it is waited for in patience
    Expected, // a worker has it, had it until it died, or will have it: it comes, however long that takes
    Done, // in another worker's files, or a dead letter
    Lost, // not at Temporal, or ended by somebody: it will not come
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

    /// <summary>Asks Temporal where the oldest batch is that each run waits for.</summary>
    public async Task LookAsync(ITemporalClient client, CancellationToken cancellationToken = default)
    {
        var service = client.Connection.WorkflowService;
        foreach (var id in Missing.GroupBy(OrderedBatch.RunOf).Select(run => run.MinBy(id => id.FirstSequence)))
        {
            var request = new DescribeWorkflowExecutionRequest { Namespace = client.Options.Namespace };
            request.Execution = new() { WorkflowId = id.ToString() };
            var rpc = new RpcOptions { Timeout = TimeSpan.FromSeconds(5), CancellationToken = cancellationToken };
            try
            {
                this[id] = PlaceOf(await service.DescribeWorkflowExecutionAsync(request, rpc).ConfigureAwait(false));
            }
            catch (Exception e) when (e is RpcException or RpcTimeoutOrCanceledException)
            {
                var isUnknown = e is not RpcException { Code: RpcException.StatusCode.NotFound };
                this[id] = isUnknown ? PredecessorPlace.Unknown : PredecessorPlace.Lost;
            }
        }
    }

    // No worker can read a batch whose task is tried again and again, or write one whose activity is pending.
    static PredecessorPlace PlaceOf(DescribeWorkflowExecutionResponse seen)
    {
        if (seen.WorkflowExecutionInfo.Status == WorkflowExecutionStatus.Completed) return PredecessorPlace.Done;
        if (seen.WorkflowExecutionInfo.Status != WorkflowExecutionStatus.Running) return PredecessorPlace.Lost;
        var isFailing = seen.PendingWorkflowTask is { Attempt: > 1, State: not PendingWorkflowTaskState.Started };
        return isFailing || seen.PendingActivities.Count > 0 ? PredecessorPlace.Unknown : PredecessorPlace.Expected;
    }
}
