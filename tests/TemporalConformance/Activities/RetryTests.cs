using System.Collections.Concurrent;
using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Workflow.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Activities;

/// <summary>
/// When an activity or a workflow is tried again, and when no more. Times are the server's own; late is a busy machine, early is wrong.
/// </summary>
public abstract class RetryTests(ITemporalServer temporal)
{
    readonly string _queue = $"retries-{Guid.NewGuid():N}";
    readonly ConcurrentDictionary<int, DateTime> _started = [];

    public sealed record Plan(
        double Initial, double Coefficient, double? Maximum, int Attempts,
        double NextDelay = 0, double? ScheduleToClose = null, string? NotRetried = null);

    [Workflow]
    public sealed class RetriedActivity
    {
        [WorkflowRun]
        public Task<int> RunAsync(Plan plan) => Workflow.ExecuteActivityAsync(
            (RetryTests t) => t.FailUntil(plan.Attempts, plan.NextDelay),
            new()
            {
                StartToCloseTimeout = TimeSpan.FromSeconds(20),
                ScheduleToCloseTimeout = plan.ScheduleToClose is { } seconds ? TimeSpan.FromSeconds(seconds) : null,
                RetryPolicy = new()
                {
                    InitialInterval = TimeSpan.FromSeconds(plan.Initial),
                    BackoffCoefficient = (float)plan.Coefficient,
                    MaximumInterval = plan.Maximum is { } most ? TimeSpan.FromSeconds(most) : null,
                    MaximumAttempts = plan.NotRetried == "maximum" ? 2 : 0,
                    NonRetryableErrorTypes = plan.NotRetried is null or "maximum" ? null : [plan.NotRetried],
                },
            });
    }

    [Workflow]
    public sealed class RetriedWorkflow
    {
        [WorkflowRun]
        public Task<int> RunAsync() => Workflow.Info.Attempt < 3
            ? throw new ApplicationFailureException($"attempt {Workflow.Info.Attempt}")
            : Task.FromResult(Workflow.Info.Attempt);
    }

    [Activity]
    public int FailUntil(int attempt, double nextDelay)
    {
        var info = ActivityExecutionContext.Current.Info;
        _started[info.Attempt] = info.StartedTime;
        if (info.Attempt == attempt) return attempt;
        TimeSpan? next = nextDelay == 0 ? null : TimeSpan.FromSeconds(nextDelay);
        throw new ApplicationFailureException("not yet", errorType: "NotYet", nextRetryDelay: next);
    }

    [SkippableFact]
    public Task IntervalsGrowByTheCoefficientUpToTheMaximum() => RunAsync(async client =>
    {
        (await client.ExecuteWorkflowAsync((RetriedActivity w) => w.RunAsync(new(0.5, 3, 1.25, 4)), Options())).ShouldBe(4);
        Interval(1).ShouldBeGreaterThanOrEqualTo(0.5);
        Interval(2).ShouldBeGreaterThanOrEqualTo(1.25);
        // Without the maximum it would be 4.5 s.
        Interval(3).ShouldBeInRange(1.25, 4.4);
    });

    [SkippableFact]
    public Task AnIntervalIsKeptToItsFraction() => RunAsync(async client =>
    {
        var handle = await client.StartWorkflowAsync((RetriedActivity w) => w.RunAsync(new(67.25, 1, null, 2)), Options());
        (await WaitingAsync(client, handle)).CurrentRetryInterval.ToTimeSpan().TotalSeconds.ShouldBe(67.25, 0.1);
        await handle.TerminateAsync();
    });

    [SkippableFact]
    public Task AFailureThatAsksForADelayGetsIt() => RunAsync(async client =>
    {
        var plan = new Plan(0.01, 1, 0.01, 2, NextDelay: 90.75);
        var handle = await client.StartWorkflowAsync((RetriedActivity w) => w.RunAsync(plan), Options());
        var waiting = await WaitingAsync(client, handle);
        waiting.CurrentRetryInterval.ToTimeSpan().TotalSeconds.ShouldBe(90.75, 0.1);
        var until = waiting.NextAttemptScheduleTime.ToDateTime() - waiting.LastAttemptCompleteTime.ToDateTime();
        until.TotalSeconds.ShouldBe(90.75, 0.1);
        (waiting.LastFailure.Message, waiting.Attempt).ShouldBe(("not yet", 2));
        await handle.TerminateAsync();
    });

    [SkippableTheory]
    [InlineData("NotYet", RetryState.NonRetryableFailure, 1)]
    [InlineData("maximum", RetryState.MaximumAttemptsReached, 2)]
    public Task RetriesEndAsThePolicySays(string notRetried, RetryState state, int attempts) => RunAsync(async client =>
    {
        var failure = await FailureAsync(client, new(0.05, 1, null, 9, NotRetried: notRetried));
        failure.RetryState.ShouldBe(state);
        failure.InnerException.ShouldBeOfType<ApplicationFailureException>().Message.ShouldBe("not yet");
        _started.Count.ShouldBe(attempts);
    });

    [SkippableFact]
    public Task ARetryThatWouldComeTooLateIsNotWaitedFor() => RunAsync(async client =>
    {
        var failure = await FailureAsync(client, new(60, 1, null, 2, ScheduleToClose: 30));
        failure.RetryState.ShouldBe(RetryState.Timeout);
        _started.Count.ShouldBe(1);
    });

    [SkippableFact]
    public Task AWorkflowsRunsWaitAsItsPolicySays() => RunAsync(async client =>
    {
        var options = Options();
        options.RetryPolicy = new() { InitialInterval = TimeSpan.FromSeconds(0.25), BackoffCoefficient = 3 };
        var handle = await client.StartWorkflowAsync((RetriedWorkflow w) => w.RunAsync(), options);
        (await handle.GetResultAsync()).ShouldBe(3);
        var last = await StartedAsync(client, handle.Id, null);
        (last.Attempt, last.ContinuedFailure.Message).ShouldBe((3, "attempt 2"));
        last.FirstWorkflowTaskBackoff.ToTimeSpan().TotalSeconds.ShouldBeGreaterThanOrEqualTo(0.75);
        var second = await StartedAsync(client, handle.Id, last.ContinuedExecutionRunId);
        second.Attempt.ShouldBe(2);
        second.FirstWorkflowTaskBackoff.ToTimeSpan().TotalSeconds.ShouldBeGreaterThanOrEqualTo(0.25);
        second.ContinuedExecutionRunId.ShouldBe(handle.FirstExecutionRunId);
    });

    double Interval(int attempt) => (_started[attempt + 1] - _started[attempt]).TotalSeconds;

    async Task<ActivityFailureException> FailureAsync(ITemporalClient client, Plan plan) =>
        (await Should.ThrowAsync<WorkflowFailedException>(
            () =>
                client.ExecuteWorkflowAsync((RetriedActivity w) =>
                    w.RunAsync(plan), Options()))).InnerException.ShouldBeOfType<ActivityFailureException>();

    static async Task<PendingActivityInfo> WaitingAsync(ITemporalClient client, WorkflowHandle handle) =>
        (await Eventually.GetAsync(
            () => handle.RawDescriptionAsync(client), found => found.PendingActivities is [{ Attempt: > 1 }], TimeSpan.FromSeconds(20)))
        .PendingActivities[0];

    static async Task<WorkflowExecutionStartedEventAttributes> StartedAsync(
        ITemporalClient client, string id, string? runId) =>
        (await client.GetWorkflowHandle(id, runId).FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes;

    async Task RunAsync(Func<ITemporalClient, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue)
            .AddWorkflow<RetriedActivity>().AddWorkflow<RetriedWorkflow>().AddActivity(FailUntil);
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(() => run(client));
    }

    WorkflowOptions Options() => new($"retries-{Guid.NewGuid():N}", _queue) { ExecutionTimeout = TimeSpan.FromMinutes(5) };
}

[Collection(nameof(OnTemporal))]
public sealed class RetryTestsOnTemporal(TemporalServer server) : RetryTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class RetryTestsOnTheEmbeddedServer(EmbeddedServer server) : RetryTests(server);
