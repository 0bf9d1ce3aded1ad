using LogPipeline.TestSupport;
using TemporalDevServer;

namespace LogPipeline.Benchmarks.Host;

/// <summary>
/// What the sink costs a small console program (bench/ConsoleHost), published for one platform: size on disk, time from the start of
/// the process until Temporal has its first event, memory and threads at rest. Beside it the same program without the sink.
/// </summary>
static class HostBenchmark
{
    const string Platform = "linux-x64";

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = arguments is ["--rounds", var text, ..]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 7;
        var machine = Machine.Describe();
        using var directory = new TempDirectory();
        var program = directory.File("app");
        var publish = await ChildProcess.RunAsync("dotnet",
            ["publish", Repository.PathOf("bench", "ConsoleHost"), "-c", "Release", "-r", Platform, "--self-contained", "false", "-o",
                program, "-nologo", "-p:NuGetLockFilePath=obj/published.lock.json"]);
        if (publish.ExitCode != 0) throw new InvalidOperationException(publish.Everything);

        await using var server = await DevServer.StartAsync();
        var (idle, bare) = (new List<Cost>(), new List<Cost>());
        for (var round = 0; round < rounds; round++)
        {
            idle.Add(await CostAsync(program, "idle", server.Address, directory.File($"spool-{round}")));
            bare.Add(await CostAsync(program, "bare", server.Address, directory.File($"spool-{round}")));
        }

        var report = Report(machine, rounds, new DirectoryInfo(program).GetFiles(), bare, idle);
        Console.Write(report);
        if (arguments.Contains("--keep")) await Results.KeepAsync("host.md", report);
        return 0;
    }

    static async Task<Cost> CostAsync(string program, string verb, string address, string spool)
    {
        var run = await ChildProcess.RunAsync(Path.Combine(program, "ConsoleHost"), [verb],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = address, ["LOG_SPOOL_DIRECTORY"] = spool, ["LOG_SOURCE"] = "host" });
        if (run.ExitCode != 0) throw new InvalidOperationException($"ConsoleHost {verb} ended with {run.ExitCode}: {run.Everything}");
        var figures = run.Output.Split(' ', '\n').Select(pair => pair.Split('=')).Where(pair => pair.Length == 2)
            .ToDictionary(pair => pair[0], pair => double.Parse(pair[1], CultureInfo.InvariantCulture));
        return new Cost(figures["start-ms"], figures["rss-kb"] / 1000, figures["threads"]);
    }

    static string Report(string machine, int rounds, FileInfo[] files, List<Cost> bare, List<Cost> idle)
    {
        var text = new StringBuilder();
        text.Append($"# The sink in a small console program\n\n{machine}\n\n");
        text.Append($"`dotnet run -c Release --project bench/LogPipeline.Benchmarks -- host --keep`: bench/ConsoleHost, published with "
            + $"`-r {Platform} --self-contained false`; medians of {rounds} runs in turns.\n\n");
        text.Append("| | without the sink | with the sink |\n| --- | ---: | ---: |\n");
        Row("start, ms (with the sink: until Temporal has the first event)", cost => cost.StartMilliseconds);
        Row("memory at rest, MB", cost => cost.Megabytes);
        Row("threads at rest", cost => cost.Threads);
        text.Append($"\nPublished: {files.Sum(file => file.Length) / 1e6:f1} MB in {files.Length} files, the largest:\n\n| file | MB "
            + $"|\n| --- | ---: |\n");
        foreach (var file in files.OrderByDescending(file => file.Length).Take(5))
            text.Append($"| {file.Name} | {file.Length / 1e6:f1} |\n");
        return text.ToString();

        void Row(string name, Func<Cost, double> value) =>
            text.Append($"| {name} | {Median(bare.Select(value)):f0} | {Median(idle.Select(value)):f0} |\n");
    }

    sealed record Cost(double StartMilliseconds, double Megabytes, double Threads);
}
