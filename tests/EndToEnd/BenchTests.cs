using System.Text.Json.Nodes;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary><c>logworker bench</c> on the embedded server.</summary>
public sealed class BenchTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    // As the bench sends them: one warm-up, one calm.
    const int Beside = 1000;

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    Dictionary<string, string> Variables() => new()
    {
        ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_TASK_QUEUE"] = _queue, ["LOG_DIRECTORY"] = _directory.File("logs"),
        ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"), ["LOG_HTTP_PORT"] = "off",
    };

    readonly string _queue = Some.Name("bench");

    [Fact]
    public async Task WithoutAWorkerNothingIsSentAndASentenceSaysSo()
    {
        var run = await WorkerProgram.RunAsync(["bench"], Variables());
        run.ExitCode.ShouldBe(1, run.Everything);
        run.Output.ShouldBeEmpty();
        run.Errors.Trim().ShouldStartWith($"Nothing was sent. Nobody polls the task queue {_queue}: ");
        run.Errors.Trim().ShouldNotContain("\n");
        Directory.Exists(_directory.File("spool")).ShouldBeFalse();
    }

    [Fact]
    public async Task ABenchMeasuresAndWhatItWroteIsRemovedByTheCommandThatItTells()
    {
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, _directory.File("logs"), Variables());
        await worker.LineAsync(line => line.Contains("Connected", StringComparison.Ordinal));
        var run = await WorkerProgram.RunAsync(["bench", "--records", "2000", "--output", "json"], Variables());
        run.ExitCode.ShouldBe(0, run.Everything);
        var report = JsonNode.Parse(run.Output)!;
        report["full"]!["records"]!.GetValue<int>().ShouldBe(2000);
        foreach (var phase in (string[])["calm", "full"])
        {
            var figures = report[phase]!;
            figures["recordsPerSecond"]!.GetValue<double>().ShouldBeGreaterThan(0);
            double[] times = [.. ((string[])["median", "percentile95", "percentile99"]).Select(name => figures[name]!.GetValue<double>())];
            times.ShouldBeInOrder();
            times[0].ShouldBeGreaterThan(0);
        }
        report["calm"]!["recordsPerSecond"]!.GetValue<double>().ShouldBeLessThan(101);
        report["disk"]!["megabytesPerSecond"]!.GetValue<double>().ShouldBeGreaterThan(0);
        report["written"]!["records"]!.GetValue<long>().ShouldBe(2000 + Beside);
        WrittenRecord.ReadChannel(_directory.File("logs"), "logworker-bench").Count.ShouldBe(2000 + Beside);
        Directory.GetFileSystemEntries(_directory.File("spool")).ShouldBeEmpty();
        Directory.GetFiles(_directory.File("logs"), ".logworker-bench*").ShouldBeEmpty();

        var people = await WorkerProgram.RunAsync(["bench", "--records", "100"], Variables());
        people.Output.ShouldContain($"\n  rm -r {_directory.File("logs", "logworker-bench")}");
        Directory.Delete(_directory.File("logs", "logworker-bench"), recursive: true);
        var verify = await WorkerProgram.RunAsync(["verify"], Variables());
        verify.Output.ShouldContain("clean");
        worker.Terminate();
        await worker.EndAsync();
        worker.ExitCode.ShouldBe(0, worker.Everything);
    }
}
