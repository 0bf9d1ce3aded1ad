using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;
using Xunit.Abstractions;

namespace Temporalio.Tests.Workflows;

/// <summary>Workflows drawn by seed, signalled at moments drawn by seed: with runs remembered, and with every task replayed from the first event.</summary>
public abstract class RandomWorkflowTests(ITemporalServer temporal, ITestOutputHelper output)
{
    readonly int _seeds = LongRuns.Choose(usual: 20, @long: 100);

    [SkippableTheory, InlineData(100), InlineData(0)]
    public async Task AReplaySeesWhatTheFirstRunSaw(int cached)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var queue = $"random-{Guid.NewGuid():N}";
        var options = new TemporalWorkerOptions(queue) { MaxCachedWorkflows = cached }
            .AddWorkflow<RandomWorkflow>().AddWorkflow<ContinueAsNewFeature>().AddAllActivities(new FeatureActivities());
        var replayer = Replayers.Of(typeof(RandomWorkflow));
        using var worker = new TemporalWorker(client, options);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await worker.ExecuteAsync(() => Parallel.ForEachAsync(Enumerable.Range(1, _seeds), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (seed, _) =>
        {
            var handle = await client.StartWorkflowAsync((RandomWorkflow w) => w.RunAsync(seed), new($"{queue}-{seed}", queue));
            for (var i = 0; i < RandomWorkflow.SignalsOf(seed); i++) await handle.SignalAsync(w => w.PokeAsync());
            var trace = await handle.GetResultAsync();
            // A query of an ended workflow is answered by a replay.
            (await handle.QueryAsync(w => w.Trace())).ShouldBe(trace, $"seed {seed}");
            await replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync());
        }));
        output.WriteLine($"{_seeds} seeds, {cached} runs remembered: {watch.Elapsed.TotalSeconds:0.0} s");
    }
}

public sealed class RandomWorkflowTestsOnTemporal(TemporalServer server, ITestOutputHelper output) : RandomWorkflowTests(server, output), IClassFixture<TemporalServer>;

public sealed class RandomWorkflowTestsOnTheEmbeddedServer(EmbeddedServer server, ITestOutputHelper output) : RandomWorkflowTests(server, output), IClassFixture<EmbeddedServer>;
