using LogPipeline.TestSupport;
using Temporalio.Activities;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.TemporalConformance.Client;

/// <summary>Activities that are left open by their worker and ended through a handle.</summary>
public abstract class AsyncActivityTests(ITemporalServer temporal)
{
    readonly string _queue = $"async-{Guid.NewGuid():N}";
    readonly TaskCompletionSource<ActivityInfo> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);

    [Workflow]
    public sealed class OpenWorkflow
    {
        [WorkflowRun]
        public async Task<string> RunAsync(int attempts)
        {
            try
            {
                return await Workflow.ExecuteActivityAsync<string>("leave-open", [], new()
                {
                    StartToCloseTimeout = TimeSpan.FromSeconds(30),
                    RetryPolicy = new() { InitialInterval = TimeSpan.FromMilliseconds(50), MaximumAttempts = attempts },
                    CancellationType = ActivityCancellationType.WaitCancellationCompleted,
                });
            }
            catch (ActivityFailureException e) when (e.InnerException is CanceledFailureException { Details.Count: > 0 } canceled)
            {
                return $"cancelled: {canceled.Details.ElementAt<string>(0)}";
            }
        }
    }

    [SkippableTheory, InlineData(true), InlineData(false)]
    public Task TheHandlesResultIsTheActivitys(bool byToken) => RunAsync(1, byToken, async (handle, workflow) =>
    {
        await handle.HeartbeatAsync(new() { Details = ["on its way"] });
        await handle.CompleteAsync("done elsewhere");
        (await workflow.GetResultAsync()).ShouldBe("done elsewhere");
        (await Should.ThrowAsync<RpcException>(() => handle.CompleteAsync("twice"))).Code.ShouldBe(RpcException.StatusCode.NotFound);
        (await Should.ThrowAsync<RpcException>(() => handle.HeartbeatAsync())).Code.ShouldBe(RpcException.StatusCode.NotFound);
    });

    [SkippableTheory, InlineData(true), InlineData(false)]
    public Task TheHandlesFailureIsTheActivitys(bool byToken) => RunAsync(1, byToken, async (handle, workflow) =>
    {
        await handle.FailAsync(new ApplicationFailureException("given up", errorType: "GaveUp", details: ["why"]));
        var failed = await Should.ThrowAsync<WorkflowFailedException>(() => workflow.GetResultAsync());
        var cause = failed.InnerException.ShouldBeOfType<ActivityFailureException>()
            .InnerException.ShouldBeOfType<ApplicationFailureException>();
        (cause.Message, cause.ErrorType, cause.Details.ElementAt<string>(0)).ShouldBe(("given up", "GaveUp", "why"));
    });

    // By ids the server, 1.29, does not keep the details of a failure.
    [SkippableFact]
    public Task TheNextAttemptReadsWhatTheFailureOfTheLastOneLeft() => RunAsync(2, byToken: true, async (handle, workflow) =>
    {
        await handle.HeartbeatAsync(new() { Details = ["early"] });
        await handle.FailAsync(new IOException("first"), new() { LastHeartbeatDetails = ["late"] });
        (await workflow.GetResultAsync()).ShouldBe("attempt 2 after late");
    });

    [SkippableTheory, InlineData(true), InlineData(false)]
    public Task AHeartbeatTellsOfACancellationAndTheHandleReportsIt(bool byToken) => RunAsync(1, byToken, async (handle, workflow) =>
    {
        (await Should.ThrowAsync<RpcException>(() => handle.ReportCancellationAsync()))
            .Code.ShouldBe(RpcException.StatusCode.InvalidArgument);
        await workflow.CancelAsync();
        await Eventually.TrueAsync(
            async () =>
            {
                try
                {
                    await handle.HeartbeatAsync();
                    return false;
                }
                catch (AsyncActivityCanceledException)
                {
                    return true;
                }
            },
            TimeSpan.FromSeconds(20));
        await handle.ReportCancellationAsync(new() { Details = ["half done"] });
        (await workflow.GetResultAsync()).ShouldBe("cancelled: half done");
        (await workflow.FetchHistoryAsync()).Events.ShouldContain(e => e.EventType == EventType.ActivityTaskCanceled);
    });

    [SkippableFact]
    public async Task ATokenThatNeverWasIsRefused()
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var error = await Should.ThrowAsync<RpcException>(() => client.GetAsyncActivityHandle([1, 2, 3]).CompleteAsync());
        error.Code.ShouldBe(RpcException.StatusCode.InvalidArgument);
        error = await Should.ThrowAsync<RpcException>(() => client.GetAsyncActivityHandle("no-such-workflow", "", "1").CompleteAsync());
        error.Code.ShouldBe(RpcException.StatusCode.NotFound);
    }

    async Task RunAsync(int attempts, bool byToken, Func<AsyncActivityHandle, WorkflowHandle<OpenWorkflow, string>, Task> run)
    {
        temporal.SkipIfMissing();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var options = new TemporalWorkerOptions(_queue).AddWorkflow<OpenWorkflow>().AddActivity(LeaveOpenAsync);
        using var worker = new TemporalWorker(client, options);
        await worker.ExecuteAsync(async () =>
        {
            var workflow = await client.StartWorkflowAsync(
                (OpenWorkflow w) => w.RunAsync(attempts), new($"open-{Guid.NewGuid():N}", _queue));
            var info = await _open.Task.WaitAsync(TimeSpan.FromSeconds(30));
            var handle = byToken
                ? client.GetAsyncActivityHandle(info.TaskToken)
                : client.GetAsyncActivityHandle(info.WorkflowId!, info.WorkflowRunId!, info.ActivityId);
            await run(handle, workflow);
            await Replayers.Of(typeof(OpenWorkflow)).ReplayWorkflowAsync(await workflow.FetchHistoryAsync());
        });
    }

    [Activity("leave-open")]
    async Task<string> LeaveOpenAsync()
    {
        var info = ActivityExecutionContext.Current.Info;
        if (info.Attempt > 1) return $"attempt {info.Attempt} after {await info.HeartbeatDetailAtAsync<string>(0)}";
        _open.SetResult(info);
        throw new CompleteAsyncException();
    }
}

[Collection(nameof(OnTemporal))]
public sealed class AsyncActivityTestsOnTemporal(TemporalServer server) : AsyncActivityTests(server);

[Collection(nameof(OnTheEmbeddedServer))]
public sealed class AsyncActivityTestsOnTheEmbeddedServer(EmbeddedServer server) : AsyncActivityTests(server);
