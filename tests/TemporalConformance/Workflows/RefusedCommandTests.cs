using LogPipeline.TestSupport;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>What a worker answers that cannot be done: the worker hears of it, history says why, and the workflow goes on.</summary>
public abstract class RefusedCommandTests(ITemporalServer temporal)
{
    readonly string _queue = $"refused-{Guid.NewGuid():N}";

    [SkippableFact]
    public Task SearchAttributesWithoutAny() => RefusedAsync(
        new()
        {
            CommandType = CommandType.UpsertWorkflowSearchAttributes,
            UpsertWorkflowSearchAttributesCommandAttributes = new() { SearchAttributes = new() },
        },
        WorkflowTaskFailedCause.BadSearchAttributes, "IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.");

    [SkippableFact]
    public Task AnActivityWithoutATimeout() => RefusedAsync(
        new()
        {
            CommandType = CommandType.ScheduleActivityTask,
            ScheduleActivityTaskCommandAttributes = new()
            {
                ActivityId = "1", ActivityType = new() { Name = "A" }, TaskQueue = new() { Name = _queue },
            },
        },
        WorkflowTaskFailedCause.BadScheduleActivityAttributes, "A valid StartToClose or ScheduleToCloseTimeout is not set");

    async Task RefusedAsync(Command command, WorkflowTaskFailedCause cause, string message)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var handle = await client.StartWorkflowAsync("W", [], new(_queue, _queue));
        var task = await client.PollAsync(_queue);
        var refused = await Should.ThrowAsync<RpcException>(() => client.CompleteAsync(task, command));
        refused.Code.ShouldBe(RpcException.StatusCode.InvalidArgument);
        refused.Message.ShouldContain(message);
        var failed = (await handle.FetchHistoryAsync()).Events.Single(e => e.EventType == EventType.WorkflowTaskFailed);
        failed.WorkflowTaskFailedEventAttributes.Cause.ShouldBe(cause);
        (await client.PollAsync(_queue)).Attempt.ShouldBe(2);
    }
}

[Collection(nameof(OnTemporal))]
public sealed class RefusedCommandTestsOnTemporal(TemporalServer server) : RefusedCommandTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class RefusedCommandTestsOnTheEmbeddedServer(EmbeddedServer server) : RefusedCommandTests(server);
