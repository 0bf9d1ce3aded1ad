using System.Threading.Channels;
using Temporalio.Api.History.V1;

namespace Temporalio.Worker.Replay;

/// <summary>
/// One run in this worker: its history so far, its machines and its code. <see cref="TryStep"/> takes it one workflow
/// task further. Used by one workflow task at a time (<see cref="Gate"/>).
/// </summary>
sealed class WorkflowRun(string workflowId, string runId, Func<HistoryEvent, WorkflowMachines, WorkflowInstance> create) : IDisposable
{
    readonly HistoryCursor _cursor = new();
    readonly WorkflowMachines _machines = new();
    WorkflowInstance? _instance;
    uint _localActivityRetries;

    public string WorkflowId => workflowId;

    public string RunId => runId;

    public SemaphoreSlim Gate { get; } = new(1, 1);

    public WorkflowMachines Machines => _machines;

    /// <summary>Local activities that ended in this worker and that the code has not been told of.</summary>
    public Channel<(LocalActivityMachine, LocalActivityMarker)> LocalActivityOutcomes { get; } =
        Channel.CreateUnbounded<(LocalActivityMachine, LocalActivityMarker)>();

    public bool Ended => _instance?.Ended ?? false;

    /// <summary>The last event the code has seen.</summary>
    public long LastEventId => _cursor.LastTakenEventId;

    public WorkflowInstance Instance => _instance ?? throw new InvalidOperationException($"Run {runId} has not started.");

    /// <returns>False when events between the known and the given ones are missing.</returns>
    public bool TryAddHistory(IEnumerable<HistoryEvent> events) => _cursor.TryAdd(events);

    /// <summary>Takes in the next workflow task of history and runs the code as far as it goes; false when there is none.</summary>
    public bool TryStep()
    {
        if (!_cursor.TryTake(out var task)) return false;
        _machines.Apply(task!);
        _instance ??= Create(task!.Events[0]);
        Activate(_machines.Jobs.Take());
        while (task!.Replaying && !Ended && _machines.HasResolvableMarker) Activate([_machines.ResolveNextFromMarkers]);
        return true;
    }

    /// <summary>Whether the workflow's options say that it fails by such an exception.</summary>
    public bool FailsBy(Exception e) => _instance?.FailsBy(e) ?? false;

    /// <summary>Takes in the end of a closed history and checks that the code came to the same.</summary>
    public void Finish()
    {
        _machines.Replaying = true;
        _machines.ApplyAll(_cursor.TakeRest());
        _machines.Commands.AssertEmpty();
    }

    /// <summary>A local activity has ended in this worker: notes its outcome and runs the code on.</summary>
    public void Resolve(LocalActivityMachine machine, LocalActivityMarker marker)
    {
        if (machine.IsResolved || Ended) return;
        Activate([() =>
        {
            _machines.MoveClock(marker.CompleteTime?.ToUtc());
            machine.Resolve(marker, _machines.Commands);
        }]);
    }

    /// <summary>Attempts of local activities, after the first of each, since last asked; the server counts them.</summary>
    public uint TakeLocalActivityRetries() => Interlocked.Exchange(ref _localActivityRetries, 0);

    public void CountLocalActivityRetry() => Interlocked.Increment(ref _localActivityRetries);

    public void Dispose()
    {
        _instance?.Dispose();
        Gate.Dispose();
    }

    void Activate(IReadOnlyList<Action> jobs) => Instance.Activate(jobs);

    WorkflowInstance Create(HistoryEvent started)
    {
        var instance = create(started, _machines);
        _machines.OnSignaled = instance.Signal;
        _machines.OnCancelRequested = instance.RequestCancel;
        _machines.OnUpdate = instance.Update;
        _machines.OnReset = instance.Reset;
        return instance;
    }
}
