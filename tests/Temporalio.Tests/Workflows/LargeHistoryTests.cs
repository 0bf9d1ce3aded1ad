using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;
using Xunit.Abstractions;

namespace Temporalio.Tests.Workflows;

/// <summary>Workflows with histories past the 4096 events at which the server suggests to continue as new.</summary>
public abstract class LargeHistoryTests(ITemporalServer temporal, ITestOutputHelper output)
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
    public Task ThousandsOfActivities() => WithWorkerAsync(async client =>
    {
        var count = LongRuns.Choose(usual: 1500, @long: 2000);
        var handle = await client.StartWorkflowAsync((ManyActivities w) => w.RunAsync(count, 100), new($"{_queue}-activities", _queue));
        (await handle.GetResultAsync()).ShouldBe($"{count} False True");
        await ReplayAsync(handle);
    });

    [SkippableFact]
    public Task ThousandsOfSignals() => WithWorkerAsync(async client =>
    {
        var count = LongRuns.Choose(usual: 4500, @long: 10_000);
        var handle = await client.StartWorkflowAsync((ManySignals w) => w.RunAsync(count), new($"{_queue}-signals", _queue));
        for (var i = 0; i < count; i++) await handle.SignalAsync(w => w.TakeAsync(i));
        (await handle.GetResultAsync()).ShouldBe($"{count} True");
        await ReplayAsync(handle);
    });

    async Task WithWorkerAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<ManyActivities>().AddWorkflow<ManySignals>().AddAllActivities(new FeatureActivities());
        using var worker = new TemporalWorker(client, options);
        var before = GC.GetTotalMemory(forceFullCollection: true);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await worker.ExecuteAsync(() => run(client));
        var after = GC.GetTotalMemory(forceFullCollection: true);
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {before >> 10} KiB before, {after >> 10} KiB after");
        (after - before).ShouldBeLessThan(MemoryGrowthMax);
    }

    static async Task ReplayAsync(WorkflowHandle handle)
    {
        var replayer = Replayers.Of(typeof(ManyActivities), typeof(ManySignals));
        await replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync());
    }
}

public sealed class LargeHistoryTestsOnTemporal(TemporalServer server, ITestOutputHelper output) : LargeHistoryTests(server, output), IClassFixture<TemporalServer>;

public sealed class LargeHistoryTestsOnTheEmbeddedServer(EmbeddedServer server, ITestOutputHelper output) : LargeHistoryTests(server, output), IClassFixture<EmbeddedServer>;
