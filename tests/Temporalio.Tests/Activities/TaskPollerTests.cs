using System.Threading.Channels;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace Temporalio.Tests.Activities;

public class TaskPollerTests
{
    readonly ManualTime _time = new();

    [Fact]
    public async Task ATaskIsPolledForOnlyWhenASlotIsFree()
    {
        var tasks = Channel.CreateUnbounded<string>();
        var started = Channel.CreateUnbounded<string>();
        var release = new SemaphoreSlim(0);
        var polling = 0;
        var poller = Poller(pollers: 3, slots: 2, async stop =>
        {
            Interlocked.Increment(ref polling);
            return await tasks.Reader.ReadAsync(stop);
        }, async task =>
        {
            await started.Writer.WriteAsync(task);
            await release.WaitAsync();
        });
        foreach (var task in new[] { "a", "b", "c" }) tasks.Writer.TryWrite(task);
        poller.Start();
        await started.Reader.ReadAsync();
        await started.Reader.ReadAsync();
        polling.ShouldBe(2);
        poller.FreeSlots.ShouldBe(0);
        release.Release();
        (await started.Reader.ReadAsync()).ShouldBe("c");
        release.Release(2);
        await poller.StopPollingAsync();
        await poller.DrainAsync();
    }

    [Fact]
    public async Task StoppingEndsPollsAtOnceAndDrainingWaitsForHandlers()
    {
        var tasks = Channel.CreateUnbounded<string>();
        var started = new TaskCompletionSource();
        var release = new TaskCompletionSource();
        var poller = Poller(2, 2, async stop => await tasks.Reader.ReadAsync(stop), async _ =>
        {
            started.SetResult();
            await release.Task;
        });
        tasks.Writer.TryWrite("a");
        poller.Start();
        await started.Task;
        await poller.StopPollingAsync();
        var drained = poller.DrainAsync();
        drained.IsCompleted.ShouldBeFalse();
        release.SetResult();
        await drained;
        await poller.DrainAsync();
    }

    [Fact]
    public async Task ATaskThatArrivesWhileStoppingIsHandled()
    {
        var polling = new TaskCompletionSource();
        var answer = new TaskCompletionSource<string?>();
        var handled = new TaskCompletionSource<string>();
        var poller = Poller(1, 1, async _ =>
        {
            polling.TrySetResult();
            return await answer.Task;
        }, task =>
        {
            handled.SetResult(task);
            return Task.CompletedTask;
        });
        poller.Start();
        await polling.Task;
        var stopped = poller.StopPollingAsync();
        answer.SetResult("late");
        await stopped;
        await poller.DrainAsync();
        (await handled.Task).ShouldBe("late");
    }

    [Fact]
    public async Task PollsThatFailAreBackedOffAndRecover()
    {
        var polls = 0;
        var handled = new TaskCompletionSource<string>();
        var poller = Poller(1, 1, async stop =>
        {
            switch (Interlocked.Increment(ref polls))
            {
                case <= 3: throw new RpcException(RpcException.StatusCode.Unavailable, "down", null);
                case 4: return "up";
                default:
                    await Task.Delay(Timeout.Infinite, stop);
                    return null;
            }
        }, task =>
        {
            handled.SetResult(task);
            return Task.CompletedTask;
        });
        poller.Start();
        foreach (var delay in new[] { 200, 400, 800 })
        {
            await _time.SleeperAsync(TimeSpan.FromMilliseconds(delay));
            _time.Advance(TimeSpan.FromMilliseconds(delay));
        }
        (await handled.Task).ShouldBe("up");
        await poller.StopPollingAsync();
    }

    [Fact]
    public async Task AnEmptyAnswerAtOnceIsNotSpun()
    {
        var poller = Poller(1, 1, _ => Task.FromResult<string?>(null), _ => Task.CompletedTask);
        poller.Start();
        await _time.SleeperAsync(TimeSpan.FromMilliseconds(200));
        await poller.StopPollingAsync();
    }

    [Fact]
    public async Task AHandlerThatThrowsGivesItsSlotBack()
    {
        var tasks = Channel.CreateUnbounded<string>();
        var second = new TaskCompletionSource();
        var poller = Poller(1, 1, async stop => await tasks.Reader.ReadAsync(stop), task =>
        {
            if (task == "bad") throw new InvalidOperationException("bad");
            second.SetResult();
            return Task.CompletedTask;
        });
        tasks.Writer.TryWrite("bad");
        tasks.Writer.TryWrite("good");
        poller.Start();
        await second.Task.WaitAsync(TimeSpan.FromSeconds(10));
        await poller.StopPollingAsync();
        await poller.DrainAsync();
    }

    [Theory]
    [InlineData(RpcException.StatusCode.Unavailable, 1, 200)]
    [InlineData(RpcException.StatusCode.Unavailable, 6, 6400)]
    [InlineData(RpcException.StatusCode.Unavailable, 1_000_000, 10_000)]
    [InlineData(RpcException.StatusCode.ResourceExhausted, 1, 1000)]
    [InlineData(RpcException.StatusCode.ResourceExhausted, 9, 10_000)]
    [InlineData(RpcException.StatusCode.Unauthenticated, 1, 30_000)]
    [InlineData(RpcException.StatusCode.PermissionDenied, 7, 30_000)]
    public void DelaysFollowTheKindOfFault(RpcException.StatusCode code, int failures, int milliseconds)
    {
        var error = new RpcException(code, "", null);
        PollBackoff.Delay(error, failures, 0.5).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
        PollBackoff.Delay(error, failures, 0).ShouldBe(TimeSpan.FromMilliseconds(0.8 * milliseconds));
        PollBackoff.Delay(error, failures, 1).ShouldBe(TimeSpan.FromMilliseconds(1.2 * milliseconds));
    }

    TaskPoller<string> Poller(int pollers, int slots, Func<CancellationToken, Task<string?>> poll, Func<string, Task> handle) =>
        new(new("q", pollers, slots) { Time = _time, Random = () => 0.5 }, poll, handle, NullLogger.Instance);
}
