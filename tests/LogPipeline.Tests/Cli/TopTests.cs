using LogPipeline.TestSupport;
using LogPipeline.Tests.Options;
using LogPipeline.Tests.Web;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Cli.Top;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using Spectre.Console;
using Temporalio.Client;

namespace LogPipeline.Tests.Cli;

/// <summary>What <c>logworker top</c> shows.</summary>
[Collection(ProcessEnvironment.Collection)]
public sealed class TopTests
{
    static readonly DateTimeOffset Start = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);
    static readonly Uri Address = new("http://127.0.0.1:8234");

    static StatsAnswer Stats(long written, int startedSecond = 0) => new()
    {
        Worker = new WorkerIdentity("me", "1.2.3", "a") { StartedAt = Start.AddSeconds(startedSecond), UptimeSeconds = 3_725 },
        Temporal = new TemporalAnswer("t:7233", "default", "q", true, null, null, 1, null),
        Writer = new WriterAnswer("/logs", true, null, null, 3L << 30),
        Records = new RecordsAnswer(written, 0, 2, 0), Batches = new BatchesAnswer(5, 1, 0, 0), Bytes = 2048, RecordsPerSecond = 12.5,
        Latency = new LatencyAnswer(0.25, 4.237), Ledger = null, DeadLetters = 0, IsReadOnly = false,
        Volume = [new("app", "info", written - 1), new("app", "error", 1), new("payments", "warning", 7_000)],
    };

    static string Lines(TopHistory history, DateTimeOffset now, int width) =>
        string.Join('\n', TopScreen.Lines(TopFrame.Of(history, Address, now, width), width, ColorSystem.NoColors));

    [Fact]
    public void TheFiguresAndTheChannelsByVolumeAreShown()
    {
        var history = new TopHistory();
        history.Add(Stats(100), Start);
        history.Add(Stats(150), Start.AddSeconds(2));
        Lines(history, Start.AddSeconds(2), 80).ShouldBe("""
            logworker 1.2.3 at http://127.0.0.1:8234/, up 1 h 2 min, now 12:00:02 UTC

            records/s  25.0 now, 12.5 over the last minute, 25.0 at most in 5 min
                                                                                          █
            latency    250 ms from event to disk at the median, 4.2 s at 95 %
            waiting    1 batch
            dead       0 letters kept, 2 records since the start
            attempts   1 failed, 0 batches out of order
            written    150 records, 2.0 KiB in 5 batches
            disk       3.0 GiB free, /logs
            Temporal   reached at t:7233, default/q

            channel  records   /s fatal error warning info debug trace
            payments   7,000  0.0     0     0   7,000    0     0     0
            app          150 25.0     0     1       0  149     0     0
            """);
    }

    [Theory]
    [InlineData(80)]
    [InlineData(200)]
    public void NoLineIsWiderThanTheTerminal(int width)
    {
        var history = new TopHistory();
        for (var i = 0; i < 300; i++) history.Add(Stats(1_000_000_000L * i), Start.AddSeconds(i));
        var lines = Lines(history, Start.AddSeconds(299), width).Split('\n');
        lines.Max(line => line.Length).ShouldBeLessThanOrEqualTo(width);
        lines.Count(line => line.Contains('█', StringComparison.Ordinal)).ShouldBe(1);
    }

    [Fact]
    public void AWorkerThatWentAwayIsSaidAndItsLastFiguresStay()
    {
        var history = new TopHistory();
        history.Fail("No worker answers.");
        Lines(history, Start, 80).ShouldBe("No worker answers.\nIt is asked again and again; q ends.");
        history.Add(Stats(100), Start);
        history.Fail("No worker answers.");
        var away = Lines(history, Start.AddSeconds(61), 80);
        away.ShouldStartWith("No worker answers.\nlogworker 1.2.3 at http://127.0.0.1:8234/, as of 12:00:00, 1 min 1 s ago");
        away.ShouldContain("written    100 records");
        // It comes back, and counts from 0.
        history.Add(Stats(10, startedSecond: 90), Start.AddSeconds(91));
        history.Rate(of => of.Records.Written).ShouldBeNull("Another process counts anew.");
        history.Add(Stats(14, startedSecond: 90), Start.AddSeconds(92));
        history.Rate(of => of.Records.Written).ShouldBe(4);
        Lines(history, Start.AddSeconds(92), 80).ShouldNotContain("No worker");
    }

    [Fact]
    public void WhatIsWrongIsToldAsStatusDoes()
    {
        var history = new TopHistory();
        history.Add(Stats(1) with { DeadLetters = 3 }, Start);
        Lines(history, Start, 120).ShouldContain("3 dead letters are kept; look at them with 'logworker dead-letters list'.");
    }

    [Fact]
    public void StepsAreOfTheLastMinutesAlone()
    {
        var history = new TopHistory();
        history.Add(Stats(0), Start);
        history.Add(Stats(60), Start.AddMinutes(1));
        history.Add(Stats(240), Start.AddMinutes(2));
        history.Steps(5, Start.AddMinutes(2)).ShouldBe([null, null, null, 1, 3]);
        history.Steps(5, Start.AddMinutes(6)).ShouldBe([3, null, null, null, null]);
        TopFrame.Spark([null, 0, 1, 3.5, 7]).ShouldBe(" ▁▂▅█");
        TopFrame.Spark([0, null]).ShouldBe("▁ ");
    }

    [Fact]
    public async Task WhereTheOutputIsNoTerminalTheyAreShownOnce()
    {
        using var environment = new ProcessEnvironment();
        var (books, readiness) = (new WorkerBooks(TimeProvider.System), new Readiness("/logs", TimeProvider.System));
        var disk = new InMemoryDisk(TimeProvider.System);
        var temporal = new TemporalLink(new TemporalClientConnectOptions("temporal:7233"), "queue", TimeProvider.System);
        await using var web = await WebFixture.StartAsync(readiness: readiness, more: new StatsEndpoints(books,
            new WorkerIdentity("me", "1.2.3", "abc"), temporal, readiness, () => LedgerTotals.None,
            new DeadLetterBox(() => disk.Root.Directory("letters"), 1 << 20), () => 4096, TimeProvider.System));
        books.Written(5, 500, 0, 0, TimeSpan.FromSeconds(3));
        var (code, output, errors) = await RunAsync("--url", web.Address);
        (code, errors).ShouldBe((0, ""));
        output.ShouldStartWith("logworker 1.2.3 at ");
        output.ShouldContain("written    5 records, 500 B in 1 batch");
        output.ShouldNotContain("\e");
    }

    [Fact]
    public async Task WhereNoWorkerAnswersItEndsWithOne()
    {
        var (code, output, errors) = await RunAsync("--url", $"http://127.0.0.1:{FreePort.Next()}");
        (code, output).ShouldBe((1, ""));
        errors.ShouldStartWith("No worker answers at ");
    }

    [Theory]
    [InlineData("soon")]
    [InlineData("0")]
    [InlineData("1h")]
    public async Task AnIntervalThatIsNoneIsWrongUsage(string interval) =>
        (await RunAsync("--interval", interval)).ShouldBe((2, "",
            $"--interval was '{interval}'; use a time from 200ms to 1m, such as 1s."));

    static async Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        var (output, errors) = (new StringWriter(), new StringWriter());
        var code = await LogWorkerCommand.RunAsync(["top", .. arguments], output, errors);
        return (code, output.ToString().Trim(), errors.ToString().Trim());
    }
}
