using System.Collections.Concurrent;
using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Runtime;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;
using Temporalio.Workflows;

namespace Temporalio.Tests.Workflows;

/// <summary>What a worker's options change, seen on a real server.</summary>
public sealed class WorkerOptionsTests(TemporalServer temporal) : IClassFixture<TemporalServer>
{
    readonly string _queue = $"options-{Guid.NewGuid():N}";

    [Workflow]
    public sealed class Echo
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int activities, string? taskQueue)
        {
            var options = new ActivityOptions { StartToCloseTimeout = TimeSpan.FromSeconds(10), TaskQueue = taskQueue };
            await Workflow.WhenAllAsync(Enumerable.Range(0, activities).Select(_ => Workflow.ExecuteActivityAsync((Activities a) => a.Count(), options)));
            return await Workflow.ExecuteLocalActivityAsync((Activities a) => a.Count(), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });
        }
    }

    [Workflow(VersioningBehavior = Common.VersioningBehavior.Pinned)]
    public sealed class Pinned
    {
        [WorkflowRun]
        public Task<string> RunAsync() => Task.FromResult(Workflow.CurrentDeploymentVersion!.ToCanonicalString());
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
        public Task RunAsync() => Workflow.ExecuteActivityAsync((Activities a) => a.Count(), new() { StartToCloseTimeout = TimeSpan.FromSeconds(10) });

        [WorkflowSignal]
        public Task PokeAsync() => Task.CompletedTask;
    }

    public sealed class Activities
    {
        [Activity]
        public string Count()
        {
            ActivityExecutionContext.Current.MetricMeter.CreateCounter<int>("counted").Add(1);
            return "done";
        }
    }

    [SkippableFact]
    public async Task ActivitiesComeWithTheAnswerAsFarAsThereAreSlots()
    {
        RealServers.SkipIfMissing();
        var meter = new RecordingMeter();
        // Off by default.
        await using var server = await TemporalServer.StartNewAsync(settings: "system.enableActivityEagerExecution=true");
        await RunAsync(new(_queue) { MaxEagerActivityReservationsPerWorkflowTask = 2 }, async client =>
        {
            (await client.ExecuteWorkflowAsync((Echo w) => w.RunAsync(5, null), Options())).ShouldBe("done");
        }, meter, server);
        meter.Sum("temporal_activity_task_received", ("eager", true)).ShouldBe(2);
        meter.Sum("temporal_activity_task_received", ("eager", false)).ShouldBe(3);
    }

    [SkippableTheory, InlineData(true, null, null), InlineData(false, 1000.0, null), InlineData(false, null, "other")]
    public async Task NoActivityComesWithTheAnswerWhereItMayNot(bool disabled, double? perSecond, string? otherQueue)
    {
        RealServers.SkipIfMissing();
        await using var server = await TemporalServer.StartNewAsync(settings: "system.enableActivityEagerExecution=true");
        var meter = new RecordingMeter();
        var other = otherQueue == null ? null : $"{_queue}-{otherQueue}";
        await RunAsync(new(_queue) { DisableEagerActivityExecution = disabled, MaxActivitiesPerSecond = perSecond }, async client =>
        {
            using var others = new TemporalWorker(client, new TemporalWorkerOptions(other ?? $"{_queue}-unused").AddAllActivities(new Activities()));
            await others.ExecuteAsync(() => client.ExecuteWorkflowAsync((Echo w) => w.RunAsync(2, other), Options()));
        }, meter, server);
        meter.Sum("temporal_activity_task_received", ("eager", true)).ShouldBe(0);
        meter.Sum("temporal_activity_task_received", ("eager", false)).ShouldBe(2);
    }

    [SkippableFact]
    public async Task MetricsOfWorkerClientAndCodeReachTheProgramsMeter()
    {
        var meter = new RecordingMeter();
        await RunAsync(new(_queue), async client => await client.ExecuteWorkflowAsync((Echo w) => w.RunAsync(1, null), Options()), meter);
        meter.Sum("temporal_workflow_completed", ("workflow_type", "Echo"), ("task_queue", _queue), ("namespace", "default"), ("service_name", "temporal-core-sdk")).ShouldBe(1);
        meter.Sum("temporal_request", ("operation", "StartWorkflowExecution")).ShouldBe(1);
        meter.Sum("temporal_local_activity_total", ("activity_type", "Count")).ShouldBe(1);
        meter.Sum("temporal_worker_start").ShouldBe(1);
        meter.Sum("counted", ("activity_type", "Count")).ShouldBe(2);
        foreach (var name in new[]
        {
            "temporal_workflow_task_execution_latency", "temporal_workflow_task_schedule_to_start_latency", "temporal_workflow_endtoend_latency",
            "temporal_activity_execution_latency", "temporal_activity_succeed_endtoend_latency", "temporal_local_activity_execution_latency",
            "temporal_request_latency", "temporal_long_request", "temporal_num_pollers", "temporal_sticky_cache_size", "temporal_worker_task_slots_used",
        })
            meter.Names.ShouldContain(name);
        meter.Last("temporal_worker_task_slots_available", ("worker_type", "ActivityWorker")).ShouldBe(100);
    }

    [SkippableFact]
    public async Task AWorkersOwnSlotSupplierIsAskedToldAndGetsItsSlotsBack()
    {
        var supplier = new CountingSupplier();
        var tuner = new WorkerTuner(supplier, new FixedSizeSlotSupplier(10), supplier, new FixedSizeSlotSupplier(1));
        await RunAsync(new(_queue) { Tuner = tuner }, async client =>
            (await client.ExecuteWorkflowAsync((Echo w) => w.RunAsync(3, null), Options())).ShouldBe("done"));
        supplier.Reserved.ShouldBeGreaterThan(1);
        supplier.Released.ShouldBe(supplier.Reserved);
        supplier.Used.ShouldContain(new SlotInfo.WorkflowSlotInfo("Echo", false));
        supplier.Used.ShouldContain(new SlotInfo.LocalActivitySlotInfo("Count"));
    }

    [SkippableFact]
    public async Task TaskEventsComeInPairsAroundTheCode()
    {
        var events = new ConcurrentQueue<string>();
        var options = new TemporalWorkerOptions(_queue);
        options.WorkflowTaskStarting += (_, e) => events.Enqueue($"+{e.WorkflowDefinition.Name}");
        options.WorkflowTaskCompleted += (_, e) => events.Enqueue($"-{e.WorkflowInfo.WorkflowType}{e.TaskFailureException}");
        await RunAsync(options, async client => await client.ExecuteWorkflowAsync((Echo w) => w.RunAsync(1, null), Options()));
        string.Concat(events).ShouldBe("+Echo-Echo+Echo-Echo+Echo-Echo");
    }

    [SkippableFact]
    public async Task AnOptionTurnsNondeterminismIntoTheWorkflowsFailure()
    {
        RealServers.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var handle = await client.StartWorkflowAsync((AfterChange w) => w.RunAsync(), Options());
        using (var before = new TemporalWorker(client, new TemporalWorkerOptions(_queue).AddWorkflow<BeforeChange>()))
            await before.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await handle.FetchHistoryAsync()).Events.Any(e => e.EventType == EventType.TimerStarted), TimeSpan.FromSeconds(20)));
        var options = new TemporalWorkerOptions(_queue) { WorkflowFailureExceptionTypes = [typeof(WorkflowNondeterminismException)] };
        using var after = new TemporalWorker(client, options.AddWorkflow<AfterChange>().AddAllActivities(new Activities()));
        await after.ExecuteAsync(async () =>
        {
            await handle.SignalAsync(w => w.PokeAsync());
            (await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync()))
                .InnerException.ShouldBeOfType<ApplicationFailureException>().Message.ShouldContain("TimerStarted");
        });
    }

    [SkippableFact]
    public async Task AVersionedWorkerGetsTasksOnceItsVersionIsCurrent()
    {
        var version = new WorkerDeploymentVersion($"d{Guid.NewGuid():N}", "1.0");
        var options = new TemporalWorkerOptions(_queue)
        {
            DeploymentOptions = new(version, useWorkerVersioning: true) { DefaultVersioningBehavior = Common.VersioningBehavior.AutoUpgrade },
        };
        await RunAsync(options, async client =>
        {
            await Eventually.TrueAsync(
                async () => (await temporal.CliAsync("worker", "deployment", "set-current-version",
                    "--deployment-name", version.DeploymentName, "--build-id", version.BuildId, "--yes")).ExitCode == 0,
                TimeSpan.FromSeconds(30));
            var handle = await client.StartWorkflowAsync((Echo w) => w.RunAsync(1, null), Options());
            (await handle.GetResultAsync()).ShouldBe("done");
            var completed = (await handle.FetchHistoryAsync()).Events.First(e => e.EventType == EventType.WorkflowTaskCompleted).WorkflowTaskCompletedEventAttributes;
            completed.VersioningBehavior.ShouldBe(Api.Enums.V1.VersioningBehavior.AutoUpgrade);
            completed.DeploymentVersion.BuildId.ShouldBe("1.0");

            var pinned = await client.StartWorkflowAsync((Pinned w) => w.RunAsync(), Options());
            (await pinned.GetResultAsync()).ShouldBe(version.ToCanonicalString());
            (await pinned.FetchHistoryAsync()).Events.First(e => e.EventType == EventType.WorkflowTaskCompleted).WorkflowTaskCompletedEventAttributes
                .VersioningBehavior.ShouldBe(Api.Enums.V1.VersioningBehavior.Pinned);
            (await pinned.DescribeAsync()).RawDescription.WorkflowExecutionInfo.VersioningInfo.DeploymentVersion.BuildId.ShouldBe("1.0");

            var described = await temporal.CliAsync("worker", "deployment", "describe", "--name", version.DeploymentName, "-o", "json");
            described.Output.ShouldContain("\"currentVersionBuildID\": \"1.0\"");
        });
    }

    [SkippableFact]
    public async Task AWorkerGoesOnWithAnotherClient()
    {
        RealServers.SkipIfMissing();
        var first = await TemporalClient.ConnectAsync(new(temporal.Address) { Identity = "first" });
        var second = await TemporalClient.ConnectAsync(new(temporal.Address));
        using var worker = new TemporalWorker(first, new TemporalWorkerOptions(_queue).AddWorkflow<Echo>().AddAllActivities(new Activities()));
        await worker.ExecuteAsync(async () =>
        {
            await first.ExecuteWorkflowAsync((Echo w) => w.RunAsync(1, null), Options());
            Should.Throw<InvalidOperationException>(() => worker.Client = TemporalClient.CreateLazy(new(temporal.Address)));
            worker.Client = second;
            worker.Client.ShouldBe(second);
            await first.ExecuteWorkflowAsync((Echo w) => w.RunAsync(1, null), Options());
        });
    }

    [SkippableFact]
    public async Task AWorkerOfANamespaceThatIsNotThereDoesNotStart()
    {
        RealServers.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address) { Namespace = "nowhere" });
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(_queue).AddWorkflow<Echo>());
        (await Should.ThrowAsync<InvalidOperationException>(() => worker.ExecuteAsync(CancellationToken.None))).Message.ShouldContain("nowhere");
    }

    [Fact]
    public void ContradictingOptionsAreRefused()
    {
        var client = TemporalClient.CreateLazy(new("127.0.0.1:1"));
        Refused(new(_queue) { Tuner = WorkerTuner.CreateFixedSize(2, 2, 2), MaxConcurrentActivities = 1 }).ShouldContain("Tuner");
        Refused(new(_queue) { DeploymentOptions = new() }).ShouldContain("Version must be set");
        Refused(new(_queue) { MaxConcurrentWorkflowTasks = 1 }).ShouldContain("at least 2");
        Refused(new(_queue) { MaxEagerActivityReservationsPerWorkflowTask = 0 }).ShouldContain("positive");
        Refused(new(_queue)
        {
            DeploymentOptions = new(new("d", "b"), false) { DefaultVersioningBehavior = Common.VersioningBehavior.Pinned },
        }).ShouldContain("DefaultVersioningBehavior");

        string Refused(TemporalWorkerOptions options) => Should.Throw<ArgumentException>(() => new TemporalWorker(client, options.AddWorkflow<Echo>())).Message;
    }

    async Task RunAsync(TemporalWorkerOptions options, Func<ITemporalClient, Task> run, ICustomMetricMeter? meter = null, TemporalServer? server = null)
    {
        RealServers.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new((server ?? temporal).Address)
        {
            Runtime = new(new(new TelemetryOptions { Metrics = new() { CustomMetricMeter = meter } })),
        });
        using var worker = new TemporalWorker(client, options.AddWorkflow<Echo>().AddWorkflow<Pinned>().AddAllActivities(new Activities()));
        await worker.ExecuteAsync(() => run(client));
    }

    WorkflowOptions Options() => new($"options-{Guid.NewGuid():N}", _queue);

    sealed class CountingSupplier : CustomSlotSupplier
    {
        int _reserved;
        int _released;

        public int Reserved => _reserved;

        public int Released => _released;

        public ConcurrentBag<SlotInfo> Used { get; } = [];

        public override Task<SlotPermit> ReserveSlotAsync(SlotReserveContext ctx, CancellationToken cancellationToken) => Task.FromResult(TryReserveSlot(ctx)!);

        public override SlotPermit? TryReserveSlot(SlotReserveContext ctx) => new(Interlocked.Increment(ref _reserved));

        public override void MarkSlotUsed(SlotMarkUsedContext ctx) => Used.Add(ctx.SlotInfo);

        public override void ReleaseSlot(SlotReleaseContext ctx) => Interlocked.Increment(ref _released);
    }
}
