using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Common;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowMachines
{
    /// <summary>Each patch is listed in a search attribute too. A run that began without it goes on without it while it is replayed.</summary>
    public const uint UpsertOnPatchFlag = 2;

    readonly HashSet<uint> _flags = [];
    readonly HashSet<uint> _newFlags = [];
    // By id; true: the workflow's code has asked for it.
    readonly Dictionary<string, bool> _patches = [];

    public bool HasPatch(string id) => _patches.ContainsKey(id);

    /// <summary>Whether the run's commands are made in a newer way: on replay as then, else yes, and it is noted for history.</summary>
    public bool UseFlag(uint flag)
    {
        if (_flags.Contains(flag)) return true;
        if (Replaying) return false;
        _flags.Add(flag);
        return _newFlags.Add(flag);
    }

    /// <summary>The flags used first in the current task; the server keeps them in history.</summary>
    public IReadOnlyCollection<uint> TakeNewFlags()
    {
        uint[] flags = [.. _newFlags];
        _newFlags.Clear();
        return flags;
    }

    /// <summary>The code runs the patch's branch: records it.</summary>
    public void AddPatch(string id, bool deprecated)
    {
        var skipped = Replaying && !HasPatch(id);
        Commands.Add(new PatchMachine(new PatchMarker(id, deprecated)));
        _patches[id] = true;
        if (skipped || !UseFlag(UpsertOnPatchFlag)) return;
        if (PatchMarker.ToUpsert(_patches.Where(p => p.Value).Select(p => p.Key)) is { } upsert)
            Commands.Add(new PlainCommandMachine(
                new() { CommandType = CommandType.UpsertWorkflowSearchAttributes, UpsertWorkflowSearchAttributesCommandAttributes = upsert },
                EventType.UpsertWorkflowSearchAttributes, $"the listing of patch '{id}' in {PatchMarker.SearchAttribute}"));
    }

    void Know(string patchId) => _patches.TryAdd(patchId, false);

    static WorkerDeploymentVersion? VersionOf(WorkflowTaskCompletedEventAttributes completed)
    {
        if (completed.DeploymentVersion is { } version) return new(version.DeploymentName, version.BuildId);
        if (completed.WorkerDeploymentVersion is { Length: > 0 } text && text.Contains('.')) return WorkerDeploymentVersion.FromCanonicalString(text);
        return completed.WorkerVersion is { BuildId.Length: > 0 } stamp ? new("", stamp.BuildId) : null;
    }
}
