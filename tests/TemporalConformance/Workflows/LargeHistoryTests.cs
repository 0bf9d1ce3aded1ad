using LogPipeline.TestSupport;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Long histories: past the 4,096 events at which the server suggests to continue as new, and with many signals.</summary>
public abstract class LargeHistoryTests(ITemporalServer temporal) : FeatureTests(temporal)
{
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
        public async Task<int> RunAsync(int count)
        {
            await Workflow.WaitConditionAsync(() => _received >= count);
            return _received;
        }
    }

    [SkippableFact]
    public async Task AHistoryPastFourThousandEventsIsSuggestedToContinueAsNew()
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("W", [], Options());
        var marker = new Command
        {
            CommandType = CommandType.RecordMarker, RecordMarkerCommandAttributes = new() { MarkerName = "one of many" },
        };
        await client.CompleteAsync(await client.PollAsync(Queue), Enumerable.Repeat(marker, 4100));
        await handle.SignalAsync("poke", []);
        await client.PollAsync(Queue);
        var events = (await handle.FetchHistoryAsync()).Events;
        events.Select(e => e.EventId).ShouldBe(Enumerable.Range(1, events.Count).Select(id => (long)id));
        events.Where(e => e.EventType == EventType.WorkflowTaskStarted)
            .Select(e => e.WorkflowTaskStartedEventAttributes.SuggestContinueAsNew)
            .ShouldBe([false, true]);
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task SignalsComeInOrderAndOnce(int cached)
    {
        var count = LongRuns.Choose(usual: 300, @long: 9000);
        var client = await ConnectAsync();
        await WithWorkerAsync(client, cached, async () =>
        {
            var handle = await client.StartWorkflowAsync((ManySignals w) => w.RunAsync(count), Options());
            for (var i = 0; i < count; i++) await handle.SignalAsync(w => w.TakeAsync(i));
            (await handle.GetResultAsync()).ShouldBe(count);
        }, options => options.AddWorkflow<ManySignals>());
    }
}

[Collection(nameof(OnTemporal))]
public sealed class LargeHistoryTestsOnTemporal(TemporalServer server) : LargeHistoryTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class LargeHistoryTestsOnTheEmbeddedServer(EmbeddedServer server) : LargeHistoryTests(server);
