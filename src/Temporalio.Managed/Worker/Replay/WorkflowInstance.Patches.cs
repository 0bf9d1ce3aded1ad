using Temporalio.Workflows;

namespace Temporalio.Worker.Replay;

sealed partial class WorkflowInstance
{
    // A patch has one answer in a run, whatever history and callback say later.
    readonly Dictionary<string, bool> _patchesAsked = [];
    bool _deciding;

    /// <summary>Runs a patch check; see <see cref="Workflow.Patched"/>.</summary>
    public bool Patch(string id, bool deprecated)
    {
        AssertMayChange(deprecated ? "deprecate patch" : "create patch");
        if (_patchesAsked.TryGetValue(id, out var known)) return known;
        var patched = deprecated || Machines.HasPatch(id) || (!Machines.Replaying && ActivatesPatch(id));
        _patchesAsked[id] = patched;
        if (patched) Machines.AddPatch(id, deprecated);
        return patched;
    }

    // What it decides is not asked again on replay, so it must leave no trace but its answer.
    bool ActivatesPatch(string id)
    {
        if (_details.ActivatesPatch is not { } decide) return true;
        var asked = Machines.Asked;
        _deciding = true;
        try
        {
            return ReadOnly(() => decide(new(Info, id))) is var yes && Machines.Asked == asked
                ? yes
                : throw new InvalidOperationException($"The callback that decides on patch {id} asked for something (an activity, a timer)");
        }
        finally
        {
            _deciding = false;
        }
    }
}
