using System.Diagnostics;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>
/// What one call to log costs, for our sink and for what people use today: the same event, rounds of all targets taking
/// turns, so that whatever else the machine does meets all of them.
/// </summary>
static class EmitBenchmark
{
    const int EventsPerRound = 24_000;
    static readonly int[] ThreadCounts = [.. new SortedSet<int> { 1, Environment.ProcessorCount, 8 }];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = 9;
        var keep = false;
        for (var i = 0; i < arguments.Count; i++)
            switch (arguments[i])
            {
                case "--keep": keep = true; break;
                case "--rounds" when i + 1 < arguments.Count && int.TryParse(arguments[++i], CultureInfo.InvariantCulture, out rounds)
                    && rounds > 0: break;
                default: Console.Error.WriteLine($"'{arguments[i]}' is not an option; there are --rounds N and --keep."); return 2;
            }
        var machine = Machine.Describe();
        var directory = Directory.CreateTempSubdirectory("logpipeline-emit-").FullName;
        string report;
        try
        {
            report = Report(machine, rounds, Measure(directory, rounds), RenderCost.Measure(rounds), await BurstAsync(directory));
        }
        finally
        {
            Directory.Delete(directory, recursive: true);
        }
        Console.WriteLine(report);
        if (keep) await Results.KeepAsync("emit.md", report);
        return 0;
    }

    static List<(string Name, int Threads, List<EmitRound> Rounds, long Dropped)> Measure(string directory, int rounds)
    {
        var targets = Targets(directory).ToList();
        var results = new List<(string, int, List<EmitRound>, long)>();
        try
        {
            // Until the compiler has settled on the fastest code.
            for (var i = 0; i < 3; i++)
                foreach (var target in targets) EmitRound.Run(target, 2, EventsPerRound / 2);
            foreach (var threads in ThreadCounts)
            {
                var measured = targets.ConvertAll(_ => new List<EmitRound>());
                for (var round = 0; round < rounds; round++)
                    for (var i = 0; i < targets.Count; i++)
                    {
                        // Another one goes first each time.
                        var at = (i + round) % targets.Count;
                        measured[at].Add(EmitRound.Run(targets[at], threads, EventsPerRound / threads));
                    }
                results.AddRange(targets.Select((target, i) => (target.Name, threads, measured[i], target.Dropped)));
            }
        }
        finally
        {
            targets.ForEach(target => target.Dispose());
        }
        return results;
    }

    static IEnumerable<EmitTarget> Targets(string directory)
    {
        foreach (var durability in (string[])["Memory", "ProcessSafe", "PowerSafe"])
            foreach (var isAway in (bool[])[false, true])
                if (SinkTarget.TryCreate(durability, isAway, Path.Combine(directory, $"{durability}-{isAway}")) is { } sink)
                    yield return sink;
        yield return new FileTarget("Sinks.File (text)", Path.Combine(directory, "file.txt"), isJson: false);
        yield return new FileTarget("Sinks.File (JSON)", Path.Combine(directory, "file.json"), isJson: true);
        yield return new AsyncFileTarget(Path.Combine(directory, "async.json"));
        yield return new NLogTarget(Path.Combine(directory, "nlog.json"));
        yield return new FloorTarget();
    }

    static void Goals(StringBuilder text, List<(string Name, int Threads, List<EmitRound> Rounds, long Dropped)> results)
    {
        text.AppendLine("## Goals").AppendLine();
        text.AppendLine("A ratio is the median of the ratios of the rounds, so that a machine that is slower for a while is so for both. "
            + "Other work on it shows in the longest calls. \"Floor\" is what the same figure is with a sink that does nothing.");
        text.AppendLine();
        text.AppendLine("| | threads | goal | measured | | floor |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        foreach (var threads in ThreadCounts)
        {
            Goal("p50 of Memory, in those of Sinks.Async over File", 1.0, Ratio("Memory", "Sinks.Async"));
            Goal("p50 of ProcessSafe, in those of Sinks.File (text)", 0.5, Ratio("ProcessSafe", "Sinks.File (text)"));
            Goal("p50 of ProcessSafe, in those of Sinks.File (JSON)", 0.5, Ratio("ProcessSafe", "Sinks.File (JSON)"));
            foreach (var durability in (string[])["Memory", "ProcessSafe"])
            {
                Time($"p99.9 µs of {durability} with Temporal away", 100, $"{durability}, Temporal away", r => r.P999);
                Time($"max µs of {durability} with Temporal away", 5_000, $"{durability}, Temporal away", r => r.Max);
            }

            void Goal(string what, double goal, double measured, double? floor = null) =>
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {what} | {threads} | {goal:0.##} | {measured:0.##} | {(measured <= goal ? "met" : "missed")} | {floor:0.##} |");

            void Time(string what, double goal, string name, Func<EmitRound, double> figure) =>
                Goal(what, goal, Of(name, figure), Of(FloorTarget.Title, figure));

            double Of(string name, Func<EmitRound, double> figure) => figure(EmitRound.Median(Rounds(name)));

            double Ratio(string ours, string theirs) =>
                Rounds(ours).Zip(Rounds(theirs), (a, b) => a.P50 / b.P50).Order().ElementAt(Rounds(ours).Count / 2);

            List<EmitRound> Rounds(string name) =>
                results.First(result => result.Threads == threads
                    && (result.Name == name || result.Name.StartsWith($"{name} over", StringComparison.Ordinal))).Rounds;
        }
        text.AppendLine();
    }

    /// <summary>A process of its own logs a million events as fast as it can, so that its memory is its own.</summary>
    static async Task<string> BurstAsync(string directory)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        if (Path.GetFileNameWithoutExtension(start.FileName) == "dotnet") start.ArgumentList.Add(typeof(EmitBenchmark).Assembly.Location);
        start.ArgumentList.Add("emit-burst");
        start.ArgumentList.Add(directory);
        using var burst = Process.Start(start)!;
        var text = await burst.StandardOutput.ReadToEndAsync();
        await burst.WaitForExitAsync();
        return text.Trim();
    }

    /// <summary>The process that <see cref="BurstAsync"/> starts.</summary>
    public static int Burst(string directory)
    {
        const int events = 1_000_000;
        foreach (var isAway in (bool[])[false, true])
        {
            using var target = SinkTarget.TryCreate("Memory", isAway, Path.Combine(directory, $"burst-{isAway}"))!;
            // Until the compiler has settled on the fastest code, which it does in the background.
            for (var n = 0; n < 10; n++)
            {
                for (var i = 0; i < 20_000; i++) target.Log(i, "Ada Lovelace", "packed");
                target.Drain();
            }
            var thousands = new double[50];
            for (var n = 0; n < thousands.Length; n++)
            {
                var begin = Stopwatch.GetTimestamp();
                for (var i = 0; i < 1_000; i++) target.Log(i, "Ada Lovelace", "packed");
                thousands[n] = Stopwatch.GetElapsedTime(begin).TotalMilliseconds;
                target.Drain();
            }
            Array.Sort(thousands);
            var watch = Stopwatch.StartNew();
            for (var i = 0; i < events; i++) target.Log(i, "Ada Lovelace", "packed");
            var logged = watch.Elapsed;
            target.Drain();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {target.Name} | {thousands[thousands.Length / 2]:0.00} | {logged.TotalSeconds:0.00} | "
                + $"{watch.Elapsed.TotalSeconds:0.00} | {target.Dropped} | {Process.GetCurrentProcess().PeakWorkingSet64 >> 20} |"));
        }
        return 0;
    }

    static string Report(string machine, int rounds, List<(string Name, int Threads, List<EmitRound> Rounds, long Dropped)> results,
        IEnumerable<(string Name, double[] Nanoseconds)> rendering, string burst)
    {
        var text = new StringBuilder();
        text.AppendLine("# What a call to log costs").AppendLine();
        text.AppendLine(machine).AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture,
            $"`dotnet run -c Release --project bench/LogPipeline.Benchmarks -- emit --rounds {rounds}`").AppendLine();
        text.AppendLine(CultureInfo.InvariantCulture, $"""
            The event: `{EmitTarget.Template}`, one property a number, and one property from an enricher, from the call of `Information`
            until it returns. {rounds} rounds of {EventsPerRound} events, all targets taking turns; each figure is the median over the rounds,
            "worst" the longest call of all rounds. Garbage and processor time are those of the whole process until all was written.
            Our sink's Temporal answers after 5 ms or ("away") refuses at once; nothing goes over a network.
            """).AppendLine();
        foreach (var threads in ThreadCounts)
        {
            text.AppendLine(CultureInfo.InvariantCulture, $"## {threads} thread{(threads == 1 ? "" : "s")}").AppendLine();
            text.AppendLine("| | p50 µs | mean µs | p99.9 µs | max µs | worst µs | B/event | CPU µs/event | dropped |");
            text.AppendLine("| --- | --- | --- | --- | --- | --- | --- | --- | --- |");
            foreach (var (name, _, measured, dropped) in results.Where(result => result.Threads == threads))
            {
                var m = EmitRound.Median(measured);
                text.AppendLine(CultureInfo.InvariantCulture,
                    $"| {name} | {m.P50:0.00} | {m.Mean:0.00} | {m.P999:0.0} | {m.Max:0} | {measured.Max(r => r.Max):0} | {m.Bytes:0} | "
                    + $"{m.Cpu:0.00} | {dropped} |");
            }
            text.AppendLine();
        }
        Goals(text, results);
        text.AppendLine("## Rendering, and the search for secrets in it").AppendLine();
        text.AppendLine("Making one record of one event, wherever that is done.").AppendLine();
        text.AppendLine("| | `LOG_REDACTION=off` ns | `names` ns | `formats` ns | `all` ns |");
        text.AppendLine("| --- | --- | --- | --- | --- |");
        foreach (var (name, nanoseconds) in rendering)
            text.AppendLine(CultureInfo.InvariantCulture, $"| {name} | {string.Join(" | ", nanoseconds.Select(time => $"{time:0}"))} |");
        text.AppendLine().AppendLine("## A million events in a burst").AppendLine();
        text.AppendLine("Goals: 1,000 events in 2 ms, 256 MB. A queue that stays full for the back-pressure time drops, and counts.")
            .AppendLine();
        text.AppendLine("| | 1,000 events ms | logged s | all written s | dropped | peak MB of the process |");
        text.AppendLine("| --- | --- | --- | --- | --- | --- |");
        text.AppendLine(burst);
        return text.ToString();
    }
}
