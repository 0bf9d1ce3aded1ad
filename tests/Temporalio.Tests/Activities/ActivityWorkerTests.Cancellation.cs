using Google.Protobuf.WellKnownTypes;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Activities;

// Activities that are asked to stop: by the server, by a timeout, by their worker's end.
public sealed partial class ActivityWorkerTests
{
    [Theory]
    [InlineData(ActivityCancelReason.CancelRequested)]
    [InlineData(ActivityCancelReason.Paused)]
    [InlineData(ActivityCancelReason.Reset)]
    public async Task AHeartbeatBringsTheCancellation(ActivityCancelReason reason)
    {
        _server.OnHeartbeat = _ => new()
        {
            CancelRequested = reason == ActivityCancelReason.CancelRequested,
            ActivityPaused = reason == ActivityCancelReason.Paused,
            ActivityReset = reason == ActivityCancelReason.Reset,
        };
        var seen = new TaskCompletionSource<(ActivityCancelReason, ActivityCancellationDetails?)>();
        Start([Activity("work")] async () =>
        {
            Context.Heartbeat();
            await CanceledAsync();
            seen.SetResult((Context.CancelReason, Context.CancellationDetails));
            Context.CancellationToken.ThrowIfCancellationRequested();
        });
        _server.Schedule("work");
        var (seenReason, details) = await seen.Task;
        seenReason.ShouldBe(reason);
        (details!.IsCancelRequested, details.IsPaused, details.IsReset)
            .ShouldBe((reason == ActivityCancelReason.CancelRequested, reason == ActivityCancelReason.Paused, reason == ActivityCancelReason.Reset));
        if (reason == ActivityCancelReason.CancelRequested)
            await _server.AnswerAsync<RespondActivityTaskCanceledRequest>();
        else
            (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure.ApplicationFailureInfo.Type
                .ShouldBe(reason == ActivityCancelReason.Paused ? "ActivityPause" : "ActivityReset");
    }

    [Fact]
    public async Task AnAttemptThatIsGoneFromTheServerIsNotAnswered()
    {
        _server.OnHeartbeat = _ => throw new RpcException(RpcException.StatusCode.NotFound, "gone", null);
        var reason = new TaskCompletionSource<ActivityCancelReason>();
        Start([Activity("work")] async () =>
        {
            Context.Heartbeat();
            await CanceledAsync();
            reason.SetResult(Context.CancelReason);
        });
        _server.Schedule("work");
        (await reason.Task).ShouldBe(ActivityCancelReason.GoneFromServer);
        await DisposeAsync();
        _server.HasAnswer.ShouldBeFalse();
    }

    [Fact]
    public async Task AHeartbeatThatCannotBeWrittenCancelsAndFails()
    {
        Start([Activity("work")] async () =>
        {
            var loop = new object?[1];
            loop[0] = loop;
            Context.Heartbeat(loop);
            await CanceledAsync();
            Context.CancelReason.ShouldBe(ActivityCancelReason.HeartbeatRecordFailure);
            Context.CancellationToken.ThrowIfCancellationRequested();
        });
        _server.Schedule("work");
        (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure.ApplicationFailureInfo.Type.ShouldBe("JsonException");
        _server.HeartbeatsWaiting.ShouldBe(0);
    }

    [Fact]
    public async Task AnAttemptThatRunsOutOfTimeIsCancelledHere()
    {
        var running = new TaskCompletionSource();
        var reason = new TaskCompletionSource<ActivityCancelReason>();
        Start([Activity("work")] async () =>
        {
            running.SetResult();
            await CanceledAsync();
            reason.SetResult(Context.CancelReason);
        });
        _server.Schedule("work");
        await running.Task;
        _time.Advance(TimeSpan.FromMinutes(10) + TimeSpan.FromSeconds(5) - TimeSpan.FromMilliseconds(1));
        reason.Task.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromMilliseconds(1));
        (await reason.Task).ShouldBe(ActivityCancelReason.Timeout);
    }

    [Fact]
    public async Task HeartbeatsKeepAnAttemptAlive()
    {
        var beat = new SemaphoreSlim(0);
        var reason = new TaskCompletionSource<ActivityCancelReason>();
        Start([Activity("work")] async () =>
        {
            await beat.WaitAsync();
            Context.Heartbeat();
            await CanceledAsync();
            reason.SetResult(Context.CancelReason);
        });
        _server.Schedule("work", t => t.HeartbeatTimeout = TimeSpan.FromSeconds(10).ToDuration());
        await _time.SleeperAsync(TimeSpan.FromSeconds(15));
        _time.Advance(TimeSpan.FromSeconds(14));
        beat.Release();
        await _server.HeartbeatAsync();
        await _time.SleeperAsync(TimeSpan.FromSeconds(15));
        _time.Advance(TimeSpan.FromSeconds(14));
        reason.Task.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(1));
        (await reason.Task).ShouldBe(ActivityCancelReason.Timeout);
    }

    [Fact]
    public async Task StoppingGivesTimeAndThenCancels()
    {
        var running = new TaskCompletionSource();
        var told = new TaskCompletionSource();
        Start(s => s with { GracefulShutdownTimeout = TimeSpan.FromSeconds(20) }, [Activity("work")] async () =>
        {
            using var registration = Context.WorkerShutdownToken.Register(told.SetResult);
            running.SetResult();
            await CanceledAsync();
            Context.CancelReason.ShouldBe(ActivityCancelReason.WorkerShutdown);
            Context.CancellationToken.ThrowIfCancellationRequested();
        });
        _server.Schedule("work");
        await running.Task;
        await _worker!.StopPollingAsync();
        await told.Task;
        var drained = _worker.DrainAsync();
        await _time.SleeperAsync(TimeSpan.FromSeconds(20));
        drained.IsCompleted.ShouldBeFalse();
        _time.Advance(TimeSpan.FromSeconds(20));
        await drained;
        var failure = (await _server.AnswerAsync<RespondActivityTaskFailedRequest>()).Failure;
        (failure.ApplicationFailureInfo.Type, failure.ApplicationFailureInfo.NonRetryable).ShouldBe(("WorkerShutdown", false));
    }

    [Fact]
    public async Task WhoIsQuickFinishesWhileTheWorkerStops()
    {
        var running = new TaskCompletionSource();
        Start(s => s with { GracefulShutdownTimeout = TimeSpan.FromSeconds(20) }, [Activity("work")] async () =>
        {
            running.SetResult();
            var told = new TaskCompletionSource();
            using var registration = Context.WorkerShutdownToken.Register(told.SetResult);
            await told.Task;
            return "saved";
        });
        _server.Schedule("work");
        await running.Task;
        await DisposeAsync();
        Value<string>((await _server.AnswerAsync<RespondActivityTaskCompletedRequest>()).Result.Payloads_.Single()).ShouldBe("saved");
    }

    static async Task CanceledAsync()
    {
        var canceled = new TaskCompletionSource();
        using var registration = Context.CancellationToken.Register(() => canceled.TrySetResult());
        await canceled.Task.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
