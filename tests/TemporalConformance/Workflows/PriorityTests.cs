using LogPipeline.TestSupport;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Duration = Google.Protobuf.WellKnownTypes.Duration;
using Priority = Temporalio.Common.Priority;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Which of the tasks that wait a server hands out first. Asked by polls of the tests' own, one after the other.</summary>
public abstract class PriorityTests(ITemporalServer temporal)
{
    readonly string _queue = $"priorities-{Guid.NewGuid():N}";

    [SkippableFact]
    public async Task TheMostUrgentWorkflowGoesFirst()
    {
        var client = await ConnectAsync();
        (string, int?)[] waiting = [("last", 5), ("usual", null), ("first", 1), ("usual-too", 3), ("second", 2)];
        foreach (var (id, key) in waiting) await StartAsync(client, id, key);
        await WaitingReachAsync(client, 5);
        foreach (var id in (string[])["first", "second", "usual", "usual-too", "last"])
            (await client.PollAsync(_queue)).WorkflowExecution.WorkflowId.ShouldBe($"{_queue}-{id}");
    }

    [SkippableFact]
    public async Task AnActivityHasItsWorkflowsPriorityUnlessItAsksForItsOwn()
    {
        var client = await ConnectAsync();
        await StartAsync(client, "usual", null);
        await ScheduleAsync(client, await client.PollAsync(_queue), ("u", 0), ("own", 1));
        await StartAsync(client, "urgent", 2);
        await ScheduleAsync(client, await client.PollAsync(_queue), ("inherited", 0));

        var first = await client.PollActivityAsync(_queue);
        (first.ActivityId, first.Priority?.PriorityKey).ShouldBe(("own", 1));
        var second = await client.PollActivityAsync(_queue);
        (second.ActivityId, second.Priority?.PriorityKey).ShouldBe(("inherited", 2));
        (await client.PollActivityAsync(_queue)).ActivityId.ShouldBe("u");
    }

    async Task<ITemporalClient> ConnectAsync()
    {
        temporal.SkipIfMissing();
        return await TemporalClient.ConnectAsync(new(temporal.Address));
    }

    // A server hands out in order what its queue has taken in.
    Task WaitingReachAsync(ITemporalClient client, int count) => Eventually.GetAsync(
        () => client.Connection.WorkflowService.DescribeTaskQueueAsync(new DescribeTaskQueueRequest
        {
            Namespace = "default", TaskQueue = new TaskQueue { Name = _queue }, TaskQueueType = TaskQueueType.Workflow, ReportStats = true,
        }),
        answer => answer.Stats?.ApproximateBacklogCount >= count && answer.StatsByPriorityKey.Count == 4, TimeSpan.FromMinutes(1));

    Task StartAsync(ITemporalClient client, string id, int? key) =>
        client.StartWorkflowAsync(
            "W", [], new WorkflowOptions($"{_queue}-{id}", _queue) { Priority = key is null ? null : new Priority(key) });

    Task ScheduleAsync(ITemporalClient client, PollWorkflowTaskQueueResponse task, params (string Id, int Key)[] activities) =>
        client.CompleteAsync(task, activities.Select(activity => new Command
        {
            CommandType = CommandType.ScheduleActivityTask,
            ScheduleActivityTaskCommandAttributes = new()
            {
                ActivityId = activity.Id, ActivityType = new() { Name = "A" }, TaskQueue = new TaskQueue { Name = _queue },
                StartToCloseTimeout = Duration.FromTimeSpan(TimeSpan.FromMinutes(5)),
                Priority = activity.Key == 0 ? null : new() { PriorityKey = activity.Key },
            },
        }));
}

public sealed class PriorityTestsOnTemporal(PriorityTemporalServer server) : PriorityTests(server), IClassFixture<PriorityTemporalServer>;

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class PriorityTestsOnTheEmbeddedServer(EmbeddedServer server) : PriorityTests(server);
