using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Cli;

/// <summary>What <c>logworker verify</c> ends with: scripts look at nothing else.</summary>
public sealed class VerifyCommandTests : IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("", 0)]
    [InlineData("lost", 1)]
    [InlineData("duplicate", 1)]
    [InlineData("reordered", 1)]
    [InlineData("corrupt", 1)]
    public async Task EachFaultAloneEndsWithOne(string fault, int exitCode)
    {
        var root = new PhysicalDirectory(_directory.Path);
        await using (var writer = new LogWriter(root, new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            long[] order = fault switch { "lost" => [1, 3], "reordered" => [1, 3, 2], _ => [1, 2, 3] };
            foreach (var first in order) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        var file = Directory.GetFiles(_directory.File("app")).Single();
        if (fault == "duplicate") await File.AppendAllTextAsync(file, (await File.ReadAllLinesAsync(file))[0] + "\n");
        if (fault == "corrupt") await File.AppendAllTextAsync(file, "graffiti\n");

        await using var said = new StringWriter();
        (await CommandLine.RunAsync(["verify", "--directory", _directory.Path, "--output", "json"], said)).ShouldBe(exitCode);
        var report = JsonDocument.Parse(said.ToString()).RootElement;
        report.GetProperty("clean").GetBoolean().ShouldBe(exitCode == 0);
        foreach (var kind in (string[])["lost", "duplicate", "reordered", "corrupt"])
            report.GetProperty(kind).GetInt64().ShouldBe(kind == fault ? 1 : 0, kind);
    }
}
