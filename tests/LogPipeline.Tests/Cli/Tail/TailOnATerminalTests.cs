using System.Text;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Cli.Tail;
using LogPipeline.Worker.Formats;
using LogPipeline.Worker.Hosting;

namespace LogPipeline.Tests.Cli.Tail;

/// <summary>The verb as a program: colours, Ctrl+C, and a reader that goes away.</summary>
public sealed class TailOnATerminalTests : IDisposable
{
    static readonly string Worker = typeof(LogWorkerOptions).Assembly.Location;

    readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Fact]
    public void LevelsHaveColoursAndTheDayIsToldWhenItChanges()
    {
        var written = new StringWriter();
        var printer = new RecordPrinter(new LineOutput(written, isTerminal: true, hasColours: true), TailForm.Text, null);
        foreach (var (time, level) in (ReadOnlySpan<(string, string)>)[("2026-11-21T23:59:59Z", "error"), ("2026-11-21T23:59:59Z", "info"),
            ("2026-11-22T00:00:00Z", "debug")])
        {
            var line = Encoding.UTF8.GetBytes($$"""{"@t":"{{time}}","@m":"said","level":"{{level}}"}""");
            printer.Write(new TailedRecord(ChannelName.Of("app"), LogFormat.Clef, line, RecordHead.Read(LogFormat.Clef, line), default));
        }
        written.ToString().Replace("\e[", "^", StringComparison.Ordinal).ShouldBe("""
            ^90m2026-11-21, UTC^0m
            ^90m23:59:59.000^0m ^31mERR^0m ^31msaid^0m
            ^90m23:59:59.000^0m ^32mINF^0m said
            ^90m2026-11-22, UTC^0m
            ^90m00:00:00.000^0m ^90mDBG^0m ^90msaid^0m

            """);
    }

    [SkippableFact]
    public async Task CtrlCEndsItWithZero()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals.");
        _logs.Append("app/2026-11-21.001.clef", LogFolder.Clef(1, "one"));
        // A test run in the background may ignore signals, and children inherit that.
        await using var tail = ChildProcess.Start("env", ["--default-signal=INT", "dotnet", Worker, "tail", "--follow", "--directory",
            _logs.Path]);
        await tail.LineAsync(line => line.EndsWith("one", StringComparison.Ordinal));
        _logs.Append("app/2026-11-21.001.clef", LogFolder.Clef(2, "two"));
        _logs.Append("new/2026-11-21.001.clef", LogFolder.Clef(3, "three"));
        await tail.LineAsync(line => line.EndsWith("two", StringComparison.Ordinal));
        await tail.LineAsync(line => line.EndsWith("three", StringComparison.Ordinal));
        tail.Interrupt();
        await tail.EndAsync();
        tail.ExitCode.ShouldBe(0, tail.Everything);
        tail.Everything.ShouldNotContain("\e");
        tail.Errors.ShouldBeEmpty();
    }

    [SkippableFact]
    public async Task AReaderThatGoesAwayEndsItQuietly()
    {
        Skip.If(OperatingSystem.IsWindows(), "There is no sh.");
        _logs.Append("app/2026-11-21.001.clef", [.. Enumerable.Range(0, 50_000).Select(i => LogFolder.Clef(i % 60, $"{i}"))]);
        foreach (var arguments in (string[])["--since 2026-11-21", "--since 2026-11-21 --follow", "--last 50000 -o jsonl"])
        {
            await using var shell = await ChildProcess.RunAsync("sh",
                ["-c", $"{{ dotnet '{Worker}' tail --directory '{_logs.Path}' {arguments}; echo ends with $? >&2; }} | head -n 1"]);
            shell.ExitCode.ShouldBe(0, shell.Everything);
            shell.Output.Trim().ShouldNotBeEmpty();
            shell.Errors.Trim().ShouldBe("ends with 0", arguments);
        }
    }
}
