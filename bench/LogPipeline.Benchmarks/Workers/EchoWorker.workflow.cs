using Temporalio.Workflows;

namespace LogPipeline.Benchmarks.Workers;

/// <summary>What both workers run; tests/Interop/workflows.js has its equal.</summary>
[Workflow("Echo")]
public sealed class EchoWorkflow
{
    static readonly TimeSpan Limit = TimeSpan.FromSeconds(10);

    [WorkflowRun]
    public Task<string> RunAsync(string text, bool locally) => locally
        ? Workflow.ExecuteLocalActivityAsync((EchoActivities a) => a.Echo(text), new() { StartToCloseTimeout = Limit })
        : Workflow.ExecuteActivityAsync((EchoActivities a) => a.Echo(text), new() { StartToCloseTimeout = Limit });
}
