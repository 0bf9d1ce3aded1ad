using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>
/// The whole way with real parts: a logger in this process, a real Temporal development server with its state on disk, the
/// worker in its own process. First a burst as fast as the sink takes it, then a steady rate.
/// </summary>
static class EndToEndBenchmark
{
    static readonly TimeSpan WaitMax = TimeSpan.FromMinutes(10);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        BenchmarkOptions options;
        try
        {
            options = BenchmarkOptions.Parse(arguments);
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            return 2;
        }
        if (RealServers.MissingBecause is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }

        var machine = Machine.Describe();
        using var directory = new TempDirectory();
        var logDirectory = directory.File("logs");
        Directory.CreateDirectory(logDirectory);
        await using var temporal = await TemporalServer.StartNewAsync(directory.File("temporal.db"));
        await using var worker = ChildProcess.Start("dotnet", [Path.Combine(AppContext.BaseDirectory, "logworker.dll"), "--daemon"],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_DIRECTORY"] = logDirectory });

        var lines = BenchmarkLines.Read();
        Part NewPart(string source, int count) =>
            new(source, count, lines, temporal.Address, logDirectory, directory.File("spool-" + source));
        await NewPart("warmup", 2_000).RunAsync(null, WaitMax);
        var workerBefore = worker.ProcessorTime;
        var burst = await NewPart("burst", options.Lines).RunAsync(null, WaitMax);
        var workerTime = worker.ProcessorTime - workerBefore;
        var steady = await NewPart("steady", options.Rate * options.Seconds).RunAsync(options.Rate, WaitMax);

        var report = Report(machine, options, burst, workerTime, steady);
        Console.Write(report);
        if (options.Keep) await Results.KeepAsync("end-to-end.md", report);
        return 0;
    }

    static string Report(string machine, BenchmarkOptions options, PartResult burst, TimeSpan workerTime, PartResult steady)
    {
        var text = new StringBuilder();
        text.Append($"# End to end: logger, Temporal, worker, file\n\n{machine}\n\n");
        text.Append("Logger, Temporal server and worker share the machine. Lines are those of real logs, one channel a file.\n\n");
        text.Append($"| | burst of {options.Lines} | {options.Rate} a second for {options.Seconds} s |\n| --- | ---: | ---: |\n");
        Row("events/s taken by the logger", r => $"{r.EmittedPerSecond:f0}");
        Row("events/s accepted (Temporal or spool)", r => $"{r.AcceptedPerSecond:f0}");
        Row("events/s on disk", r => $"{r.WrittenPerSecond:f0}");
        Row("Emit, p50", r => $"{r.Emit.Microseconds(0.5):f1} us");
        Row("Emit, p99", r => $"{r.Emit.Microseconds(0.99):f1} us");
        Row("Emit, max", r => $"{r.Emit.Milliseconds(1):f1} ms");
        Row("Emit to line on disk, p50", r => $"{r.ToDisk.Milliseconds(0.5):f0} ms");
        Row("Emit to line on disk, p99", r => $"{r.ToDisk.Milliseconds(0.99):f0} ms");
        Row("batches", r => $"{r.Batches}");
        text.Append($"\nWorker's processor time in the burst: {workerTime.TotalMilliseconds * 1000 / options.Lines:f1} us an event.\n");
        return text.ToString();

        void Row(string name, Func<PartResult, string> value) => text.Append($"| {name} | {value(burst)} | {value(steady)} |\n");
    }
}
