using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Workflows;

/// <summary>Each wait lasts as long as was asked, to the fraction of a second. Late is a busy machine, early is wrong.</summary>
public abstract class TimeoutTests(ITemporalServer temporal)
{
    const double Seconds = 1.5;

    readonly string _queue = $"timeouts-{Guid.NewGuid():N}";

    [Workflow]
    public sealed class Waiting
    {
        [WorkflowRun]
        public Task RunAsync(double seconds) => Workflow.DelayAsync(TimeSpan.FromSeconds(seconds));
    }

    [Workflow]
    public sealed class Impatient
    {
        [WorkflowRun]
        public async Task<string> RunAsync(bool nobody)
        {
            var options = new ActivityOptions
            {
                StartToCloseTimeout = nobody ? null : TimeSpan.FromSeconds(Seconds),
                ScheduleToStartTimeout = nobody ? TimeSpan.FromSeconds(Seconds) : null,
                ScheduleToCloseTimeout = TimeSpan.FromSeconds(60.5),
                HeartbeatTimeout = nobody ? TimeSpan.FromSeconds(1.25) : null,
                TaskQueue = nobody ? $"{Workflow.Info.TaskQueue}-nobody" : null,
                RetryPolicy = new()
                {
                    MaximumAttempts = 1,
                    InitialInterval = TimeSpan.FromSeconds(2.25),
                    MaximumInterval = TimeSpan.FromSeconds(3.75),
                },
            };
            try
            {
                await Workflow.ExecuteActivityAsync(() => OpenAsync(), options);
                return "ended";
            }
            catch (ActivityFailureException e) when (e.InnerException is TimeoutFailureException timeout)
            {
                return timeout.TimeoutType.ToString();
            }
        }
    }

    [Activity]
    public static Task OpenAsync() => throw new CompleteAsyncException();

    [SkippableTheory, InlineData(0.4), InlineData(Seconds)]
    public Task ATimer(double seconds) => RunAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((Waiting w) => w.RunAsync(seconds), Options());
        await handle.GetResultAsync();
        var history = await handle.FetchHistoryAsync();
        history.Events.Single(e => e.EventType == EventType.TimerStarted).TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan()
            .ShouldBe(TimeSpan.FromSeconds(seconds));
        ShouldTake(history, seconds, EventType.TimerStarted, EventType.TimerFired);
    });

    [SkippableFact]
    public Task AnActivityThatDoesNotEnd() => RunAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((Impatient w) => w.RunAsync(false), Options());
        (await handle.GetResultAsync()).ShouldBe("StartToClose");
        ShouldTake(await handle.FetchHistoryAsync(), Seconds, EventType.ActivityTaskStarted, EventType.ActivityTaskTimedOut);
    });

    [SkippableFact]
    public Task AnActivityThatNobodyTakes() => RunAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((Impatient w) => w.RunAsync(true), Options());
        (await handle.GetResultAsync()).ShouldBe("ScheduleToStart");
        var history = await handle.FetchHistoryAsync();
        ShouldTake(history, Seconds, EventType.ActivityTaskScheduled, EventType.ActivityTaskTimedOut);
        var scheduled = history.Events.Single(e => e.EventType == EventType.ActivityTaskScheduled).ActivityTaskScheduledEventAttributes;
        new[]
        {
            scheduled.ScheduleToStartTimeout, scheduled.ScheduleToCloseTimeout, scheduled.HeartbeatTimeout,
            scheduled.RetryPolicy.InitialInterval, scheduled.RetryPolicy.MaximumInterval,
        }
            .Select(d => d.ToTimeSpan().TotalSeconds).ShouldBe([Seconds, 60.5, 1.25, 2.25, 3.75]);
    });

    [SkippableFact]
    public Task ARunWhoseTimeIsUp() => RunAsync(async client =>
    {
        var options = Options();
        options.RunTimeout = TimeSpan.FromSeconds(Seconds);
        var handle = await client.StartWorkflowAsync((Waiting w) => w.RunAsync(3600), options);
        await Should.ThrowAsync<WorkflowFailedException>(() => handle.GetResultAsync());
        ShouldTake(await handle.FetchHistoryAsync(), Seconds, EventType.WorkflowExecutionStarted, EventType.WorkflowExecutionTimedOut);
    });

    [SkippableFact]
    public Task AStartThatIsDelayed() => RunAsync(async client =>
    {
        var options = Options();
        options.StartDelay = TimeSpan.FromSeconds(Seconds);
        var handle = await client.StartWorkflowAsync((Waiting w) => w.RunAsync(0.01), options);
        await handle.GetResultAsync();
        ShouldTake(await handle.FetchHistoryAsync(), Seconds, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled);
    });

    [SkippableFact]
    public async Task ATaskThatIsNotAnswered()
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = Options();
        options.TaskTimeout = TimeSpan.FromSeconds(Seconds);
        var handle = await client.StartWorkflowAsync("Nobody", [], options);
        var lost = await client.PollAsync(_queue);
        var again = await client.PollAsync(_queue);
        (again.WorkflowExecution.RunId, again.Attempt).ShouldBe((lost.WorkflowExecution.RunId, 2));
        ShouldTake(await handle.FetchHistoryAsync(), Seconds, EventType.WorkflowTaskStarted, EventType.WorkflowTaskTimedOut);
        await handle.TerminateAsync();
    }

    static void ShouldTake(WorkflowHistory history, double seconds, EventType first, EventType then)
    {
        DateTime At(EventType type) => history.Events.First(e => e.EventType == type).EventTime.ToDateTime();
        // A server reads its clock more than once.
        (At(then) - At(first)).TotalSeconds.ShouldBeGreaterThanOrEqualTo(seconds - 0.02);
    }

    async Task RunAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        using var worker = new TemporalWorker(
            client, new TemporalWorkerOptions(_queue).AddWorkflow<Waiting>().AddWorkflow<Impatient>().AddActivity(OpenAsync));
        await worker.ExecuteAsync(() => run(client).WaitAsync(TimeSpan.FromSeconds(60)));
    }

    WorkflowOptions Options() => new($"timeouts-{Guid.NewGuid():N}", _queue);
}

[Collection(nameof(OnTemporal))]
public sealed class TimeoutTestsOnTemporal(TemporalServer server) : TimeoutTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class TimeoutTestsOnTheEmbeddedServer(EmbeddedServer server) : TimeoutTests(server);
