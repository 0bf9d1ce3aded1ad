using LogPipeline.TestSupport;
using LogPipeline.Worker.Hosting;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Worker;

public sealed class BacklogWatchTests
{
    readonly TestClock _time = new();
    int _looks;

    async Task<long> WatchAsync(Func<int, long> count, string taskQueue = "queue", Action<string>? onQuery = null,
        Func<long, bool>? isStuck = null)
    {
        var watch = new BacklogWatch((query, _) =>
        {
            onQuery?.Invoke(query);
            return Task.FromResult(count(_looks++));
        }, taskQueue, (running, _) => Task.FromResult(isStuck?.Invoke(running) ?? false), _time);
        var ended = watch.UntilEmptyAsync(CancellationToken.None);
        while (!ended.IsCompleted)
        {
            var due = _time.TimersAsync();
            if (await Task.WhenAny(ended, due) == due) _time.Advance(TimeSpan.FromSeconds(1));
        }
        return await ended;
    }

    [Fact]
    public async Task OneEmptyLookIsNotBelieved()
    {
        (await WatchAsync(look => look is 0 or 1 or 4 or 5 or 6 or 7 ? 0 : 2)).ShouldBe(0);
        _looks.ShouldBe(7);
    }

    [Fact]
    public async Task WhatDoesNotMoveForAMinuteIsGivenUp()
    {
        (await WatchAsync(_ => 3)).ShouldBe(3);
        _looks.ShouldBeInRange(60, 64);
    }

    [Fact]
    public async Task WhatCannotBeWrittenHereIsNotWaitedFor()
    {
        var asked = new List<long>();
        (await WatchAsync(look => look < 10 ? 10 - look : 2, isStuck: running =>
        {
            asked.Add(running);
            return asked.Count == 2;
        })).ShouldBe(2);
        // Not while it moves, and then after three seconds each.
        asked.ShouldBe([2, 2]);
        _looks.ShouldBeInRange(16, 18);
    }

    [Fact]
    public async Task WhatMovesIsWaitedFor() => (await WatchAsync(look => Math.Max(0, 200 - look))).ShouldBe(0);

    [Fact]
    public async Task ATemporalThatIsAwayIsGivenUpToo() =>
        (await WatchAsync(_ => throw new RpcException(RpcException.StatusCode.Unavailable, "away", null))).ShouldBe(1);

    [Fact]
    public async Task AQueuesNameCannotChangeTheQuestion()
    {
        string? asked = null;
        await WatchAsync(_ => 0, "a' OR 'x", query => asked = query);
        asked.ShouldBe("WorkflowType = 'LogProcessingWorkflow' AND TaskQueue = 'a\\' OR \\'x' AND ExecutionStatus = 'Running'");
    }
}
