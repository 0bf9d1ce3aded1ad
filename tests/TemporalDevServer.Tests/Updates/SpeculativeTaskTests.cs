using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace TemporalDevServer.Tests.Updates;

public sealed class EmbeddedSpeculativeTaskTests(EmbeddedServer server) : SpeculativeTaskTests(server), IClassFixture<EmbeddedServer>;

public sealed class RealSpeculativeTaskTests(TemporalServer server) : SpeculativeTaskTests(server), IClassFixture<TemporalServer>;

/// <summary>
/// A task that carries an update and nothing else is written down when something else joins it; in the same place on
/// both servers.
/// </summary>
public abstract class SpeculativeTaskTests(ITemporalServer server)
{
    readonly TaskQueue _queue = new() { Name = $"speculative-{Guid.NewGuid():N}" };

    [SkippableTheory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ASignalMakesItAnOrdinaryTask(bool isTaken)
    {
        server.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        var service = client.Connection.WorkflowService;
        var handle = await client.StartWorkflowAsync("W", [], new($"speculative-{Guid.NewGuid():N}", _queue.Name));
        var first = await PollAsync();
        await service.RespondWorkflowTaskCompletedAsync(new() { Namespace = "default", TaskToken = first.TaskToken });
        using var stop = new CancellationTokenSource();
        var update = handle.ExecuteUpdateAsync("u", [], new() { Rpc = new() { CancellationToken = stop.Token } });
        // Nothing outside tells when the update is there; until the task is asked for it costs nothing to wait.
        if (isTaken) (await PollAsync()).Messages.ShouldHaveSingleItem();
        else await Task.Delay(500);
        await handle.SignalAsync("s", []);

        var history = await handle.FetchHistoryAsync();
        history.Events.Skip(4).Select(e => e.EventType).ShouldBe(isTaken
            ? [EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted]
            : [EventType.WorkflowTaskScheduled, EventType.WorkflowExecutionSignaled]);
        await stop.CancelAsync();
        await Should.ThrowAsync<Exception>(() => update);

        async Task<PollWorkflowTaskQueueResponse> PollAsync() =>
            await service.PollWorkflowTaskQueueAsync(new() { Namespace = "default", TaskQueue = _queue });
    }
}
