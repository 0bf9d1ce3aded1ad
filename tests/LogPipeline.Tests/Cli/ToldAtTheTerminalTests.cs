using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using Microsoft.Extensions.Logging;
using Spectre.Console;
using TemporalDevServer;

namespace LogPipeline.Tests.Cli;

/// <summary>What people read of the verbs: nothing that steers their terminal, and nothing left out without a word.</summary>
public sealed class ToldAtTheTerminalTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OfALongLetterTheBeginningIsShownAndItsControlCharactersAreNot()
    {
        var (header, _) = SomeBatch.Of(1, "app");
        var bytes = Encoding.UTF8.GetBytes("\e[31mred" + new string('x', 3000));
        var letter = BatchSalvage.Whole(header.Id.ToString(), header, bytes, "a \e[2Jreason", DateTimeOffset.UnixEpoch);
        new DeadLetterBox(() => new PhysicalDirectory(_directory.File("logs", DeadLetterBox.DirectoryName)), 1 << 20).Write(letter);
        await using var shown = await RunAsync(["dead-letters", "show", letter.Name]);
        shown.ExitCode.ShouldBe(0, shown.Everything);
        shown.Everything.ShouldNotContain("\e");
        shown.Output.ShouldContain($"?[31mred{new string('x', 1992)}\n... 1008 bytes more; --raw has all.");
        await using var raw = await RunAsync(["dead-letters", "show", letter.Name, "--raw"]);
        raw.Output.ShouldBe(Encoding.UTF8.GetString(bytes));
    }

    [Fact]
    public async Task VerifyLooksForLettersWhereTheWorkerPutsThem()
    {
        await using (var writer = new LogWriter(new PhysicalDirectory(_directory.File("logs")), new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            foreach (var first in (long[])[1, 3]) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        var (header, array) = SomeBatch.Of(2, "app");
        new DeadLetterBox(() => new PhysicalDirectory(_directory.File("letters")), 1 << 20)
            .Write(BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch));
        await using var without = await RunAsync(["verify"]);
        without.ExitCode.ShouldBe(1, without.Everything);
        await using var with = await RunAsync(["verify"], ("LOG_DEAD_LETTER_DIRECTORY", _directory.File("letters")));
        with.ExitCode.ShouldBe(0, with.Everything);
    }

    [Fact]
    public async Task SendTellsHowManyLinesWereCutAndByWhichBound()
    {
        string[] lines = [new('x', 150_000), new('x', 3 * 1024 * 1024), new('x', 100_000), "short"];
        await File.WriteAllLinesAsync(_directory.File("lines"), lines);
        await using var sent = await RunAsync(["send", _directory.File("lines")], ("TEMPORAL_ADDRESS", temporal.Address));
        sent.ExitCode.ShouldBe(0, sent.Everything);
        sent.Output.ShouldMatch(@"\ncut +2 \(LOG_EVENT_BYTES_MAX is 200000, and a line's text has 5/8 of it");
    }

    [Fact]
    public async Task SendTellsHowManyLinesHeldBytesThatAreNoText()
    {
        await File.WriteAllBytesAsync(_directory.File("lines"), [.. "caf"u8, 0xE9, .. "\ncafé\n\uFFFD\nna"u8, 0xEF, .. "f\n"u8]);
        await using var sent = await RunAsync(["send", "--skip", "1", _directory.File("lines")], ("TEMPORAL_ADDRESS", temporal.Address));
        sent.ExitCode.ShouldBe(0, sent.Everything);
        sent.Output.ShouldMatch(@"\nwith wrong bytes +1 \(lines;");
    }

    [Fact]
    public async Task SendWithoutRoomDropsNothingAndSaysHowToGoOn()
    {
        await File.WriteAllLinesAsync(_directory.File("lines"), Enumerable.Repeat(new string('x', 1000), 1000));
        await using var sent = await RunAsync(["send", _directory.File("lines")],
            ("LOG_SPOOL_BYTES_MAX", "64KiB"), ("LOG_BACK_PRESSURE", "0"), ("LOG_CLOSE_TIMEOUT", "1s"));
        sent.ExitCode.ShouldBe(1, sent.Everything);
        sent.Output.ShouldMatch("dropped +0");
        var taken = long.Parse(sent.Output.Split(' ')[0], CultureInfo.InvariantCulture);
        taken.ShouldBeInRange(1, 100);
        sent.Output.ShouldMatch($"in the spool +{taken}\n");
        sent.Output.ShouldEndWith($"the same command with --skip {taken}");
    }

    [Theory]
    [InlineData("LINES BINARY", 1, 2, "is binary", null)]
    [InlineData("LINES BINARY LINES", 1, 2, "is binary", "the same command without 'BINARY' and with --skip 2")]
    [InlineData("--skip 1 LINES BINARY LINES", 1, 1, "is binary", "the same command without 'BINARY' and with --skip 2")]
    [InlineData("BINARY LINES", 1, 0, "is binary", "the same command without 'BINARY'")]
    [InlineData("--skip 3 LINES LINES", 0, 1, "", null)]
    [InlineData("--skip 5 LINES LINES", 1, 0, "have 4 lines; --skip was 5", null)]
    public async Task SendSaysWhatWasTakenWhatStoppedItAndHowToGoOn(string arguments, int exitCode, int taken, string said,
        string? goOn)
    {
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await File.WriteAllBytesAsync(_directory.File("binary"), [1, 0, 2]);
        string Filled(string text) => text.Replace("LINES", _directory.File("lines"), StringComparison.Ordinal)
            .Replace("BINARY", _directory.File("binary"), StringComparison.Ordinal);
        await using var sent = await RunAsync(["send", .. arguments.Split(' ').Select(Filled)], ("TEMPORAL_ADDRESS", temporal.Address));
        sent.ExitCode.ShouldBe(exitCode, sent.Everything);
        sent.Output.ShouldMatch($"accepted by Temporal +{taken}\n");
        sent.Errors.ShouldContain(said);
        if (goOn is null) sent.Output.ShouldNotContain("To go on");
        else sent.Output.Trim().ShouldEndWith($"\nTo go on without sending a line twice: {Filled(goOn)}");
    }

    [SkippableFact]
    public async Task SendGoesOnBehindWhatItSentWhenAFileCanBeReadAgain()
    {
        const string unreadable = "/proc/self/mem";
        Skip.If(!File.Exists(unreadable), "Linux alone has a file that nobody can read from its start.");
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await using var sent = await RunAsync(["send", _directory.File("lines"), unreadable], ("TEMPORAL_ADDRESS", temporal.Address));
        sent.Errors.ShouldContain($"'{unreadable}' cannot be read: ");
        sent.Output.Trim().ShouldEndWith("To go on without sending a line twice: when it can be read, the same command with --skip 2");
        sent.ExitCode.ShouldBe(1, sent.Everything);
    }

    [Fact]
    public async Task SendEndsWithOneWhileTheSpoolHoldsWhatTemporalDidNotTake()
    {
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await using var sent = await RunAsync(["send", _directory.File("lines")], ("TEMPORAL_ADDRESS", temporal.Address),
            ("TEMPORAL_NAMESPACE", "missing"));
        sent.ExitCode.ShouldBe(1, sent.Everything);
        sent.Output.ShouldContain("do not send it again");
        sent.Output.ShouldNotContain("--skip");
    }

    [Fact]
    public async Task SendEndsWithOneWhenABatchWasRefusedForGood()
    {
        const int invalidArgument = 3;
        var faults = new CallFaults(1);
        faults.Refuse("StartWorkflowExecution", invalidArgument);
        await using var refusing = await DevServer.StartAsync(new DevServerOptions { Interceptors = [faults] });
        await File.WriteAllTextAsync(_directory.File("lines"), "one\ntwo\n");
        await using var sent = await RunAsync(["send", _directory.File("lines")], ("TEMPORAL_ADDRESS", refusing.Address));
        sent.Output.ShouldMatch("refused, set aside +2");
        sent.ExitCode.ShouldBe(1, sent.Everything);
    }

    [Fact]
    public async Task TestTemporalSaysThatNobodyPollsAndSendsNothing()
    {
        await using var test = await RunAsync(["test-temporal"], ("TEMPORAL_ADDRESS", temporal.Address), ("LOG_TASK_QUEUE", "nobodys"));
        test.ExitCode.ShouldBe(1, test.Everything);
        test.Output.ShouldContain("Nobody polls the task queue nobodys");
        test.Output.ShouldContain("Next: Start 'logworker'");
        test.Output.ShouldNotContain("Batch  ");
    }

    [Fact]
    public void WhatIsLoggedAtATerminalDoesNotSteerIt()
    {
        using var output = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(output), Ansi = AnsiSupport.No });
        console.Profile.Width = 1000;
        using var provider = new ConsoleLogger(console, new TestClock());
#pragma warning disable CA1848, CA2254 // A message as any other part of the program may log it.
        provider.CreateLogger("any").LogWarning("a \e[2Jserver's [red]answer[/]\nof two lines");
#pragma warning restore CA1848, CA2254
        output.ToString()[9..].ShouldBe("warning: a  [2Jserver's [red]answer[/] of two lines\n");
    }

    Task<ChildProcess> RunAsync(string[] arguments, params (string Name, string Value)[] variables)
    {
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = "127.0.0.1:1", ["LOG_DIRECTORY"] = _directory.File("logs"),
                ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"),
        };
        foreach (var (name, value) in variables) environment[name] = value;
        return ChildProcess.RunAsync("dotnet", [typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location, .. arguments],
            environment, _directory.Path);
    }
}
