namespace TemporalDevServer.Engine;

/// <summary>
/// Priorities of tasks: 1 goes first, 5 last. Fairness keys and weights are passed on and have no effect
/// here.
/// </summary>
static class Priorities
{
    public const int Default = 3;
    public const int Last = 5;

    public static int Of(TaskState task) => Of(task.Priority);

    public static int Of(int key) => key == 0 ? Default : Math.Min(key, Last);

    /// <summary>What an activity or a child asks for, over what its workflow has.</summary>
    public static Priority? Merge(Priority? ofWorkflow, Priority? asked)
    {
        if (ofWorkflow is null || asked is null) return asked ?? ofWorkflow;
        return new()
        {
            PriorityKey = asked.PriorityKey == 0 ? ofWorkflow.PriorityKey : asked.PriorityKey,
            FairnessKey = asked.FairnessKey.Length == 0 ? ofWorkflow.FairnessKey : asked.FairnessKey,
            FairnessWeight = asked.FairnessWeight == 0 ? ofWorkflow.FairnessWeight : asked.FairnessWeight,
        };
    }
}
