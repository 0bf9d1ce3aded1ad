using System.Threading.Channels;
using LogPipeline.TestSupport;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Exceptions;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;

namespace Temporalio.Tests.Activities;

public class TaskPollerTests
{
    readonly TestClock _time = new();

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
        _slots!.Free.ShouldBe(0);
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
    [InlineData(RpcException.StatusCode.Unauthenticated, 1, 10_000)]
    [InlineData(RpcException.StatusCode.PermissionDenied, 7, 10_000)]
    public void DelaysFollowTheKindOfFault(RpcException.StatusCode code, int failures, int milliseconds)
    {
        var error = new RpcException(code, "", null);
        PollBackoff.Delay(error, failures, 0.5).ShouldBe(TimeSpan.FromMilliseconds(milliseconds));
        PollBackoff.Delay(error, failures, 0).ShouldBe(TimeSpan.FromMilliseconds(0.8 * milliseconds));
        PollBackoff.Delay(error, failures, 1).ShouldBe(TimeSpan.FromMilliseconds(1.2 * milliseconds));
    }

    [Fact]
    public async Task AServerThatRefusesEveryPollIsAskedAtABoundedRateAndGetsAllPollersBack()
    {
        var polls = 0;
        var up = false;
        var open = 0;
        var poller = Poller(5, 5, async stop =>
        {
            Interlocked.Increment(ref polls);
            if (!Volatile.Read(ref up)) throw new RpcException(RpcException.StatusCode.Unavailable, "down", null);
            Interlocked.Increment(ref open);
            await Task.Delay(Timeout.Infinite, stop);
            return null;
        }, _ => Task.CompletedTask);
        poller.Start();
        for (var second = 0; second < 120; second++)
        {
            await _time.TimersAsync(5);
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        // Two minutes: six rounds of growing waits, then a poll of each of the five every ten seconds.
        polls.ShouldBeInRange(5 * 10, 5 * 18);
        await _time.TimersAsync(5);
        Volatile.Write(ref up, true);
        _time.Advance(TimeSpan.FromSeconds(10));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref open) == 5), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        await poller.StopPollingAsync();
    }

    [Fact]
    public async Task TheFirstPollThatWorksWakesThoseThatStillWait()
    {
        var polls = 0;
        var jitter = 0;
        // Both fail; one waits 160 ms and the other 240 ms. What comes to the first brings the other back without its wait.
        var poller = Poller(2, 2, async stop =>
        {
            switch (Interlocked.Increment(ref polls))
            {
                case <= 2: throw new RpcException(RpcException.StatusCode.Unavailable, "down", null);
                case 3: return "up";
                default:
                    await Task.Delay(Timeout.Infinite, stop);
                    return null;
            }
        }, _ => Task.CompletedTask, () => Interlocked.Increment(ref jitter) - 1);
        poller.Start();
        await _time.TimersAsync(2);
        _time.Advance(TimeSpan.FromMilliseconds(160));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref polls) == 5), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        await poller.StopPollingAsync();
    }

    [Fact]
    public async Task APollThatIsRefusedForGoodEndsTheWorkerAfterAMinute()
    {
        var poller = Poller(1, 1, _ => throw new RpcException(RpcException.StatusCode.PermissionDenied, "no", null), _ => Task.CompletedTask);
        poller.Start();
        for (var i = 0; i < 6; i++)
        {
            await _time.SleeperAsync(TimeSpan.FromSeconds(10));
            poller.Failed.IsCompleted.ShouldBeFalse();
            _time.Advance(TimeSpan.FromSeconds(10.001));
        }
        var failure = await Should.ThrowAsync<InvalidOperationException>(() => poller.Failed.WaitAsync(TimeSpan.FromSeconds(10)));
        failure.InnerException.ShouldBeOfType<RpcException>().Code.ShouldBe(RpcException.StatusCode.PermissionDenied);
        await poller.StopPollingAsync();
    }

    [Fact]
    public async Task ThereAreAsManyPollersAsTheServerWants()
    {
        var answers = Channel.CreateUnbounded<Polled<string>>();
        var pollers = 0;
        var poller = new TaskPoller<string>(
            new("q", new PollerBehavior.Autoscaling(1, 4, 2)) { Time = _time, Random = () => 0.5, PollersChanged = n => Volatile.Write(ref pollers, n) },
            Slots(10),
            async stop => await answers.Reader.ReadAsync(stop),
            (_, _, _) => Task.CompletedTask,
            NullLogger.Instance);
        poller.Start();
        pollers.ShouldBe(2);
        answers.Writer.TryWrite(new("a", 7));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref pollers) == 4), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        answers.Writer.TryWrite(new("b", -3));
        // Each of those that are too many leaves with its own poll.
        foreach (var task in new[] { "c", "d", "e" }) answers.Writer.TryWrite(new(task));
        await Eventually.TrueAsync(() => Task.FromResult(Volatile.Read(ref pollers) == 1), TimeSpan.FromSeconds(10), TimeSpan.FromMilliseconds(10));
        await poller.StopPollingAsync();
    }

    WorkerSlots Slots(int count) => new(
        new FixedSizeSlotSupplier(count), new(SlotType.Activity, "q", "identity", "build", false), _time, NullLogger.Instance);

    WorkerSlots? _slots;

    TaskPoller<string> Poller(int pollers, int slots, Func<CancellationToken, Task<string?>> poll, Func<string, Task> handle, Func<double>? random = null) => new(
        new("q", new PollerBehavior.SimpleMaximum(pollers)) { Time = _time, Random = random ?? (() => 0.5) },
        _slots = Slots(slots),
        async stop => new(await poll(stop)),
        (task, _, _) => handle(task),
        NullLogger.Instance);
}
