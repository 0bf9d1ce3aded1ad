using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using LogPipeline.TemporalConformance.Workflows;
using Temporalio.Worker;

namespace LogPipeline.TemporalConformance.Client;

public abstract class UpdateWithStartTests(ITemporalServer temporal)
{
    readonly string _queue = $"update-with-start-{Guid.NewGuid():N}";

    [SkippableFact]
    public Task TheWorkflowIsStartedOnceAndUpdatedEachTime() => WithWorkerAsync(async client =>
    {
        var options = Options();
        var first = Start(options);
        (await client.ExecuteUpdateWithStartWorkflowAsync((UpdateFeature w) => w.AddAsync("Ann"), new(first))).ShouldBe(1);
        var second = Start(options);
        (await client.ExecuteUpdateWithStartWorkflowAsync<int>("Add", ["Bob"], new("update-2", second))).ShouldBe(2);
        var handle = await first.GetHandleAsync();
        var again = await second.GetHandleAsync();
        (again.Id, again.ResultRunId).ShouldBe((handle.Id, handle.ResultRunId));
        (await handle.GetUpdateHandle<int>("update-2").GetResultAsync()).ShouldBe(2);
        await handle.ExecuteUpdateAsync(w => w.StopAsync());
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! Hello, Bob!");
        var history = await handle.FetchHistoryAsync();
        history.Events.Count(e => e.EventType == EventType.WorkflowExecutionUpdateAccepted).ShouldBe(3);
        await Replayers.Of(typeof(UpdateFeature)).ReplayWorkflowAsync(history);
    });

    [SkippableFact]
    public Task TheCallReturnsAtTheStageThatIsAskedFor() => WithWorkerAsync(async client =>
    {
        var start = Start(Options());
        var update = await client.StartUpdateWithStartWorkflowAsync(
            (UpdateFeature w) => w.WaitUntilOpenAsync(), new("wait", start, WorkflowUpdateStage.Accepted));
        update.Id.ShouldBe("wait");
        var handle = await start.GetHandleAsync();
        update.WorkflowRunId.ShouldBe(handle.ResultRunId);
        await handle.SignalAsync(w => w.OpenAsync());
        (await update.GetResultAsync()).ShouldBe("WaitUntilOpen open");
    });

    [SkippableFact]
    public Task AFailedUpdateLeavesTheWorkflowStarted() => WithWorkerAsync(async client =>
    {
        var start = Start(Options());
        var failed = await Should.ThrowAsync<WorkflowUpdateFailedException>(
            () => client.ExecuteUpdateWithStartWorkflowAsync((UpdateFeature w) => w.FailAsync(), new(start)));
        failed.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("Asked");
        (await (await start.GetHandleAsync()).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    });

    [SkippableFact]
    public Task ARejectedUpdateLeavesTheWorkflowStarted() => WithWorkerAsync(async client =>
    {
        var start = Start(Options());
        var failed = await Should.ThrowAsync<WorkflowUpdateFailedException>(
            () => client.ExecuteUpdateWithStartWorkflowAsync((UpdateFeature w) => w.AddAsync(""), new(start)));
        failed.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("NoName");
        (await (await start.GetHandleAsync()).DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    });

    [SkippableFact]
    public Task AStartThatIsNotAllowedIsToldToTheCallAndToTheHandle() => WithWorkerAsync(async client =>
    {
        var options = Options();
        var running = await client.StartWorkflowAsync((UpdateFeature w) => w.RunAsync(), options);
        options.IdConflictPolicy = WorkflowIdConflictPolicy.Fail;
        var start = Start(options);
        var error = await Should.ThrowAsync<WorkflowAlreadyStartedException>(
            () => client.ExecuteUpdateWithStartWorkflowAsync((UpdateFeature w) => w.AddAsync("Ann"), new(start)));
        (error.WorkflowId, error.WorkflowType, error.RunId).ShouldBe((options.Id, "UpdateFeature", running.ResultRunId));
        (await Should.ThrowAsync<WorkflowAlreadyStartedException>(() => start.GetHandleAsync())).ShouldBeSameAs(error);
        (await running.QueryAsync(w => w.Items)).ShouldBe("");
    });

    [SkippableFact]
    public async Task AnUpdateThatNoWorkerTakesEndsAtItsDeadline()
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        await Should.ThrowAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => client.ExecuteUpdateWithStartWorkflowAsync(
            (UpdateFeature w) => w.AddAsync("Ann"), new(Start(Options())) { Rpc = new() { Timeout = TimeSpan.FromSeconds(1) } }));
        using var cancelled = new CancellationTokenSource(TimeSpan.FromMilliseconds(500));
        await Should.ThrowAsync<WorkflowUpdateRpcTimeoutOrCanceledException>(() => client.ExecuteUpdateWithStartWorkflowAsync(
            (UpdateFeature w) => w.AddAsync("Ann"), new(Start(Options())) { Rpc = new() { CancellationToken = cancelled.Token } }));
    }

    async Task WithWorkerAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<UpdateFeature>().AddAllActivities(new FeatureActivities());
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(() => run(client));
    }

    WorkflowOptions Options() =>
        new($"update-with-start-{Guid.NewGuid():N}", _queue) { IdConflictPolicy = WorkflowIdConflictPolicy.UseExisting };

    static WithStartWorkflowOperation<WorkflowHandle<UpdateFeature, string>> Start(WorkflowOptions options) =>
        WithStartWorkflowOperation.Create((UpdateFeature w) => w.RunAsync(), options);
}

[Collection(nameof(OnTemporal))]
public sealed class UpdateWithStartTestsOnTemporal(TemporalServer server) : UpdateWithStartTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class UpdateWithStartTestsOnTheEmbeddedServer(EmbeddedServer server) : UpdateWithStartTests(server);
