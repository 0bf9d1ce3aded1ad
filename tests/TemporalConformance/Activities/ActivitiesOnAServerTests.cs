using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Activities;

public abstract class ActivitiesOnAServerTests(ITemporalServer running)
{
    readonly string _queue = $"activities-{Guid.NewGuid():N}";

    [Workflow]
    public class OneActivityWorkflow
    {
        [WorkflowRun]
        public Task<string> RunAsync(string activity, string argument) => Workflow.ExecuteActivityAsync<string>(activity, [argument], new()
        {
            StartToCloseTimeout = TimeSpan.FromSeconds(30),
            HeartbeatTimeout = TimeSpan.FromSeconds(2),
            RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(50), MaximumAttempts = 2 },
            CancellationType = ActivityCancellationType.WaitCancellationCompleted,
        });
    }

    [SkippableFact]
    public async Task ARetryKnowsWhatTheLastHeartbeatSaid()
    {
        running.SkipIfMissing();
        var client = await ConnectAsync();
        using var worker = Worker(client, [Activity("work")] async (string argument) =>
        {
            var info = ActivityExecutionContext.Current.Info;
            if (info.Attempt == 2) return $"{argument}: {await info.HeartbeatDetailAtAsync<string>(0)}";
            ActivityExecutionContext.Current.Heartbeat("first");
            ActivityExecutionContext.Current.Heartbeat("half done");
            throw new IOException("disk");
        });
        var result = await worker.ExecuteAsync(() =>
            client.ExecuteWorkflowAsync((OneActivityWorkflow w) => w.RunAsync("work", "a"), new(NewId(), _queue)));
        result.ShouldBe("a: half done");
    }

    [SkippableFact]
    public async Task ACancellationReachesARunningActivity()
    {
        running.SkipIfMissing();
        var client = await ConnectAsync();
        var began = new TaskCompletionSource();
        var reason = new TaskCompletionSource<ActivityCancelReason>();
        using var worker = Worker(client, [Activity("work")] async (string _) =>
        {
            var context = ActivityExecutionContext.Current;
            began.TrySetResult();
            while (!context.CancellationToken.IsCancellationRequested)
            {
                context.Heartbeat();
                await Task.WhenAny(Task.Delay(100, context.CancellationToken));
            }
            reason.TrySetResult(context.CancelReason);
            context.CancellationToken.ThrowIfCancellationRequested();
            return "";
        });
        await worker.ExecuteAsync(async () =>
        {
            var handle = await client.StartWorkflowAsync((OneActivityWorkflow w) => w.RunAsync("work", ""), new(NewId(), _queue));
            await began.Task.WaitAsync(TimeSpan.FromSeconds(30));
            await handle.CancelAsync();
            (await reason.Task.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(ActivityCancelReason.CancelRequested);
            var failure = await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
            failure.InnerException.ShouldBeOfType<CanceledFailureException>();
        });
    }

    [SkippableFact]
    public async Task AFailureTreeComesThroughTheServer()
    {
        running.SkipIfMissing();
        var client = await ConnectAsync();
        using var worker = Worker(client, [Activity("work")] (string argument) =>
        {
            throw new ApplicationFailureException(
                "full", new IOException("no space"), "DiskFull", nonRetryable: true, details: [argument, 3]);
#pragma warning disable CS0162 // The lambda's type needs a result.
            return "";
#pragma warning restore CS0162
        });
        var failure = await worker.ExecuteAsync(() => Should.ThrowAsync<WorkflowFailedException>(() =>
            client.ExecuteWorkflowAsync((OneActivityWorkflow w) => w.RunAsync("work", "/logs"), new(NewId(), _queue))));
        var activity = failure.InnerException.ShouldBeOfType<ActivityFailureException>();
        activity.ActivityType.ShouldBe("work");
        var application = activity.InnerException.ShouldBeOfType<ApplicationFailureException>();
        (application.Message, application.ErrorType, application.NonRetryable).ShouldBe(("full", "DiskFull", true));
        (application.Details.ElementAt<string>(0), application.Details.ElementAt<int>(1)).ShouldBe(("/logs", 3));
        application.InnerException.ShouldBeOfType<ApplicationFailureException>().ErrorType.ShouldBe("IOException");
    }

    [SkippableFact]
    public async Task AWorkerThatStopsHandsItsActivityToTheNext()
    {
        running.SkipIfMissing();
        var client = await ConnectAsync();
        var began = new TaskCompletionSource();
        var handle = await client.StartWorkflowAsync((OneActivityWorkflow w) => w.RunAsync("work", ""), new(NewId(), _queue));
        using (var first = Worker(client, [Activity("work")] async (string _) =>
        {
            began.TrySetResult();
            await Task.Delay(Timeout.Infinite, ActivityExecutionContext.Current.CancellationToken);
            return "never";
        }))
            await first.ExecuteAsync(() => began.Task.WaitAsync(TimeSpan.FromSeconds(30)));
        using var second = Worker(client, [Activity("work")] (string _) => $"attempt {ActivityExecutionContext.Current.Info.Attempt}");
        (await second.ExecuteAsync(() => handle.GetResultAsync())).ShouldBe("attempt 2");
    }

    [SkippableFact]
    public async Task TheHistoryThatTheCliShowsIsTheOneThatTheServerHolds()
    {
        running.SkipIfMissing();
        var client = await ConnectAsync();
        var handle = await client.StartWorkflowAsync((OneActivityWorkflow w) => w.RunAsync("work", "a"), new(NewId(), _queue));
        using var worker = Worker(client, [Activity("work")] (string argument) =>
            ActivityExecutionContext.Current.Info.Attempt == 2 ? argument : throw new IOException("first"));
        await worker.ExecuteAsync(() => handle.GetResultAsync());
        var shown = await running.CliAsync("workflow", "show", "--workflow-id", handle.Id, "--output", "json");
        var held = await handle.FetchHistoryAsync();
        var read = WorkflowHistory.FromJson(handle.Id, shown.Output);
        read.ToJson().ShouldBe(held.ToJson());
        read.Events.ShouldContain(e => e.EventType == EventType.ActivityTaskCompleted);
    }

    static string NewId() => Guid.NewGuid().ToString();

    Task<TemporalClient> ConnectAsync() => TemporalClient.ConnectAsync(new(running.Address));

    TemporalWorker Worker(ITemporalClient client, Delegate activity) =>
        new(client, new TemporalWorkerOptions(_queue).AddActivity(activity).AddWorkflow<OneActivityWorkflow>());
}

[Collection(nameof(OnTemporal))]
public sealed class ActivitiesOnAServerTestsOnTemporal(TemporalServer server) : ActivitiesOnAServerTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class ActivitiesOnAServerTestsOnTheEmbeddedServer(EmbeddedServer server) : ActivitiesOnAServerTests(server);
