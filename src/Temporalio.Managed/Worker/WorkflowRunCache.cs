using Temporalio.Worker.Replay;

namespace Temporalio.Worker;

/// <summary>The runs this worker remembers, so that their next task needs only the events that are new. The one used longest ago goes first.</summary>
sealed class WorkflowRunCache(int capacity, WorkerMetrics metrics)
{
    readonly Lock _lock = new();
    readonly Dictionary<string, LinkedListNode<WorkflowRun>> _runs = [];
    readonly LinkedList<WorkflowRun> _byUse = [];

    public WorkflowRun? Find(string runId)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(runId, out var node)) return null;
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value;
        }
    }

    public void Keep(WorkflowRun run)
    {
        lock (_lock)
        {
            if (capacity == 0 || _runs.ContainsKey(run.RunId)) return;
            _runs[run.RunId] = _byUse.AddLast(run);
            if (_runs.Count > capacity)
            {
                _runs.Remove(_byUse.First!.Value.RunId);
                _byUse.RemoveFirst();
                metrics.CacheForcedEviction.Add(1);
            }
            metrics.CacheSize.Set(_runs.Count);
        }
    }

    public void Evict(WorkflowRun run)
    {
        lock (_lock)
        {
            if (!_runs.TryGetValue(run.RunId, out var node) || node.Value != run) return;
            _runs.Remove(run.RunId);
            _byUse.Remove(node);
            metrics.CacheSize.Set(_runs.Count);
        }
    }
}
