using LogPipeline.TestSupport;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;
using Xunit.Abstractions;

namespace Temporalio.Tests.Workflows;

/// <summary>Workflows with histories past the 4096 events at which the server suggests to continue as new.</summary>
/// <param name="temporal">The server.</param>
/// <param name="bytesPerThousandEventsMax">How much the heap may grow while a run lasts.</param>
/// <param name="output">Gets the figures.</param>
public abstract class LargeHistoryTests(ITemporalServer temporal, long bytesPerThousandEventsMax, ITestOutputHelper output)
{
    const int EventsBetweenSamples = 500;

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
        await FlatWhileAsync(handle, handle.GetResultAsync());
        (await handle.GetResultAsync()).ShouldBe($"{count} False True");
        await ReplayAsync(handle);
    });

    [SkippableFact]
    public Task ThousandsOfSignals() => WithWorkerAsync(async client =>
    {
        var count = LongRuns.Choose(usual: 4500, @long: 10_000);
        var handle = await client.StartWorkflowAsync((ManySignals w) => w.RunAsync(count), new($"{_queue}-signals", _queue));
        await FlatWhileAsync(handle, SendAsync());
        (await handle.GetResultAsync()).ShouldBe($"{count} True");
        await ReplayAsync(handle);

        async Task SendAsync()
        {
            for (var i = 0; i < count; i++) await handle.SignalAsync(w => w.TakeAsync(i));
        }
    });

    // The heap after a full collection, each time that history has grown by some hundred events; the first sample is of a worker in full swing.
    async Task FlatWhileAsync(WorkflowHandle handle, Task run)
    {
        List<(int Events, long Bytes)> samples = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var events = (await handle.DescribeAsync()).HistoryLength;
                if (events - samples.LastOrDefault().Events >= EventsBetweenSamples) samples.Add((events, GC.GetTotalMemory(forceFullCollection: true)));
                return run.IsCompleted;
            },
            TimeSpan.FromMinutes(10));
        await run;
        var (first, last) = (samples[0], samples[^1]);
        var growth = (last.Bytes - first.Bytes) * 1000 / (last.Events - first.Events);
        output.WriteLine($"KiB at so many events: {string.Join(", ", samples.Select(s => $"{s.Bytes >> 10} at {s.Events}"))}; {growth} bytes for 1000 events");
        samples.Count.ShouldBeGreaterThan(3);
        growth.ShouldBeLessThan(bytesPerThousandEventsMax);
    }

    async Task WithWorkerAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<ManyActivities>().AddWorkflow<ManySignals>().AddAllActivities(new FeatureActivities());
        using var worker = new TemporalWorker(client, options);
        var watch = System.Diagnostics.Stopwatch.StartNew();
        await worker.ExecuteAsync(() => run(client));
        output.WriteLine($"{watch.Elapsed.TotalSeconds:0.0} s, {GC.GetTotalMemory(forceFullCollection: true) >> 10} KiB after");
    }

    static async Task ReplayAsync(WorkflowHandle handle)
    {
        var replayer = Replayers.Of(typeof(ManyActivities), typeof(ManySignals));
        await replayer.ReplayWorkflowAsync(await handle.FetchHistoryAsync());
    }
}

public sealed class LargeHistoryTestsOnTemporal(TemporalServer server, ITestOutputHelper output)
    : LargeHistoryTests(server, 192 << 10, output), IClassFixture<TemporalServer>;

/// <summary>This server lives in the same process, and keeps histories in memory.</summary>
public sealed class LargeHistoryTestsOnTheEmbeddedServer(EmbeddedServer server, ITestOutputHelper output)
    : LargeHistoryTests(server, 4 << 20, output), IClassFixture<EmbeddedServer>;
