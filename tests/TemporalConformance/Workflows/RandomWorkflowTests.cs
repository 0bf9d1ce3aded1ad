using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Workflows drawn by seed, and signalled: with runs remembered, and with every task replayed from the first event.</summary>
public abstract class RandomWorkflowTests(ITemporalServer temporal)
{
    readonly int _seeds = LongRuns.Choose(usual: 10, @long: 100);

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
        var eight = new ParallelOptions { MaxDegreeOfParallelism = 8 };
        await worker.ExecuteAsync(() => Parallel.ForEachAsync(Enumerable.Range(1, _seeds), eight, async (seed, _) =>
        {
            var handle = await client.StartWorkflowAsync((RandomWorkflow w) => w.RunAsync(seed), new($"{queue}-{seed}", queue));
            for (var i = 0; i < RandomWorkflow.SignalsOf(seed); i++) await handle.SignalAsync(w => w.PokeAsync());
            var trace = await handle.GetResultAsync();
            // A query of an ended workflow is answered by a replay.
            (await handle.QueryAsync(w => w.Trace())).ShouldBe(trace, $"seed {seed}");
            await replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync());
        }));
    }
}

[Collection(nameof(OnTemporal))]
public sealed class RandomWorkflowTestsOnTemporal(TemporalServer server) : RandomWorkflowTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class RandomWorkflowTestsOnTheEmbeddedServer(EmbeddedServer server) : RandomWorkflowTests(server);
