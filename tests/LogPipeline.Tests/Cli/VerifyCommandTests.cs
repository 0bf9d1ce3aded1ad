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
        (await LogWorkerCommand.RunAsync(["verify", "--directory", _directory.Path, "--output", "json"], said)).ShouldBe(exitCode);
        var report = JsonDocument.Parse(said.ToString()).RootElement;
        report.GetProperty("clean").GetBoolean().ShouldBe(exitCode == 0);
        foreach (var kind in (string[])["lost", "duplicate", "reordered", "corrupt"])
            report.GetProperty(kind).GetInt64().ShouldBe(kind == fault ? 1 : 0, kind);
    }

    [Theory]
    [InlineData("one/two", 0)]
    [InlineData("one", 1)]
    public async Task WorkersBelowADirectoryAreLookedAtTogether(string workers, int exitCode)
    {
        // Each has every other batch.
        var names = workers.Split('/');
        for (var i = 0; i < names.Length; i++)
        {
            await using var writer = new LogWriter(new PhysicalDirectory(_directory.File(names[i])), new LogWriterOptions(),
                new TestClock());
            writer.Start();
            for (var first = 1 + i; first <= 4; first += 2) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        await using var said = new StringWriter();
        (await LogWorkerCommand.RunAsync(["verify", "--directory", _directory.Path, "--output", "json"], said)).ShouldBe(exitCode);
        JsonDocument.Parse(said.ToString()).RootElement.GetProperty("records").GetInt64().ShouldBe(2 * names.Length);
    }

    [Fact]
    public async Task OneOfTheWorkersAloneIsCleanOnlyWhenOthersAreSaidToTakeAPart()
    {
        await using (var writer = new LogWriter(new PhysicalDirectory(_directory.Path), new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            foreach (var first in (long[])[1, 3]) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        (await LogWorkerCommand.RunAsync(["verify", "--directory", _directory.Path, "--output", "json"], TextWriter.Null)).ShouldBe(1);
        (await LogWorkerCommand.RunAsync(["verify", "--shared", "--directory", _directory.Path, "--output", "json"], TextWriter.Null))
            .ShouldBe(0);
    }
}
