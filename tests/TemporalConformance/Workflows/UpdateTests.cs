using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Updates: with runs remembered and with every task replayed from the first event. Each history is replayed.</summary>
public abstract class UpdateTests(ITemporalServer temporal)
{
    const int Remember = 100;
    const int ReplayAlways = 0;
    const string Accepted = "WorkflowExecutionUpdateAccepted";
    const string Completed = "WorkflowExecutionUpdateCompleted";
    const string Activity = "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted";
    const string Stopped = $"{Accepted} MarkerRecorded {Completed} WorkflowExecutionCompleted";

    readonly string _queue = $"updates-{Guid.NewGuid():N}";

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AnUpdateIsAcceptedAndItsResultReturned(int cached) => RunAsync(cached, async handle =>
    {
        (await handle.ExecuteUpdateAsync(w => w.AddAsync("Ann"))).ShouldBe(1);
        (await handle.ExecuteUpdateAsync<int>("Add", ["Bob"])).ShouldBe(2);
        (await handle.ExecuteUpdateAsync(w => w.NameItAsync(), new("my-id"))).ShouldBe("my-id NameIt");
        (await handle.QueryAsync(w => w.Items)).ShouldBe("Hello, Ann! Hello, Bob!");
        return $"{Accepted} {Activity} {Completed} {Accepted} {Activity} {Completed} {Accepted} {Completed} {Stopped}";
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ARejectedUpdateLeavesNoTrace(int cached) => RunAsync(cached, async handle =>
    {
        // Once it waits, the tasks made for updates alone are dropped with their events when the update is rejected.
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.WorkflowTaskCompleted),
            TimeSpan.FromSeconds(20));
        var before = await handle.FetchHistoryAsync();
        for (var i = 0; i < 3; i++)
        {
            var rejected = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync(w => w.AddAsync("")));
            var cause = rejected.InnerException.ShouldBeOfType<ApplicationFailureException>();
            (cause.Message, cause.ErrorType).ShouldBe(("an item has a name", "NoName"));
        }
        (await handle.FetchHistoryAsync()).Events.Count.ShouldBe(before.Events.Count);
        (await handle.ExecuteUpdateAsync(w => w.AddAsync("Ann"))).ShouldBe(1);
        await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync(w => w.AddAsync("")));
        await handle.SignalAsync(w => w.OpenAsync());
        (await handle.ExecuteUpdateAsync(w => w.AddAsync("Bob"))).ShouldBe(2);
        return $"{Accepted} {Activity} {Completed} WorkflowExecutionSignaled {Accepted} {Activity} {Completed} {Stopped}";
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AFailureFailsTheUpdateAndNotTheWorkflow(int cached) => RunAsync(cached, async handle =>
    {
        var failed = await Should.ThrowAsync<WorkflowUpdateFailedException>(() => handle.ExecuteUpdateAsync(w => w.FailAsync()));
        var cause = failed.InnerException.ShouldBeOfType<ApplicationFailureException>();
        (cause.Message, cause.ErrorType, cause.Details.ElementAt<string>(0)).ShouldBe(("as asked", "Asked", "detail"));
        return $"{Accepted} TimerStarted TimerFired {Completed} {Stopped}";
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AnAcceptedUpdateWaitsForASignal(int cached) => RunAsync(cached, async handle =>
    {
        var update = await handle.StartUpdateAsync(w => w.WaitUntilOpenAsync(), new("waits", WorkflowUpdateStage.Accepted));
        (await handle.FetchHistoryAsync()).Events.ShouldNotContain(e => e.EventType == EventType.WorkflowExecutionUpdateCompleted);
        await handle.SignalAsync(w => w.OpenAsync());
        (await update.GetResultAsync()).ShouldBe("WaitUntilOpen open");
        (await handle.GetUpdateHandle<string>("waits").GetResultAsync()).ShouldBe("WaitUntilOpen open");
        return $"{Accepted} WorkflowExecutionSignaled {Completed} {Stopped}";
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task UpdatesRunSideBySide(int cached) => RunAsync(cached, async handle =>
    {
        var waiting = await handle.StartUpdateAsync(w => w.WaitUntilOpenAsync(), new(WorkflowUpdateStage.Accepted));
        var counts = await Task.WhenAll(
            handle.ExecuteUpdateAsync(w => w.AddAsync("Ann")), handle.ExecuteUpdateAsync(w => w.AddAsync("Bob")));
        counts.Order().ShouldBe([1, 2]);
        await handle.SignalAsync(w => w.OpenAsync());
        (await waiting.GetResultAsync()).ShouldBe("WaitUntilOpen open");
        return null;
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AWorkerTakesOverWhileAnUpdateWaits(int cached)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var handle = await client.StartWorkflowAsync((UpdateFeature w) => w.RunAsync(), Options());
        WorkflowUpdateHandle<string>? update = null;
        await WithWorkerAsync(client, cached, async () =>
            update = await handle.StartUpdateAsync(w => w.WaitUntilOpenAsync(), new(WorkflowUpdateStage.Accepted)));
        await handle.SignalAsync(w => w.OpenAsync());
        await WithWorkerAsync(client, cached, async () =>
        {
            (await update!.GetResultAsync()).ShouldBe("WaitUntilOpen open");
            await handle.ExecuteUpdateAsync(w => w.StopAsync());
            await handle.GetResultAsync();
        });
    }

    async Task RunAsync(int cached, Func<WorkflowHandle<UpdateFeature, string>, Task<string?>> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        await WithWorkerAsync(client, cached, async () =>
        {
            var handle = await client.StartWorkflowAsync((UpdateFeature w) => w.RunAsync(), Options());
            var expected = await run(handle);
            await handle.ExecuteUpdateAsync(w => w.StopAsync());
            await handle.GetResultAsync();
            var history = await handle.FetchHistoryAsync();
            history.Events.ShouldNotContain(
                e => e.EventType == EventType.WorkflowTaskFailed || e.EventType == EventType.WorkflowTaskTimedOut);
            if (expected != null) Decisions(history).ShouldBe(expected);
            await Replayers.Of(typeof(UpdateFeature)).ReplayWorkflowAsync(history);
        });
    }

    async Task WithWorkerAsync(ITemporalClient client, int cached, Func<Task> run)
    {
        var options = new TemporalWorkerOptions(_queue) { MaxCachedWorkflows = cached, GracefulShutdownTimeout = TimeSpan.FromSeconds(5) };
        using var worker = new TemporalWorker(client, options.AddWorkflow<UpdateFeature>().AddAllActivities(new FeatureActivities()));
        await worker.ExecuteAsync(() => run().WaitAsync(TimeSpan.FromMinutes(2)));
    }

    WorkflowOptions Options() => new($"update-{Guid.NewGuid():N}", _queue);

    static string Decisions(WorkflowHistory history) =>
        string.Join(' ', history.Events.Select(e => e.EventType).Where(t => t != EventType.WorkflowExecutionStarted
            && t is not (EventType.WorkflowTaskScheduled or EventType.WorkflowTaskStarted or EventType.WorkflowTaskCompleted)));
}

[Collection(nameof(OnTemporal))]
public sealed class UpdateTestsOnTemporal(TemporalServer server) : UpdateTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class UpdateTestsOnTheEmbeddedServer(EmbeddedServer server) : UpdateTests(server);
