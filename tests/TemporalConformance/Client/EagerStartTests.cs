using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Client;

/// <summary>The server's capabilities say that it hands out first tasks with the reply to a start.</summary>
public abstract class EagerStartTests(ITemporalServer temporal)
{
    readonly string _queue = $"eager-{Guid.NewGuid():N}";

    [Workflow]
    public sealed class GreetWorkflow
    {
        [WorkflowRun]
        public Task<string> RunAsync(string name) => Task.FromResult($"Hello, {name}!");
    }

    [SkippableTheory, InlineData(100), InlineData(0)]
    public async Task TheFirstTaskComesWithTheReplyToTheStart(int cached)
    {
        var client = await ConnectAsync();
        using var worker = Worker(client, cached);
        await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("Ann"), Options());
            (await handle.GetResultAsync()).ShouldBe("Hello, Ann!");
            var history = await handle.FetchHistoryAsync();
            history.Events.First().WorkflowExecutionStartedEventAttributes.EagerExecutionAccepted.ShouldBeTrue();
            history.Events.Select(e => e.EventType).ShouldBe(
            [
                EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted,
                EventType.WorkflowTaskCompleted, EventType.WorkflowExecutionCompleted,
            ]);
        });
    }

    [SkippableFact]
    public async Task AStartWithoutAWorkerOfItsConnectionIsLikeAnyOther()
    {
        var client = await ConnectAsync();
        var other = await ConnectAsync();
        using var worker = Worker(other, 100);
        await worker.ExecuteAsync(() => RunsUnlikeEagerAsync(client, Options()));
    }

    [SkippableFact]
    public async Task AWorkerOfOtherQueuesOrOfActivitiesAloneTakesNoStarts()
    {
        var client = await ConnectAsync();
        using var worker = Worker(client, 100);
        using var elsewhere = new TemporalWorker(client, new TemporalWorkerOptions($"{_queue}-2").AddActivity(Nothing));
        await worker.ExecuteAsync(() => elsewhere.ExecuteAsync(async () =>
        {
            var options = Options();
            options.TaskQueue += "-2";
            var handle = await client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("Ann"), options);
            (await handle.FetchHistoryAsync()).Events.First()
                .WorkflowExecutionStartedEventAttributes.EagerExecutionAccepted.ShouldBeFalse();
        }));
    }

    [SkippableFact]
    public async Task AWorkerThatHasEndedTakesNoMoreStarts()
    {
        var client = await ConnectAsync();
        using (var worker = Worker(client, 100)) await worker.ExecuteAsync(() => Task.CompletedTask);
        var handle = await client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("Ann"), Options());
        (await handle.FetchHistoryAsync()).Events.First()
                .WorkflowExecutionStartedEventAttributes.EagerExecutionAccepted.ShouldBeFalse();
        using var next = Worker(client, 100);
        (await next.ExecuteAsync(() => handle.GetResultAsync())).ShouldBe("Hello, Ann!");
    }

    [SkippableFact]
    public async Task TwentyEagerStartsAtOnceAllEnd()
    {
        var client = await ConnectAsync();
        using var worker = Worker(client, 100, slots: 2);
        var results = await worker.ExecuteAsync(() => Task.WhenAll(Enumerable.Range(0, 20).Select(
            i => client.ExecuteWorkflowAsync((GreetWorkflow w) => w.RunAsync($"{i}"), Options()))));
        results.ShouldBe(Enumerable.Range(0, 20).Select(i => $"Hello, {i}!"));
    }

    [Activity]
    static void Nothing() { }

    static async Task RunsUnlikeEagerAsync(ITemporalClient client, WorkflowOptions options)
    {
        var handle = await client.StartWorkflowAsync((GreetWorkflow w) => w.RunAsync("Ann"), options);
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann!");
        (await handle.FetchHistoryAsync()).Events.First()
                .WorkflowExecutionStartedEventAttributes.EagerExecutionAccepted.ShouldBeFalse();
    }

    Task<TemporalClient> ConnectAsync()
    {
        temporal.SkipIfMissing();
        return TemporalClient.ConnectAsync(new(temporal.Address));
    }

    TemporalWorker Worker(ITemporalClient client, int cached, int slots = 100) => new(
        client,
        new TemporalWorkerOptions(_queue)
        {
            MaxCachedWorkflows = cached,
            MaxConcurrentWorkflowTasks = slots,
            MaxConcurrentWorkflowTaskPolls = 2,
        }.AddWorkflow<GreetWorkflow>());

    WorkflowOptions Options() => new($"eager-{Guid.NewGuid():N}", _queue) { RequestEagerStart = true };
}

[Collection(nameof(OnTemporal))]
public sealed class EagerStartTestsOnTemporal(TemporalServer server) : EagerStartTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class EagerStartTestsOnTheEmbeddedServer(EmbeddedServer server) : EagerStartTests(server);
