using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using Spectre.Console;

namespace LogPipeline.Tests.Cli;

/// <summary>Names that others chose steer no terminal, whichever way they come there.</summary>
public sealed class HostileTextTests : IDisposable
{
    const string Evil = "\e[2J\rclean\b\u009b31m\u202eevil";

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("a\r\nb\n\tc", "a\r\nb\n\tc")]
    [InlineData("a\rb", "a?b")]
    [InlineData("a\r\rb\r\n", "a??b\r\n")]
    [InlineData("\e[2J\a\0\u007f\u009b", "?[2J????")]
    [InlineData("\u202ea\u2066b\u2028c", "?a?b?c")]
    [InlineData("é🔥 plain", "é🔥 plain")]
    public void LinesAndTabsStayAndNothingElseThatSteers(string text, string shown)
    {
        var whole = new StringWriter();
        new HarmlessWriter(whole).Write(text);
        whole.ToString().ShouldBe(shown);
        var pieces = new StringWriter();
        var writer = new HarmlessWriter(pieces);
        foreach (var c in text) writer.Write(c);
        pieces.ToString().ShouldBe(shown);
    }

    [Fact]
    public void TablesHaveTheirColoursAndNothingOfOthers()
    {
        var written = new StringWriter();
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Out = new AnsiConsoleOutput(written), Ansi = AnsiSupport.Yes, ColorSystem = ColorSystemSupport.Standard,
        });
        console.Pipeline.Attach(new HarmlessText());
        console.Write(new Table().AddColumn("[red]x[/]").AddRow(Markup.Escape(Evil)));
        console.MarkupLine("[red]" + Markup.Escape(Evil) + "[/]");
        var text = written.ToString();
        text.ShouldContain("\e[");
        text.ShouldNotContain("\e[2J");
        text.ShouldNotContain("\b");
        text.ShouldNotContain("\u202e");
        text.ShouldNotContain("\u009b");
    }

    public static TheoryData<string[]> Verbs() =>
    [
        ["verify"], ["verify", "--acks", $"no{Evil}"], ["verify", "--directory", $"no{Evil}"],
        ["dead-letters", "list"], ["dead-letters", "show", Evil], ["dead-letters", "show", $"{Evil}.dead"],
        ["send", $"no{Evil}"], ["send", "--source", Evil, "lines"], ["spool", "list"], ["spool", "purge", Evil],
        ["config", "show"], ["--config", $"no{Evil}"], [Evil], ["config", "show", "--output", Evil], ["test-temporal"],
        ["doctor"], ["canary"], ["bench"],        ["--once"],
    ];

    [Theory, MemberData(nameof(Verbs))]
    public async Task NoVerbLetsANameSteerTheTerminal(string[] arguments)
    {
        var logs = Directory.CreateDirectory(_directory.File("logs")).FullName;
        await File.WriteAllTextAsync(_directory.File("lines"), "x\n");
        var (header, array) = SomeBatch.Of(1, "app");
        var letters = new PhysicalDirectory(Path.Combine(logs, DeadLetterBox.DirectoryName));
        new DeadLetterBox(() => letters, 1 << 20)
            .Write(BatchSalvage.Whole($"logs/{Evil}/i1/000000000001", header, array, Evil, DateTimeOffset.UnixEpoch));
        File.Copy(Directory.GetFiles(letters.Path).Single(), Path.Combine(letters.Path, $"{Evil}.dead"));
        await using (var writer = new LogWriter(new PhysicalDirectory(logs), new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        }
        var log = Directory.GetFiles(Path.Combine(logs, "app")).Single();
        var source = System.Text.Json.JsonSerializer.Serialize(Evil);
        await File.AppendAllTextAsync(log, $$"""{"source":{{source}},"instance":"i","seq":1}""" + "\nno\n");
        var isShown = arguments is ["config", ..];
        await using var run = await ChildProcess.RunAsync("dotnet",
            [typeof(LogWorkerOptions).Assembly.Location, .. arguments],
            new Dictionary<string, string>
            {
                ["LOG_SPOOL_DIRECTORY"] = _directory.File($"spool{Evil}"),
                ["LOG_CLOSE_TIMEOUT"] = "100ms",
                ["TEMPORAL_ADDRESS"] = "127.0.0.1:1",
                ["TEMPORAL_NAMESPACE"] = Evil,
                ["LOG_CHANNEL_X_FORMAT"] = isShown ? Evil : "clef",
                ["LOG_LOKI_TENANT"] = isShown ? Evil : "t",
            }, _directory.Path);
        var text = run.Everything.Replace("\r\n", "\n", StringComparison.Ordinal);
        text.Where(c => c is not '\n' and not '\t' && HarmlessWriter.Steers(c)).ShouldBeEmpty(text);
        text.ShouldNotBeEmpty();
    }
}
