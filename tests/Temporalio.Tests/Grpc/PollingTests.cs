using System.Collections.Concurrent;
using LogPipeline.TestSupport;
using Microsoft.AspNetCore.Http;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Tests.Grpc;

/// <summary>A worker's polls as a server counts them, over real sockets.</summary>
public sealed class PollingTests
{
    const int Pollers = 5;

    [Fact]
    public async Task AServerThatRefusesEveryPollIsAskedSeldomAndGetsAllPollsBack()
    {
        var polls = new Polls { Refuses = true };
        await using var server = await KestrelServer.StartAsync(polls.AnswerAsync);
        using var worker = await WorkerAsync(server);
        await worker.ExecuteAsync(async () =>
        {
            await Eventually.TrueAsync(() => Task.FromResult(polls.Refused >= Pollers * 4), TimeSpan.FromSeconds(30));
            // The fourth round comes 0.2 + 0.4 + 0.8 seconds, or up to a fifth less, after the first: an answer at once would be asked for thousands of times.
            polls.Since.ShouldBeGreaterThan(TimeSpan.FromSeconds(1));
            polls.Refused.ShouldBeLessThan(Pollers * 6);
            polls.Refuses = false;
            await Eventually.TrueAsync(() => Task.FromResult(polls.Open == Pollers), TimeSpan.FromSeconds(10));
        });
    }

    [Fact]
    public async Task AnotherClientTakesThePollsAlong()
    {
        var (old, @new) = (new Polls(), new Polls());
        await using var first = await KestrelServer.StartAsync(old.AnswerAsync);
        await using var second = await KestrelServer.StartAsync(@new.AnswerAsync);
        var other = await TemporalClient.ConnectAsync(new(second.Address));
        using var worker = await WorkerAsync(first);
        await worker.ExecuteAsync(async () =>
        {
            await Eventually.TrueAsync(() => Task.FromResult(old.Open == Pollers), TimeSpan.FromSeconds(10));
            worker.Client = other;
            // Polls that are open end where they are.
            @new.All.ShouldBe(0);
            old.EndAll();
            await Eventually.TrueAsync(() => Task.FromResult(@new.Open == Pollers), TimeSpan.FromSeconds(10));
            (old.All, old.Open).ShouldBe((Pollers, 0));
        });
    }

    [Activity]
    static void Nothing()
    {
    }

    static async Task<TemporalWorker> WorkerAsync(KestrelServer server) => new(
        await TemporalClient.ConnectAsync(new(server.Address)),
        new TemporalWorkerOptions("queue") { MaxConcurrentActivityTaskPolls = Pollers }.AddActivity(Nothing));

    /// <summary>A server that holds polls open until it is told to end them, or refuses them, and answers all else with nothing.</summary>
    sealed class Polls
    {
        readonly ConcurrentBag<TaskCompletionSource> _held = [];
        int _all;
        int _open;
        long _firstRefused;
        int _refused;

        public volatile bool Refuses;

        public int All => Volatile.Read(ref _all);

        public int Open => Volatile.Read(ref _open);

        public int Refused => Volatile.Read(ref _refused);

        /// <summary>The first was refused.</summary>
        public TimeSpan Since => System.Diagnostics.Stopwatch.GetElapsedTime(_firstRefused);

        public void EndAll()
        {
            foreach (var poll in _held) poll.TrySetResult();
        }

        public async Task AnswerAsync(HttpContext context)
        {
            if (context.Request.Path.Value!.EndsWith("/PollActivityTaskQueue", StringComparison.Ordinal))
            {
                Interlocked.Increment(ref _all);
                if (Refuses)
                {
                    if (Interlocked.Increment(ref _refused) == 1) _firstRefused = System.Diagnostics.Stopwatch.GetTimestamp();
                    context.Response.ContentType = "application/grpc";
                    context.Response.Headers["grpc-status"] = "14";
                    return;
                }
                var end = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                _held.Add(end);
                Interlocked.Increment(ref _open);
                await Task.WhenAny(end.Task, Task.Delay(Timeout.Infinite, context.RequestAborted));
                Interlocked.Decrement(ref _open);
            }
            await KestrelServer.AnswerAsync(context, []);
        }
    }
}
