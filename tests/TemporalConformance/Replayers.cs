using Temporalio.Worker;

namespace LogPipeline.TemporalConformance;

static class Replayers
{
    public static WorkflowReplayer Of(params IEnumerable<Type> workflows)
    {
        var options = new WorkflowReplayerOptions();
        foreach (var workflow in workflows) options.AddWorkflow(workflow);
        return new(options);
    }
}
