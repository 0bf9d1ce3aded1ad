using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using TemporalDevServer;
using Xunit.Abstractions;
using Link = LogPipeline.TestSupport.Link;

namespace LogPipeline.EndToEnd;

/// <summary>The link to Temporal breaks in each way that links break, under steady logging.</summary>
public sealed class OutageTests(ITestOutputHelper output)
{
    [Theory]
    [InlineData(Link.Refused, 1)]
    [InlineData(Link.Resetting, 1)]
    [InlineData(Link.BlackHoled, 10)]
    [InlineData(Link.Stalled, 10)]
    public async Task TheBreakerOpensInTimeAndTheFirstBatchGoesSoonAfterTheLinkIsBack(Link link, int openInSeconds)
    {
        await using var rig = await OutageRig.StartNewAsync();
        for (var round = 0; round < 2; round++)
        {
            rig.Proxy.Set(link);
            var opened = await rig.SeesAsync(stats => stats.Breaker == BreakerState.Open, TimeSpan.FromSeconds(30));
            // The first break is short, and may be over by now; the next one is as good.
            await rig.SeesAsync(stats => !stats.StartAllowed, TimeSpan.FromSeconds(30));
            rig.Sink.Stats.LastError.ShouldNotBeNullOrEmpty();
            // Several breaks long, so that they have grown; and then the link is back at the worst moment, when a trial has
            // just begun that nobody will answer, or, where trials end at once, when one has just failed.
            var failures = rig.Sink.Stats.FailuresInRow;
            await rig.SeesAsync(stats => stats.FailuresInRow >= failures + 3, TimeSpan.FromSeconds(60));
            if (link is Link.BlackHoled) await rig.SeesAsync(stats => stats.Breaker == BreakerState.HalfOpen, TimeSpan.FromSeconds(30));
            var before = rig.Sink.Stats;
            before.Spooled.ShouldBeGreaterThan(0);
            rig.Proxy.Set(Link.Passing);
            var healed = await rig.SeesAsync(stats => stats.Accepted > before.Accepted, TimeSpan.FromSeconds(30));
            output.WriteLine($"{link}: open after {opened.TotalSeconds:0.00} s, first batch {healed.TotalSeconds:0.00} s after healing, "
                + $"{before.Spooled} records in the spool");
            opened.ShouldBeLessThan(TimeSpan.FromSeconds(openInSeconds));
            healed.ShouldBeLessThan(TimeSpan.FromSeconds(5));
            await rig.SeesAsync(stats =>
                stats is { Breaker: BreakerState.Closed, Spooled: 0, FailuresInRow: 0, LastError: null }, TimeSpan.FromSeconds(30));
        }
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }

    [Fact]
    public async Task ATemporalThatAnswersAfterTwoSecondsIsSlowAndNotAway()
    {
        await using var rig = await OutageRig.StartNewAsync();
        var batches = rig.Sink.Stats.Batches;
        rig.Proxy.Set(Link.Slow);
        await rig.SeesAsync(stats =>
        {
            stats.Breaker.ShouldBe(BreakerState.Closed);
            stats.FailuresInRow.ShouldBe(0);
            return stats.Batches >= batches + 4;
        }, TimeSpan.FromSeconds(30));
        rig.Proxy.Set(Link.Passing);
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }

    [Fact]
    public async Task ATemporalThatComesBackSlowIsReachedAgain()
    {
        await using var rig = await OutageRig.StartNewAsync();
        rig.Proxy.Set(Link.BlackHoled);
        await rig.SeesAsync(stats => stats.Breaker == BreakerState.Open, TimeSpan.FromSeconds(30));
        // A new connection takes two answers, 4 s: longer than a start may take, and yet it must come about.
        rig.Proxy.Set(Link.Slow);
        var reached = await rig.SeesAsync(stats => stats.Breaker == BreakerState.Closed, TimeSpan.FromSeconds(30));
        output.WriteLine($"reached after {reached.TotalSeconds:0.00} s");
        rig.Proxy.Set(Link.Passing);
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }

    [Fact]
    public async Task StartsWhoseAnswersAreLostDoubleNothing()
    {
        var faults = new CallFaults(seed: 5);
        faults.TimeOutAfterDoing("StartWorkflowExecution", 0.1);
        faults.TimeOutAfterDoing("RespondWorkflowTaskCompleted", 0.1);
        await using var rig = await OutageRig.StartNewAsync(faults);
        await rig.SeesAsync(stats => stats.Batches >= 100, TimeSpan.FromMinutes(1));
        output.WriteLine($"{faults.Struck} answers lost, {rig.Sink.Stats.Batches} batches");
        faults.Struck.ShouldBeGreaterThan(10);
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }

    [Fact]
    public async Task ADenialShowsAndEndsByItself()
    {
        var faults = new CallFaults(seed: 1);
        await using var rig = await OutageRig.StartNewAsync(faults);
        faults.Refuse("StartWorkflowExecution", 16);
        await rig.SeesAsync(stats => stats.Breaker == BreakerState.Denied, TimeSpan.FromSeconds(10));
        rig.Sink.Stats.LastError!.ShouldContain("TEMPORAL_API_KEY");
        rig.Sink.Stats.NextStartAt.ShouldNotBeNull();
        await rig.SeesAsync(stats => stats.Spooled > 50, TimeSpan.FromSeconds(30));
        faults.Clear();
        await rig.SeesAsync(stats => stats is { Breaker: BreakerState.Closed, Spooled: 0 }, TimeSpan.FromSeconds(10));
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }

    [Fact]
    public async Task ATemporalThatAsksForLessIsNotAway()
    {
        var faults = new CallFaults(seed: 1);
        await using var rig = await OutageRig.StartNewAsync(faults);
        var struck = faults.Struck;
        faults.Refuse("StartWorkflowExecution", 8, times: 2);
        await rig.SeesAsync(stats =>
        {
            stats.Breaker.ShouldBe(BreakerState.Closed);
            stats.FailuresInRow.ShouldBe(0);
            return faults.Struck == struck + 2 && stats is { Spooled: 0, LastError: null };
        }, TimeSpan.FromSeconds(30));
        await rig.ShouldHaveLostAndDoubledNothingAsync();
    }
}
