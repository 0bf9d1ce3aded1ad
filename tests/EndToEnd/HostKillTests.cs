using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using TemporalDevServer;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The application itself killed with -9, again and again, with everything else running.</summary>
public sealed class HostKillTests(ITestOutputHelper output)
{
    const string Source = "killed";

    [Fact]
    public async Task WhatWasLoggedWhenAHostWasKilledIsWrittenOnce()
    {
        var kills = LongRuns.Choose(usual: 10, @long: 200);
        var chance = new Random(kills);
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("logs"));
        await using var server = await DevServer.StartAsync();
        await using var worker = WorkerProgram.StartDaemon(server.Address, directory.File("logs"));
        var watch = Stopwatch.StartNew();

        for (var kill = 0; kill < kills; kill++)
        {
            await using var host = HostProgram.Start(server.Address, directory.File("spool"), Source,
                ["log", directory.File("acknowledged"), $"run{kill}"]);
            await host.LineAsync(line => line == "logging");
            await Task.Delay(chance.Next(1, 500));
            await host.KillAsync();
        }
        await using (var last = HostProgram.Start(server.Address, directory.File("spool"), Source, ["drain"]))
            await last.EndAsync(TimeSpan.FromMinutes(3));

        var acknowledged = await File.ReadAllLinesAsync(directory.File("acknowledged"));
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(directory.File("logs"))), lines =>
            lines > acknowledged.Length,
            TimeSpan.FromMinutes(2), TimeSpan.FromMilliseconds(200), () => worker.Everything);
        // It finishes what it holds.
        await worker.StopAsync();
        var written = WrittenRecord.ReadAll(directory.File("logs")).Select(record => record.Message).ToArray();
        output.WriteLine($"{kills} kills in {watch.Elapsed.TotalSeconds:0} s: {acknowledged.Length} events whose call had returned, "
            + $"{written.Length - 1} written");

        acknowledged.Length.ShouldBeGreaterThan(kills * 10);
        acknowledged.Except(written).ShouldBeEmpty("Lost, though the logger had taken them.");
        written.GroupBy(message => message).Where(group => group.Count() > 1).Select(group => group.Key)
            .ShouldBeEmpty("Written more than once.");
        // What is beyond the acknowledged is at most the one event of each run that was under way.
        written.Except(acknowledged).Count().ShouldBeLessThanOrEqualTo(kills + 1);
        Directory.GetFiles(directory.File("spool"), "*.records", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task ABurstWithTemporalAwayAndItsDrainTakeBoundedMemory()
    {
        var events = LongRuns.Choose(usual: 100_000, @long: 1_000_000);
        using var directory = new TempDirectory();
        await using var server = await DevServer.StartAsync();
        await using var temporal = new TcpProxy(server.Address);
        temporal.Set(Link.Refused);
        await using var burst = HostProgram.Start(temporal.Address, directory.File("spool"), Source, ["burst", $"{events}"],
            new Dictionary<string, string> { ["LOG_CLOSE_TIMEOUT"] = "100ms" });
        var taken = await FiguresAsync(burst);
        taken["dropped"].ShouldBe(0);
        taken["spooled"].ShouldBe(events);
        taken["peak-kb"].ShouldBeLessThan(256 * 1024);
        await burst.EndAsync(TimeSpan.FromMinutes(1));

        temporal.Set(Link.Passing);
        await using var drain = HostProgram.Start(temporal.Address, directory.File("spool"), Source, ["drain"]);
        var sent = await FiguresAsync(drain);
        sent["dropped"].ShouldBe(0);
        sent["adopted"].ShouldBe(events);
        sent["accepted"].ShouldBe(events + 1);
        sent["peak-kb"].ShouldBeLessThan(256 * 1024);
    }

    /// <summary>What a host says of itself, as name=number.</summary>
    async Task<Dictionary<string, double>> FiguresAsync(ChildProcess host)
    {
        var line = await host.LineAsync(said => said.StartsWith("peak-kb", StringComparison.Ordinal), TimeSpan.FromMinutes(4));
        output.WriteLine(line);
        return line.Split(' ').Select(part => part.Split('='))
            .ToDictionary(part => part[0], part => double.Parse(part[1], CultureInfo.InvariantCulture));
    }
}
