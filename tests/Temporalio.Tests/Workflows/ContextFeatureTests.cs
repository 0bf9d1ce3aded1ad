using LogPipeline.TestSupport;
using Microsoft.Extensions.Logging;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Tests.Workflows;

/// <summary>What workflow code learns of its worker, and what the worker's options let it do, on a server.</summary>
public abstract class ContextFeatureTests(ITemporalServer temporal) : FeatureTests(temporal)
{
    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AReplayedTaskKnowsTheBuildThatRanItFirst(int cached)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync((BuildsFeature w) => w.RunAsync(), Options());
        await WithWorkerAsync(client, cached, () => TasksAsync(handle, 1), Build("one"));
        await RunAsync(
            cached,
            async _ =>
            {
                await handle.SignalAsync(w => w.GoAsync());
                (await handle.GetResultAsync()).ShouldBe("/one /two");
                return (handle, "WorkflowExecutionSignaled WorkflowExecutionCompleted");
            },
            work: Build("two"));

#pragma warning disable CS0618 // The older option needs no deployment on the server.
        static Action<TemporalWorkerOptions> Build(string id) => options => options.BuildId = id;
#pragma warning restore CS0618
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AWorkflowsMetricsAreRecordedOnce(int cached)
    {
        var meter = new RecordingMeter();
        await RunAsync(
            cached,
            async client =>
            {
                var handle = await client.StartWorkflowAsync((MeteredFeature w) => w.RunAsync(), Options());
                await handle.GetResultAsync();
                return (handle, "TimerStarted TimerFired WorkflowExecutionCompleted");
            },
            connect => connect.Runtime = new(new(new() { Metrics = new() { CustomMetricMeter = meter } })));
        (string, object)[] tags = [("workflow_type", "MeteredFeature"), ("task_queue", Queue), ("namespace", "default")];
        meter.Sum("steps", [("step", "before"), .. tags]).ShouldBe(1);
        meter.Sum("steps", [("step", "behind"), .. tags]).ShouldBe(1);
        (meter.Sum("took", tags), meter.Sum("level", tags)).ShouldBe((3, 1.5));
    }

    [SkippableTheory, InlineData(Remember, WorkflowStackTrace.Normal), InlineData(ReplayAlways, WorkflowStackTrace.WithoutFileInfo)]
    public Task AStackTraceNamesEachPlaceThatWaits(int cached, WorkflowStackTrace kind) => RunAsync(
        cached,
        async client =>
        {
            var handle = await client.StartWorkflowAsync((WaitingFeature w) => w.RunAsync(), Options());
            var trace = await handle.QueryAsync<string>("__stack_trace", []);
            trace.Split("\n\n").Length.ShouldBe(3);
            trace.ShouldContain(nameof(WaitingFeature) + ".WaitForSignalAsync");
            trace.ShouldContain(nameof(WaitingFeature) + ".WaitForTimerAsync");
            trace.Contains("ContextFeatureWorkflows.cs:line", StringComparison.Ordinal).ShouldBe(kind == WorkflowStackTrace.Normal);
            trace.ShouldNotContain("Temporalio.Worker.");
            await handle.SignalAsync(w => w.GoAsync());
            await handle.GetResultAsync();
            (await handle.QueryAsync<string>("__stack_trace", [])).ShouldBeEmpty();
            return (handle, "TimerStarted WorkflowExecutionSignaled TimerCanceled WorkflowExecutionCompleted");
        },
        work: options => options.WorkflowStackTrace = kind);

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AnotherSchedulerMayBeUsedWhereNobodyWatches(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((UnwatchedFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe("True Function during tracing event listener disabling created workflow commands");
        return (handle, null);
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task AConstructorHasTheArgumentsBeforeTheFirstSignal(int cached) => RunAsync(cached, async client =>
    {
        var options = Options();
        options.SignalWithStart((InitFeature w) => w.AddAsync("signal"));
        var handle = await client.StartWorkflowAsync((InitFeature w) => w.RunAsync("first", 2), options);
        (await handle.GetResultAsync()).ShouldBe("first 2 first signal");
        return (handle, "WorkflowExecutionSignaled WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task HandlersThatStillRunAreNamedOnceInAWarning(int cached)
    {
        var log = new RecordingLog();
        await RunAsync(
            cached,
            async client =>
            {
                var handle = await StartUnfinishedAsync(client);
                await handle.SignalAsync(w => w.EndAsync(false));
                (await handle.GetResultAsync()).ShouldBe("False False True");
                return (handle, null);
            },
            work: options => options.LoggerFactory = log.Factory);
        var warning = log.Lines.Where(l => l.Level >= LogLevel.Warning).ShouldHaveSingleItem().Text;
        warning.ShouldContain("signal Hang, update HangForUpdate (the-update)");
        warning.ShouldNotContain("HangSilently");
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AWorkflowWaitsUntilItsHandlersHaveFinished(int cached)
    {
        var log = new RecordingLog();
        await RunAsync(
            cached,
            async client =>
            {
                var handle = await StartUnfinishedAsync(client, silent: false);
                await handle.SignalAsync(w => w.EndAsync(true));
                (await handle.GetResultAsync()).ShouldBe("False True True");
                return (handle, null);
            },
            work: options => options.LoggerFactory = log.Factory);
        log.Lines.ShouldNotContain(l => l.Level >= LogLevel.Warning);
    }

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task PatchesBeyondTheLengthOfASearchAttributeAreNotListed(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((ManyPatchesFeature w) => w.RunAsync(), Options());
        (await handle.GetResultAsync()).ShouldBe(ManyPatchesFeature.Count);
        (await client.CountWorkflowsAsync($"TemporalChangeVersion = '{ManyPatchesFeature.Id(9)}' AND WorkflowId = '{handle.Id}'")).Count.ShouldBe(1);
        var listed = string.Concat(Enumerable.Repeat("MarkerRecorded UpsertWorkflowSearchAttributes ", 10));
        return (handle, listed + "MarkerRecorded MarkerRecorded TimerStarted TimerFired WorkflowExecutionCompleted");
    });

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public async Task AWorkerDecidesWhetherARunTakesAPatch(int cached)
    {
        var asked = new List<string>();
        await RunAsync(
            cached,
            async client =>
            {
                var handle = await client.StartWorkflowAsync((DecidedPatchesFeature w) => w.RunAsync(), Options());
                (await handle.GetResultAsync()).ShouldBe("True False True False");
                return (handle, "MarkerRecorded UpsertWorkflowSearchAttributes TimerStarted TimerFired WorkflowExecutionCompleted");
            },
            work: options => options.PatchActivationCallback = input =>
            {
                asked.Add($"{input.WorkflowInfo.WorkflowType} {input.PatchId}");
                return input.PatchId == "taken";
            });
        // Without cache the code runs twice up to the timer; it is asked when it is no replay.
        asked.ShouldBe(["DecidedPatchesFeature taken", "DecidedPatchesFeature left"]);
    }

    [SkippableTheory, InlineData("random"), InlineData("timer")]
    public async Task ADecisionOnAPatchMayNotLeaveATrace(string what)
    {
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync((DecidedPatchesFeature w) => w.RunAsync(), Options());
        await WithWorkerAsync(
            client, Remember,
            async () =>
            {
                var history = await Eventually.GetAsync(
                    () => handle.FetchHistoryAsync(), h => h.Events.Any(e => e.EventType == EventType.WorkflowTaskFailed), TimeSpan.FromSeconds(20));
                history.Events.First(e => e.EventType == EventType.WorkflowTaskFailed).WorkflowTaskFailedEventAttributes.Failure.Message
                    .ShouldContain(what == "random" ? "randomness" : "asked for something");
            },
            options => options.PatchActivationCallback = input =>
            {
                if (what == "random") Temporalio.Workflows.Workflow.NewGuid();
                else _ = Temporalio.Workflows.Workflow.DelayAsync(1);
                return true;
            });
        await handle.TerminateAsync();
    }

    async Task<WorkflowHandle<UnfinishedFeature, string>> StartUnfinishedAsync(ITemporalClient client, bool silent = true)
    {
        var handle = await client.StartWorkflowAsync((UnfinishedFeature w) => w.RunAsync(), Options());
        if (silent) await handle.SignalAsync(w => w.HangSilentlyAsync());
        await handle.SignalAsync(w => w.HangAsync());
        await handle.StartUpdateAsync(w => w.HangForUpdateAsync(), new(WorkflowUpdateStage.Accepted) { Id = "the-update" });
        return handle;
    }

    static Task TasksAsync(WorkflowHandle handle, int count) => Eventually.TrueAsync(
        async () => (await handle.FetchHistoryAsync()).Events.Count(e => e.EventType == EventType.WorkflowTaskCompleted) >= count, TimeSpan.FromSeconds(20));
}

public sealed class ContextFeatureTestsOnTemporal(TemporalServer server) : ContextFeatureTests(server), IClassFixture<TemporalServer>
{
    readonly TemporalServer _server = server;

    [SkippableTheory, InlineData(Remember), InlineData(ReplayAlways)]
    public Task ARunThatWasResetKeepsItsRandomNumbersUpToThere(int cached) => RunAsync(cached, async client =>
    {
        var handle = await client.StartWorkflowAsync((RandomFeature w) => w.RunAsync(), Options());
        await Eventually.TrueAsync(
            async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.ChildWorkflowExecutionCompleted), TimeSpan.FromSeconds(20));
        await handle.SignalAsync(w => w.GoAsync());
        var before = (await handle.GetResultAsync()).Split(' ');
        var lastTask = (await handle.FetchHistoryAsync()).Events.Last(e => e.EventType == EventType.WorkflowTaskCompleted).EventId;
        // The signal comes with it.
        var reset = await _server.CliAsync("workflow", "reset", "-w", handle.Id, "-r", handle.ResultRunId!, "-e", $"{lastTask}", "--reason", "test");
        reset.ExitCode.ShouldBe(0, reset.Everything);
        var again = client.GetWorkflowHandle<RandomFeature, string>(handle.Id);
        var after = (await again.GetResultAsync().WaitAsync(TimeSpan.FromSeconds(30))).Split(' ');
        after[0].ShouldBe(before[0]);
        after[1].ShouldNotBe(before[1]);
        return (again, null);
    });
}

public sealed class ContextFeatureTestsOnTheEmbeddedServer(EmbeddedServer server) : ContextFeatureTests(server), IClassFixture<EmbeddedServer>;
