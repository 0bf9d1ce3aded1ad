using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>
/// A worker that is a process of its own is killed (-9) when all workflows are in their middle; another one takes them to their ends.
/// </summary>
public abstract class KilledWorkerTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(false), InlineData(true)]
    public async Task AnotherWorkerTakesEachFeatureToItsEnd(bool local)
    {
        var client = await ConnectAsync();
        await using var killed = ChildProcess.Start(
            "dotnet", [typeof(Program).Assembly.Location, "worker", client.Connection.Options.TargetHost!, Queue]);
        var handles = new Dictionary<string, WorkflowHandle<InterruptedFeature, string>>();
        var others = new List<WorkflowHandle<SignalFeature, string>>();
        Task<string>? update = null;
        foreach (var feature in InterruptedFeature.Features)
        {
            // A lost task is given out again after this time.
            var options = Options();
            options.TaskTimeout = TimeSpan.FromSeconds(2);
            if (feature == "signal") (options.StartSignal, options.StartSignalArgs) = ("Add", ["1"]);
            if (feature == "external")
                others.Add(await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(2), new($"{options.Id}-other", Queue)));
            var handle = await client.StartWorkflowAsync((InterruptedFeature w) => w.RunAsync(options.Id!, feature, local, 0), options);
            if (feature == "update") update = handle.ExecuteUpdateAsync(w => w.ChangeAsync(local));
            handles[feature] = handle;
        }
        await Eventually.TrueAsync(
            () => Task.FromResult(handles.Values.All(h => killed.Output.Contains($"held {h.Id}", StringComparison.Ordinal))),
            TimeSpan.FromSeconds(60), explain: () =>
                $"{killed.Everything}\n{string.Join('\n', handles.Select(h => $"{h.Key} {h.Value.Id}"))}");
        await killed.KillAsync();

        await WithWorkerAsync(client, Remember, async () =>
        {
            await Eventually.TrueAsync(
                async () => await handles["signal"].QueryAsync(w => w.Seen) == "Hello, 1! held", TimeSpan.FromSeconds(60));
            await handles["signal"].SignalAsync(w => w.AddAsync("2"));
            await Eventually.TrueAsync(async () => await handles["query"].QueryAsync(w => w.Seen) == "held", TimeSpan.FromSeconds(60));
            await handles["query"].SignalAsync(w => w.AddAsync("1"));
            (await update!).ShouldBe("held");
            var results = new Dictionary<string, string>();
            foreach (var (feature, handle) in handles) results[feature] = await handle.GetResultAsync();
            results.ShouldBe(new Dictionary<string, string>
            {
                ["activity"] = "Hello, 1! held Hello, 2!",
                ["local-activity"] = "Hello, 1! held Hello, 2!",
                ["timer"] = "held fired",
                ["signal"] = "Hello, 1! held Hello, 2!",
                ["query"] = "held Hello, 1!",
                ["update"] = "held",
                ["child"] = "held Hello, child!",
                ["external"] = "held",
                ["patch"] = "True held True True",
                ["continue-as-new"] = "held 1",
                ["upsert"] = "held new 1",
            });
            // Both signals can wait when the new worker comes; each runs an activity of its own, and either may end first.
            (await others.Single().GetResultAsync()).ShouldBeOneOf("Hello, 1! Hello, 2!", "Hello, 2! Hello, 1!");
            foreach (var handle in handles.Values)
            {
                var history = await handle.FetchHistoryAsync();
                await Replayers.Of(FeatureWorkflows.All).ReplayWorkflowAsync(history);
            }
        });
    }
}

[Collection(nameof(OnTemporal))]
public sealed class KilledWorkerTestsOnTemporal(TemporalServer server) : KilledWorkerTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class KilledWorkerTestsOnTheEmbeddedServer(EmbeddedServer server) : KilledWorkerTests(server);
