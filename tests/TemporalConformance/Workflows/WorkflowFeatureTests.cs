using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>One test a feature; see <see cref="FeatureTests"/>.</summary>
public abstract class WorkflowFeatureTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ActivitiesReturnAreRetriedAndFail(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((ActivityFeature w) => w.RunAsync("Ann"), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! 2 Fail/3 Impossible cannot be done 7");
        return (handle, "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted "
            + "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted "
            + "ActivityTaskScheduled ActivityTaskStarted ActivityTaskFailed WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task LocalActivitiesLeaveOnlyTheirMarkers(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((LocalActivityFeature w) => w.RunAsync("Ann"), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! 3 True Impossible cannot be done");
        return (handle, "MarkerRecorded MarkerRecorded MarkerRecorded MarkerRecorded WorkflowExecutionCompleted");
    });

    [SkippableFact]
    public Task ALocalActivityOutlivesItsWorkflowTask() => RunAsync(Remember, async client =>
    {
        // The task times out after 2 s, the activity takes 4: the worker asks for new tasks meanwhile.
        var options = Options();
        options.TaskTimeout = TimeSpan.FromSeconds(2);
        var handle = await client.StartWorkflowAsync((LongLocalActivityFeature w) => w.RunAsync(4000), options);
        await handle.GetResultAsync();
        var history = await handle.FetchHistoryAsync();
        history.Events.ShouldNotContain(e => e.EventType == EventType.WorkflowTaskTimedOut);
        history.Events.Count(e => e.EventType == EventType.WorkflowTaskCompleted).ShouldBeGreaterThan(1);
        return (handle, "MarkerRecorded WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task TimersFireAreCancelledAndEndWaits(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((TimerFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("True True False");
        return (handle, "TimerStarted TimerFired TimerStarted TimerStarted "
            + "TimerFired TimerCanceled TimerStarted TimerFired WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task SignalsAreHandledAndQueriesAnswered(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(2), Options());
        (await handle.QueryAsync(w => w.Count)).ShouldBe(0);
        await handle.SignalAsync(w => w.AddAsync("Ann"));
        await Eventually.TrueAsync(async () => await handle.QueryAsync(w => w.Count) == 1, TimeSpan.FromSeconds(20));
        (await handle.QueryAsync(w => w.Name(0))).ShouldBe("Hello, Ann!");
        await handle.SignalAsync(w => w.AddAsync("Bob"));
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! Hello, Bob!");
        (await handle.QueryAsync(w => w.Count)).ShouldBe(2);
        await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<int>("Nothing", []));
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ACancelledWorkflowCleansUp(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((CancelFeature w) => w.RunAsync(), Options());
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.WorkflowTaskCompleted),
            TimeSpan.FromSeconds(20));
        await handle.CancelAsync();
        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        failed.InnerException.ShouldBeOfType<CanceledFailureException>();
        return (handle, "WorkflowExecutionCancelRequested "
            + "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted WorkflowExecutionCanceled");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task APatchIsRecorded(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((PatchFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, 1!Hello, 2! True");
        (await client.CountWorkflowsAsync($"TemporalChangeVersion = 'greet-twice' AND WorkflowId = '{handle.Id}'")).Count.ShouldBe(1);
        return (handle, "MarkerRecorded UpsertWorkflowSearchAttributes ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted "
            + "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AWorkflowContinuesAsNew(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((ContinueAsNewFeature w) => w.RunAsync(3), Options());
        (await handle.GetResultAsync()).ShouldBe("last");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AFailureFailsTheWorkflow(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((FailureFeature w) => w.RunAsync(), Options());
        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        var cause = failed.InnerException.ShouldBeOfType<ApplicationFailureException>();
        (cause.Message, cause.ErrorType, cause.Details.ElementAt<string>(0)).ShouldBe(("as asked", "Asked", "detail"));
        return (handle, "WorkflowExecutionFailed");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ChildrenReturnAreSignalledAndFail(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        var handle = await client.StartWorkflowAsync((ChildFeature w) => w.RunAsync(options.Id!), options);
        (await handle.GetResultAsync()).ShouldBe("True True False | Hello, Ann! | FailureFeature Asked as asked");
        (await client.GetWorkflowHandle($"{options.Id}/timer").DescribeAsync()).ParentId.ShouldBe(options.Id);
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ChildrenAreCancelledAsTheOptionsSay(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        var handle = await client.StartWorkflowAsync((ChildCancelFeature w) => w.RunAsync(options.Id!), options);
        (await handle.GetResultAsync()).ShouldBe("Abandon TryCancel WaitCancellationCompleted WaitCancellationRequested");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task OtherWorkflowsAreSignalledAndCancelled(int cached) => RunAsync(cached, async client =>
    {
        var signalled = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(1), Options());
        var cancelled = await client.StartWorkflowAsync((CancelFeature w) => w.RunAsync(), Options());
        var handle = await client.StartWorkflowAsync((ExternalFeature w) => w.RunAsync(signalled.Id, cancelled.Id), Options());
        (await handle.GetResultAsync()).ShouldBe("Unable to signal external workflow because it was not found");
        (await signalled.GetResultAsync()).ShouldBe("Hello, Ann!");
        (await Should.ThrowAsync<WorkflowFailedException>(() => cancelled.GetResultAsync()))
            .InnerException.ShouldBeOfType<CanceledFailureException>();
        return (handle, "SignalExternalWorkflowExecutionInitiated ExternalWorkflowExecutionSignaled "
            + "RequestCancelExternalWorkflowExecutionInitiated ExternalWorkflowExecutionCancelRequested "
            + "SignalExternalWorkflowExecutionInitiated SignalExternalWorkflowExecutionFailed WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task MemoAndSearchAttributesAreChanged(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        options.Memo = new Dictionary<string, object> { ["kept"] = "old", ["removed"] = "old" };
        options.TypedSearchAttributes = new SearchAttributeCollection.Builder()
            .Set(SearchAttributeKey.CreateKeyword("BatcherNamespace"), "removed").ToSearchAttributeCollection();
        var handle = await client.StartWorkflowAsync((UpsertFeature w) => w.RunAsync(), options);
        (await handle.GetResultAsync()).ShouldBe("kept=new upserted");
        var description = await handle.DescribeAsync();
        description.Memo.Keys.ShouldBe(["kept"]);
        description.TypedSearchAttributes.Get(SearchAttributeKey.CreateKeyword("BatcherUser")).ShouldBe("upserted");
        // The package itself would pass over an empty value.
        (await handle.RawDescriptionAsync(client)).WorkflowExecutionInfo.SearchAttributes.IndexedFields.Keys
            .ShouldNotContain("BatcherNamespace");
        return (handle, "WorkflowPropertiesModified TimerStarted TimerFired UpsertWorkflowSearchAttributes WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AWorkerTakesOverInTheMiddle(int cached)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync((SignalFeature w) => w.RunAsync(2), Options());
        await WithWorkerAsync(client, cached, async () =>
        {
            await handle.SignalAsync(w => w.AddAsync("Ann"));
            await Eventually.TrueAsync(async () => await handle.QueryAsync(w => w.Count) == 1, TimeSpan.FromSeconds(20));
        });
        await handle.SignalAsync(w => w.AddAsync("Bob"));
        await WithWorkerAsync(client, cached, async () => (await handle.GetResultAsync()).ShouldBe("Hello, Ann! Hello, Bob!"));
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AFailedTaskIsGivenOutUntilTheCodeIsMended(int cached)
    {
        var client = await ConnectAsync();
        // A worker that stops may have taken the task once more.
        var options = Options();
        options.TaskTimeout = TimeSpan.FromSeconds(1);
        var handle = await client.StartWorkflowAsync("Mended", [], options);
        using (var before = new TemporalWorker(client, WorkerOptions().AddWorkflow<Mistaken>()))
            await before.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(e =>
                    e.WorkflowTaskFailedEventAttributes is { Cause: WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure } failed
                    && failed.Failure.Message.Contains("a mistake in the code", StringComparison.Ordinal)),
                TimeSpan.FromSeconds(20)));
        (await handle.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
        using var after = new TemporalWorker(client, WorkerOptions().AddWorkflow<Mended>());
        (await after.ExecuteAsync(() => handle.GetResultAsync<string>())).ShouldBe("mended");
        // However often it failed, history tells it once.
        (await handle.FetchHistoryAsync()).Events.Count(e => e.EventType == EventType.WorkflowTaskFailed).ShouldBe(1);

        TemporalWorkerOptions WorkerOptions() => new(Queue) { MaxCachedWorkflows = cached };
    }

    [Workflow("Mended")]
    public sealed class Mistaken
    {
        [WorkflowRun]
        public Task<string> RunAsync() => throw new InvalidOperationException("a mistake in the code");
    }

    [Workflow]
    public sealed class Mended
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult("mended");
    }
}

[Collection(nameof(OnTemporal))]
public sealed class WorkflowFeatureTestsOnTemporal(TemporalServer server) : WorkflowFeatureTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class WorkflowFeatureTestsOnTheEmbeddedServer(EmbeddedServer server) : WorkflowFeatureTests(server);
