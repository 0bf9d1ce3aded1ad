using LogPipeline.TestSupport;
using Temporalio.Activities;
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
    const int StepsBetweenSamples = 250;

    readonly string _queue = $"large-{Guid.NewGuid():N}";
    readonly List<(int Events, long Bytes)> _samples = [];
    WorkflowHandle? _watched;
    int _steps;

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
                    Workflow.ExecuteActivityAsync((LargeHistoryTests t) => t.StepAsync(), FeatureWorkflows.Options)));
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
        _watched = client.GetWorkflowHandle($"{_queue}-activities");
        var handle = await client.StartWorkflowAsync((ManyActivities w) => w.RunAsync(count, 100), new(_watched.Id, _queue));
        (await handle.GetResultAsync()).ShouldBe($"{count} False True");
        ShouldBeFlat();
        await ReplayAsync(handle);
    });

    [SkippableFact]
    public Task ThousandsOfSignals() => WithWorkerAsync(async client =>
    {
        var count = LongRuns.Choose(usual: 4500, @long: 10_000);
        var handle = await client.StartWorkflowAsync((ManySignals w) => w.RunAsync(count), new($"{_queue}-signals", _queue));
        _watched = handle;
        for (var i = 0; i < count; i++)
        {
            await handle.SignalAsync(w => w.TakeAsync(i));
            await StepAsync();
        }
        (await handle.GetResultAsync()).ShouldBe($"{count} True");
        ShouldBeFlat();
        await ReplayAsync(handle);
    });

    /// <summary>Samples the heap after a full collection, each time that so many were taken; the first sample is of a worker in full swing.</summary>
    [Activity]
    public async Task StepAsync()
    {
        if (Interlocked.Increment(ref _steps) % StepsBetweenSamples != 0) return;
        var events = (await _watched!.DescribeAsync()).HistoryLength;
        lock (_samples) _samples.Add((events, GC.GetTotalMemory(forceFullCollection: true)));
    }

    void ShouldBeFlat()
    {
        var (first, last) = (_samples.MinBy(s => s.Events), _samples.MaxBy(s => s.Events));
        var growth = (last.Bytes - first.Bytes) * 1000 / (last.Events - first.Events);
        output.WriteLine($"KiB at so many events: {string.Join(", ", _samples.Select(s => $"{s.Bytes >> 10} at {s.Events}"))}; {growth} bytes for 1000 events");
        _samples.Count.ShouldBeGreaterThan(3);
        growth.ShouldBeLessThan(bytesPerThousandEventsMax);
    }

    async Task WithWorkerAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<ManyActivities>().AddWorkflow<ManySignals>().AddAllActivities(this);
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
