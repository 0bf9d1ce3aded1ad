using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Activities;

/// <summary>What becomes of an activity that is silent for longer than its heartbeat timeout, and of what it said last.</summary>
public abstract class HeartbeatTests(ITemporalServer temporal)
{
    static readonly TimeSpan HeartbeatTimeout = TimeSpan.FromSeconds(1.5);

    readonly string _queue = $"heartbeats-{Guid.NewGuid():N}";
    readonly TaskCompletionSource<ActivityInfo> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Workflow]
    public sealed class Watched
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int attempts)
        {
            try
            {
                return await Workflow.ExecuteActivityAsync((HeartbeatTests t) => t.BeAsync(), new()
                {
                    StartToCloseTimeout = TimeSpan.FromMinutes(1),
                    HeartbeatTimeout = HeartbeatTimeout,
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(10), MaximumAttempts = attempts },
                });
            }
            catch (ActivityFailureException e) when (e.InnerException is TimeoutFailureException timeout)
            {
                return $"{timeout.TimeoutType}: {timeout.LastHeartbeatDetails.ElementAt<string>(0)}";
            }
        }
    }

    /// <summary>Is left open the first time; the second time tells what it knows of the first.</summary>
    [Activity]
    public async Task<string> BeAsync()
    {
        var info = ActivityExecutionContext.Current.Info;
        if (info.Attempt > 1) return $"attempt {info.Attempt} after {await info.HeartbeatDetailAtAsync<string>(0)}";
        _open.SetResult(info);
        throw new CompleteAsyncException();
    }

    [SkippableFact]
    public Task SilenceEndsItAndItsLastWordsAreKept() => RunAsync(1, async (_, activity, workflow) =>
    {
        await activity.HeartbeatAsync(new() { Details = ["first words"] });
        await activity.HeartbeatAsync(new() { Details = ["last words"] });
        (await workflow.GetResultAsync()).ShouldBe("Heartbeat: last words");
        var history = await workflow.FetchHistoryAsync();
        var silent = TimeOf(history, EventType.ActivityTaskTimedOut) - TimeOf(history, EventType.ActivityTaskStarted);
        silent.ShouldBeGreaterThanOrEqualTo(HeartbeatTimeout);
    });

    [SkippableFact]
    public Task TheNextAttemptReadsTheLastWords() => RunAsync(2, async (_, activity, workflow) =>
    {
        await activity.HeartbeatAsync(new() { Details = ["half done"] });
        (await workflow.GetResultAsync()).ShouldBe("attempt 2 after half done");
    });

    [SkippableFact]
    public Task EachHeartbeatGivesItTheWholeTimeAgain() => RunAsync(1, async (_, activity, workflow) =>
    {
        using var often = new PeriodicTimer(TimeSpan.FromMilliseconds(100));
        var until = DateTime.UtcNow + 2.5 * HeartbeatTimeout;
        while (DateTime.UtcNow < until && await often.WaitForNextTickAsync()) await activity.HeartbeatAsync();
        await activity.CompleteAsync("alive");
        (await workflow.GetResultAsync()).ShouldBe("alive");
    });

    [SkippableFact]
    public Task ADescriptionShowsTheLastHeartbeat() => RunAsync(1, async (client, activity, workflow) =>
    {
        await activity.HeartbeatAsync(new() { Details = ["17 of 20"] });
        var pending = (await workflow.RawDescriptionAsync(client)).PendingActivities.ShouldHaveSingleItem();
        pending.HeartbeatDetails.Payloads_.Single().Data.ToStringUtf8().ShouldBe("\"17 of 20\"");
        pending.LastHeartbeatTime.ToDateTime().ShouldBeGreaterThanOrEqualTo(pending.LastStartedTime.ToDateTime());
        await workflow.TerminateAsync();
    });

    static DateTime TimeOf(WorkflowHistory history, EventType type) =>
        history.Events.Single(e => e.EventType == type).EventTime.ToDateTime();

    async Task RunAsync(int attempts, Func<ITemporalClient, AsyncActivityHandle, WorkflowHandle<Watched, string>, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(_queue).AddWorkflow<Watched>().AddActivity(BeAsync));
        await worker.ExecuteAsync(async () =>
        {
            var workflow = await client.StartWorkflowAsync(
                (Watched w) => w.RunAsync(attempts), new(_queue, _queue) { ExecutionTimeout = TimeSpan.FromSeconds(40) });
            var info = await _open.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await run(client, client.GetAsyncActivityHandle(info.TaskToken), workflow);
        });
    }
}

[Collection(nameof(OnTemporal))]
public sealed class HeartbeatTestsOnTemporal(TemporalServer server) : HeartbeatTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class HeartbeatTestsOnTheEmbeddedServer(EmbeddedServer server) : HeartbeatTests(server);
