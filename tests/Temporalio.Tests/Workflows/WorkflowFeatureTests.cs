using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>One test a feature; see <see cref="FeatureTests"/>.</summary>
public abstract class WorkflowFeatureTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ActivitiesReturnAreRetriedAndFail(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((ActivityFeature w) => w.RunAsync("Ann"), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! 2 Fail/3 Impossible cannot be done 7");
        return (handle, "ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted "
            + "ActivityTaskScheduled ActivityTaskStarted ActivityTaskFailed WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task LocalActivitiesLeaveOnlyTheirMarkers(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((LocalActivityFeature w) => w.RunAsync("Ann"), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, Ann! 3 True Impossible cannot be done");
        return (handle, "MarkerRecorded MarkerRecorded MarkerRecorded MarkerRecorded WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task LocalActivitiesEndInTheirOwnOrder(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((LocalActivitiesInOrderFeature w) => w.RunAsync(600, 100), Options());
        (await handle.GetResultAsync()).ShouldBe("fast");
        return (handle, "MarkerRecorded TimerStarted MarkerRecorded TimerFired WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ALocalActivityOutlivesItsWorkflowTask(int cached) => RunAsync(cached, async client =>
    {
        // The task times out after 5 s, the activities take 9: the worker asks for new tasks meanwhile.
        var options = Options();
        options.TaskTimeout = TimeSpan.FromSeconds(5);
        var handle = await client.StartWorkflowAsync((LocalActivitiesInOrderFeature w) => w.RunAsync(9000, 8500), options);
        (await handle.GetResultAsync()).ShouldBe("fast");
        var history = await handle.FetchHistoryAsync();
        history.Events.ShouldNotContain(e => e.EventType == EventType.WorkflowTaskTimedOut);
        history.Events.Count(e => e.EventType == EventType.WorkflowTaskCompleted).ShouldBeGreaterThan(2);
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ALongWaitOfALocalActivityBecomesATimer(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((LocalBackoffFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe(3);
        return (handle, "MarkerRecorded TimerStarted TimerFired MarkerRecorded TimerStarted TimerFired MarkerRecorded WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ARunningLocalActivityIsCancelled(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((LocalCancelFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("1 cancelled 3 cancelled");
        return (handle, "MarkerRecorded MarkerRecorded TimerStarted TimerFired MarkerRecorded TimerStarted MarkerRecorded TimerFired WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task TimersFireAreCancelledAndEndWaits(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((TimerFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("True True False");
        return (handle, "TimerStarted TimerFired TimerStarted TimerStarted TimerFired TimerCanceled TimerStarted TimerFired WorkflowExecutionCompleted");
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
        var unknown = await Should.ThrowAsync<WorkflowQueryFailedException>(() => handle.QueryAsync<int>("Nothing", []));
        unknown.Message.ShouldContain("known queries: [Count Name]");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ACancelledWorkflowCleansUp(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((CancelFeature w) => w.RunAsync(), Options());
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.WorkflowTaskCompleted), TimeSpan.FromSeconds(20));
        await handle.CancelAsync();
        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        failed.InnerException.ShouldBeOfType<CanceledFailureException>();
        return (handle, "WorkflowExecutionCancelRequested ActivityTaskScheduled ActivityTaskStarted ActivityTaskCompleted WorkflowExecutionCanceled");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task APatchIsRecorded(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((PatchFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("Hello, 1!Hello, 2! True");
        (await client.CountWorkflowsAsync($"TemporalChangeVersion = 'greet-twice' AND WorkflowId = '{handle.Id}'")).Count.ShouldBe(1);
        if (cached == Remember) RecordedHistories.KeepIfAsked(await handle.FetchHistoryAsync(), "listed-");
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
        (await Should.ThrowAsync<WorkflowFailedException>(() => cancelled.GetResultAsync())).InnerException.ShouldBeOfType<CanceledFailureException>();
        return (handle, "SignalExternalWorkflowExecutionInitiated ExternalWorkflowExecutionSignaled "
            + "RequestCancelExternalWorkflowExecutionInitiated ExternalWorkflowExecutionCancelRequested "
            + "SignalExternalWorkflowExecutionInitiated SignalExternalWorkflowExecutionFailed WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task MemoAndSearchAttributesAreChanged(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        options.Memo = new Dictionary<string, object> { ["kept"] = "old", ["removed"] = "old" };
        var handle = await client.StartWorkflowAsync((UpsertFeature w) => w.RunAsync(), options);
        (await handle.GetResultAsync()).ShouldBe("kept=new upserted");
        (await handle.DescribeAsync()).Memo.Keys.ShouldBe(["kept"]);
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

    [SkippableTheory]
    [InlineData(typeof(MistakenWorkflow), "a mistake in the code")]
    [InlineData(typeof(TrespassingWorkflow), "use the members of Workflow instead")]
    [InlineData(typeof(SleepingWorkflow), "use the members of Workflow instead")]
    [InlineData(typeof(StuckWorkflow), "[TMPRL1101] Potential deadlock detected")]
    public async Task AMistakeInTheCodeFailsTheTaskAndNotTheWorkflow(Type workflow, string message)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync(workflow.Name, [], Options());
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(Queue).AddWorkflow(workflow));
        await worker.ExecuteAsync(async () =>
        {
            await Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType is EventType.WorkflowTaskCompleted or EventType.WorkflowTaskFailed), TimeSpan.FromSeconds(20));
            // Code that left the workflow's thread comes back when it likes, and is noticed when the workflow is woken after that.
            await Eventually.TrueAsync(
                async () =>
                {
                    await handle.SignalAsync("wake", []);
                    return (await handle.FetchHistoryAsync()).Events.Any(e =>
                        e.WorkflowTaskFailedEventAttributes is { Cause: WorkflowTaskFailedCause.WorkflowWorkerUnhandledFailure } failed && failed.Failure.Message.Contains(message));
                },
                TimeSpan.FromSeconds(20));
        });
        (await handle.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
        await handle.TerminateAsync();
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task ChangedCodeFailsTheTaskAsNondeterministic(int cached)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync("Changing", [], Options());
        using (var before = new TemporalWorker(client, new TemporalWorkerOptions(Queue) { MaxCachedWorkflows = cached }.AddWorkflow<BeforeChange>()))
            await before.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.TimerStarted), TimeSpan.FromSeconds(20)));
        await handle.SignalAsync("wake", []);
        using (var after = new TemporalWorker(client, new TemporalWorkerOptions(Queue) { MaxCachedWorkflows = cached }.AddWorkflow<AfterChange>().AddAllActivities(new FeatureActivities())))
            await after.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(e =>
                    e.WorkflowTaskFailedEventAttributes is { Cause: WorkflowTaskFailedCause.NonDeterministicError } failed
                    && failed.Failure.Message.Contains("event 5 (TimerStarted) does not fit: the workflow asked for activity 1 (Greet) here")),
                TimeSpan.FromSeconds(30)));
        await handle.TerminateAsync();
    }

    [Workflow]
    public sealed class MistakenWorkflow
    {
        [WorkflowRun]
        public Task RunAsync() => throw new InvalidOperationException("a mistake in the code");
    }

    [Workflow]
    public sealed class TrespassingWorkflow
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            await Task.Run(() => { }).ConfigureAwait(true);
            await Workflow.DelayAsync(1);
        }
    }

    [Workflow]
    public sealed class SleepingWorkflow
    {
        [WorkflowRun]
        public Task RunAsync() => Task.Delay(10);
    }

    [Workflow]
    public sealed class StuckWorkflow
    {
        [WorkflowRun]
        public async Task RunAsync()
        {
            using var never = new ManualResetEventSlim();
            never.Wait(TimeSpan.FromSeconds(5));
            await Workflow.DelayAsync(1);
        }
    }

    [Workflow("Changing")]
    public sealed class BeforeChange
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.DelayAsync(TimeSpan.FromHours(1));
    }

    [Workflow("Changing")]
    public sealed class AfterChange
    {
        [WorkflowRun]
        public Task RunAsync() => Workflow.ExecuteActivityAsync((FeatureActivities a) => a.Greet("Ann"), FeatureWorkflows.Options);
    }
}

public sealed class WorkflowFeatureTestsOnTemporal(TemporalServer server) : WorkflowFeatureTests(server), IClassFixture<TemporalServer>;

public sealed class WorkflowFeatureTestsOnTheEmbeddedServer(EmbeddedServer server) : WorkflowFeatureTests(server), IClassFixture<EmbeddedServer>;
