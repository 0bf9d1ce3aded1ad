using Temporalio.Activities;
using Temporalio.Workflows;

namespace LogPipeline.Benchmarks.Servers;

/// <summary>What a batch costs the server: its input, one local activity, a short result.</summary>
[Workflow("Batch")]
public sealed class BatchWorkflow
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [WorkflowRun]
    public Task<int> RunAsync(string text) =>
        Workflow.ExecuteLocalActivityAsync((BatchActivities a) => a.Measure(text), new() { StartToCloseTimeout = Limit });
}

public sealed class BatchActivities
{
    [Activity("measure")]
    public int Measure(string text) => text.Length;
}
