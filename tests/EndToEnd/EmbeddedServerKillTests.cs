using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The embedded server killed again and again under the whole pipeline.</summary>
public sealed class EmbeddedServerKillTests(ITestOutputHelper output)
{
    const int Records = 20_000;

    [Fact]
    public async Task AServerKilledAgainAndAgainLosesNoAcceptedBatchAndDoublesNone()
    {
        var kills = LongRuns.Choose(usual: 5, @long: 50);
        var chance = new Random(kills);
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("logs"));
        await using var server = new EmbeddedServerProgram(directory.File("server"));
        await server.StartAsync();
        await using var worker = WorkerProgram.StartDaemon(server.Address, directory.File("logs"));
        (string Channel, string Line)[] sent = [.. Enumerable.Range(0, Records)
            .Select(i => ($"channel{i % 3}", $"line {i} of a run in which the server is killed"))];
        var starts = new List<TimeSpan>();
        var watch = Stopwatch.StartNew();

        var options = new TemporalSinkOptions { Address = server.Address, Source = Pipeline.Source,
            SpoolDirectory = directory.File("spool"), FlushInterval = TimeSpan.FromMilliseconds(50) };
        await using (var sink = new TemporalSink(options))
        {
            using var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger();
            var next = 0;
            for (var kill = 0; kill <= kills; kill++)
            {
                var until = Records * (kill + 1) / (kills + 1);
                // The kill comes in the middle of what this part sets going.
                var killed = kill == kills ? Task.CompletedTask : KillAsync(TimeSpan.FromMilliseconds(chance.Next(20, 800)));
                while (next < until)
                {
                    for (var i = 0; i < 20 && next < until; i++, next++)
                        logger.ForContext("channel", sent[next].Channel).Information("{Line:l}", sent[next].Line);
                    await Task.Delay(20);
                }
                await killed;
            }
            // What waits on the disk when a sink is closed is for the next one; here there is none.
            await Eventually.TrueAsync(() => Task.FromResult(sink.Stats is { Queued: 0, Spooled: 0 }), TimeSpan.FromMinutes(1),
                explain: () => $"{sink.Stats}\n{server.Everything}");
            sink.Stats.Accepted.ShouldBe(Records);
        }
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(directory.File("logs"))), lines => lines >= Records,
            TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200), () => $"{server.Everything}\n{worker.Everything}");

        starts.Sort();
        output.WriteLine($"{kills} kills, {Records} records in {watch.Elapsed.TotalSeconds:0} s; starts: median "
            + $"{starts[starts.Count / 2].TotalMilliseconds:0} ms, longest {starts[^1].TotalMilliseconds:0} ms; journal: "
            + $"{server.Warnings.Count(line => line.Contains("no whole input"))} torn ends");
        foreach (var warning in server.Warnings) output.WriteLine(warning);
        Comparison.ShouldHoldExactly(directory.File("logs"), Pipeline.Source, sent, () => worker.Everything);

        async Task KillAsync(TimeSpan after)
        {
            await Task.Delay(after);
            await server.KillAsync();
            starts.Add(await server.StartAsync());
        }
    }
}
