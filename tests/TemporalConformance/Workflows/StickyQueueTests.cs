using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Duration = Google.Protobuf.WellKnownTypes.Duration;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Which queue the next task comes by, and how much of the history with it. Asked by polls of the tests' own.</summary>
public abstract class StickyQueueTests(ITemporalServer temporal)
{
    readonly string _queue = $"sticky-{Guid.NewGuid():N}";

    TaskQueue Sticky => new() { Name = $"{_queue}-own", Kind = TaskQueueKind.Sticky, NormalName = _queue };

    [SkippableFact]
    public async Task TheNextTaskComesByTheWorkersOwnQueueWithWhatIsNew()
    {
        var (client, handle) = await StartAsync();
        await StickAsync(client, await client.PollAsync(_queue));
        var own = await PollOwnAsync(client);
        await handle.SignalAsync("poke", []);
        var next = await own;
        next.History.Events[0].EventId.ShouldBeGreaterThan(1);
        next.History.Events.ShouldContain(e => e.EventType == EventType.WorkflowExecutionSignaled);
    }

    [SkippableFact]
    public async Task AfterAResetItComesByTheNormalQueueWithTheWholeHistory()
    {
        var (client, handle) = await StartAsync();
        await StickAsync(client, await client.PollAsync(_queue));
        var own = await PollOwnAsync(client);
        await client.WorkflowService.ResetStickyTaskQueueAsync(
            new() { Namespace = "default", Execution = new() { WorkflowId = handle.Id } });
        await handle.SignalAsync("poke", []);
        (await client.PollAsync(_queue)).History.Events[0].EventId.ShouldBe(1);
        own.IsCompleted.ShouldBeFalse();
    }

    [SkippableFact]
    public async Task WhereNobodyPollsTheWorkersOwnQueueItComesByTheNormalOne()
    {
        var (client, handle) = await StartAsync();
        await StickAsync(client, await client.PollAsync(_queue));
        await handle.SignalAsync("poke", []);
        (await client.PollAsync(_queue)).History.Events[0].EventId.ShouldBe(1);
    }

    // In a task of its own: the poll is open when this returns, and ends when a task comes.
    async Task<Task<PollWorkflowTaskQueueResponse>> PollOwnAsync(ITemporalClient client)
    {
        var poll = client.PollAsync(Sticky);
        await Eventually.GetAsync(
            () => client.WorkflowService.DescribeTaskQueueAsync(
                new() { Namespace = "default", TaskQueue = Sticky, TaskQueueType = TaskQueueType.Workflow }),
            found => found.Pollers.Count > 0, TimeSpan.FromSeconds(20));
        return poll;
    }

    async Task<(ITemporalClient, WorkflowHandle)> StartAsync()
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        return (client, await client.StartWorkflowAsync("W", [], new(_queue, _queue)));
    }

    Task StickAsync(ITemporalClient client, PollWorkflowTaskQueueResponse task) =>
        client.WorkflowService.RespondWorkflowTaskCompletedAsync(new()
    {
        Namespace = "default",
        TaskToken = task.TaskToken,
        Identity = "test",
        StickyAttributes = new() { WorkerTaskQueue = Sticky, ScheduleToStartTimeout = Duration.FromTimeSpan(TimeSpan.FromSeconds(1.5)) },
    });
}

[Collection(nameof(OnTemporal))]
public sealed class StickyQueueTestsOnTemporal(TemporalServer server) : StickyQueueTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class StickyQueueTestsOnTheEmbeddedServer(EmbeddedServer server) : StickyQueueTests(server);
