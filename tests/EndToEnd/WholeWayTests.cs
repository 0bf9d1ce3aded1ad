using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Serilog;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>12,000 lines of real logs from the logger to Loki, and what becomes of them when something on the way stops.</summary>
public sealed class WholeWayTests(ITestOutputHelper output)
{
    static readonly TimeSpan EmitMax = TimeSpan.FromMilliseconds(100);

    [SkippableFact]
    public async Task EveryLineIsInTheFilesAndInLokiOnceAndInOrder()
    {
        Loghub.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        await using var loki = await LokiServer.StartNewAsync(pipeline.File("loki"));
        await using var promtail = PromtailProcess.StartNew(pipeline.LogDirectory, loki.Url, pipeline.File("positions.yaml"));
        (string Channel, string Line)[] sent = [.. Loghub.Mixed()];
        sent.Length.ShouldBe(Loghub.LineCount);

        await using (var logger = pipeline.NewLogger())
            foreach (var (channel, line) in sent) Emit(logger, channel, line);
        await pipeline.LinesReachAsync(sent.Length, TimeSpan.FromMinutes(2));

        Comparison.ShouldHoldExactly(pipeline.LogDirectory, Pipeline.Source, sent, pipeline.WorkerSaid);
        await Eventually.GetAsync(() => promtail.WhileItRunsAsync(() => loki.CountAsync("{source=\"endtoend\"}")),
            count => count >= sent.Length, TimeSpan.FromMinutes(2), TimeSpan.FromSeconds(1), () => promtail.Everything);
        foreach (var channel in sent.GroupBy(s => s.Channel))
            (await loki.CountAsync($"{{source=\"endtoend\",channel=\"{channel.Key}\",level=\"info\"}}"))
                .ShouldBe(channel.Count(), channel.Key);
        (await loki.CountAsync("{source=\"endtoend\"}")).ShouldBe(sent.Length);
    }

    [SkippableFact]
    public async Task TemporalGoneForTwentySecondsLosesNothingDoublesNothingAndStallsNobody()
    {
        Loghub.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        var clock = new EmitClock();
        (string Channel, string Line)[] sent = [.. Loghub.Mixed()];

        await using (var logger = pipeline.NewLogger())
        {
            await WarmUpAsync(pipeline);
            // Emitting goes on at a steady pace before, during and after the outage.
            var outage = OutageAsync(pipeline, TimeSpan.FromSeconds(20));
            await PacedAsync(sent, TimeSpan.FromSeconds(35), s => clock.Measure(() => Emit(logger, s.Channel, s.Line)));
            await outage;
        }
        await pipeline.LinesReachAsync(sent.Length + WarmUpCount, TimeSpan.FromMinutes(2));

        output.WriteLine(clock.ToString());
        Comparison.ShouldHoldExactly(pipeline.LogDirectory, Pipeline.Source, sent, pipeline.WorkerSaid);
        clock.Max.ShouldBeLessThan(EmitMax);
    }

    [SkippableFact]
    public async Task AKilledWorkerLosesNothingAndDoublesNothing()
    {
        Loghub.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        var clock = new EmitClock();
        (string Channel, string Line)[] sent = [.. Loghub.Mixed()];

        await using (var logger = pipeline.NewLogger())
        {
            await WarmUpAsync(pipeline);
            var kills = KillWorkerAsync(pipeline, times: 2, every: TimeSpan.FromSeconds(4));
            await PacedAsync(sent, TimeSpan.FromSeconds(15), s => clock.Measure(() => Emit(logger, s.Channel, s.Line)));
            await kills;
        }
        await pipeline.LinesReachAsync(sent.Length + WarmUpCount, TimeSpan.FromMinutes(2));

        output.WriteLine(clock.ToString());
        Comparison.ShouldHoldExactly(pipeline.LogDirectory, Pipeline.Source, sent, pipeline.WorkerSaid);
        clock.Max.ShouldBeLessThan(EmitMax);
    }

    const int WarmUpCount = 200;

    static void Emit(ILogger logger, string channel, string line) =>
        logger.ForContext("channel", channel).Information("{Line:l}", line);

    // The first calls compile the code they run; a bound on waiting is about the calls after that.
    static async Task WarmUpAsync(Pipeline pipeline)
    {
        await using (var logger = pipeline.NewLogger("warmup"))
            for (var i = 0; i < WarmUpCount; i++) Emit(logger, "warmup", $"warm-up {i}");
        await pipeline.LinesReachAsync(WarmUpCount, TimeSpan.FromMinutes(1));
    }

    static async Task OutageAsync(Pipeline pipeline, TimeSpan length)
    {
        await Task.Delay(TimeSpan.FromSeconds(3));
        await pipeline.Temporal.StopAsync();
        await Task.Delay(length);
        await pipeline.Temporal.StartAsync();
    }

    static async Task KillWorkerAsync(Pipeline pipeline, int times, TimeSpan every)
    {
        for (var i = 0; i < times; i++)
        {
            await Task.Delay(every);
            await pipeline.KillAndRestartWorkerAsync();
        }
    }

    // Hands out the items over the given time, some every 10 ms, on one thread of its own, as a busy request thread would.
    static Task PacedAsync<T>(IReadOnlyList<T> items, TimeSpan over, Action<T> use) => Task.Factory.StartNew(() =>
    {
        var watch = System.Diagnostics.Stopwatch.StartNew();
        for (var i = 0; i < items.Count;)
        {
            var due = Math.Min(items.Count, (int)(items.Count * (watch.Elapsed / over)) + 1);
            while (i < due) use(items[i++]);
            Thread.Sleep(10);
        }
    }, TaskCreationOptions.LongRunning);
}
