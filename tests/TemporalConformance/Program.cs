using Temporalio.Client;
using LogPipeline.TemporalConformance.Workflows;
using Temporalio.Worker;

namespace LogPipeline.TemporalConformance;

/// <summary>
/// A worker of the feature workflows as a process of its own, to be killed: <c>worker ADDRESS QUEUE</c>. It says
/// <c>held ID</c> for each workflow that it has taken to its middle and never takes any further.
/// </summary>
static class Program
{
    static async Task<int> Main(string[] arguments)
    {
        if (arguments is not ["worker", var address, var queue]) return 2;
        InterruptedFeature.Holds = true;
        var client = await TemporalClient.ConnectAsync(new(address));
        var options = FeatureWorkflows.WorkerOptions(queue);
        options.StickyQueueScheduleToStartTimeout = TimeSpan.FromSeconds(1);
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(CancellationToken.None);
        return 0;
    }
}
