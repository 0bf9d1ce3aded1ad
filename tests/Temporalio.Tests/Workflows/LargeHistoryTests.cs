using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>Workflows with histories of a size at which the server suggests to continue as new.</summary>
public sealed class LargeHistoryTests(TemporalServer temporal) : IClassFixture<TemporalServer>
{
    const long MemoryGrowthMax = 100L << 20;

    readonly string _queue = $"large-{Guid.NewGuid():N}";

    [Workflow]
    public sealed class ManyActivities
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int count, int atATime)
        {
            var done = 0;
            bool? suggestedEarly = null;
            while (done < count)
            {
                await Workflow.WhenAllAsync(Enumerable.Range(0, atATime).Select(i =>
                    Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("you"), FeatureWorkflows.Options)));
                done += atATime;
                suggestedEarly ??= Workflow.ContinueAsNewSuggested;
            }
            return $"{done} {suggestedEarly} {Workflow.ContinueAsNewSuggested}";
        }
    }

    [Workflow]
    public sealed class ManySignals
    {
        int _received;

        [WorkflowSignal]
        public Task TakeAsync(int number)
        {
            // Signals come in order; a lost or doubled one would show.
            if (number != _received++) throw new InvalidOperationException($"signal {number} came as number {_received - 1}");
            return Task.CompletedTask;
        }

        [WorkflowRun]
        public async Task<string> RunAsync(int count)
        {
            await Workflow.WaitConditionAsync(() => _received >= count);
            return $"{_received} {Workflow.ContinueAsNewSuggested}";
        }
    }

    [SkippableFact]
    public Task TwoThousandActivities() => WithWorkerAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((ManyActivities w) => w.RunAsync(2000, 100), new($"{_queue}-activities", _queue));
        (await handle.GetResultAsync()).ShouldBe("2000 False True");
        await ReplayAsync(handle);
    });

    [SkippableFact]
    public Task TenThousandSignals() => WithWorkerAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((ManySignals w) => w.RunAsync(10_000), new($"{_queue}-signals", _queue));
        for (var i = 0; i < 10_000; i++) await handle.SignalAsync(w => w.TakeAsync(i));
        (await handle.GetResultAsync()).ShouldBe("10000 True");
        await ReplayAsync(handle);
    });

    async Task WithWorkerAsync(Func<ITemporalClient, Task> run)
    {
        RealServers.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<ManyActivities>().AddWorkflow<ManySignals>().AddAllActivities(new FeatureActivities());
        using var worker = new TemporalWorker(client, options);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        await worker.ExecuteAsync(() => run(client));
        (GC.GetTotalMemory(forceFullCollection: true) - before).ShouldBeLessThan(MemoryGrowthMax);
    }

    static async Task ReplayAsync(WorkflowHandle handle)
    {
        var replayer = Replayers.Of(typeof(ManyActivities), typeof(ManySignals));
        await replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync());
    }
}
