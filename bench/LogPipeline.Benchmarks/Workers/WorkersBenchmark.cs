using System.Diagnostics;
using System.Globalization;
using System.Text;
using LogPipeline.TestSupport;
using Temporalio.Client;

namespace LogPipeline.Benchmarks.Workers;

/// <summary>
/// The managed SDK's worker beside the official TypeScript SDK's on one real Temporal development server: the same
/// workflows, started by the same client, in turns. Each round measures each worker once in each setting, so that what
/// else the machine does meets both; the table shows medians over the rounds.
/// </summary>
static class WorkersBenchmark
{
    const int PayloadBytes = 2048;

    static readonly Setting[] Settings =
        [new(1, Locally: true), new(1, Locally: false), new(16, Locally: true), new(16, Locally: false)];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = arguments is ["--rounds", var text, ..] && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 7;
        if ((RealServers.MissingBecause ?? TypeScript.MissingBecause) is { } reason)
        {
            Console.Error.WriteLine(reason);
            return 1;
        }

        var machine = Machine.Describe();
        await TypeScript.InstallAsync();
        await using var temporal = await TemporalServer.StartNewAsync();
        await using var ours = ChildProcess.Start("dotnet", [typeof(WorkersBenchmark).Assembly.Location, "echo-worker", temporal.Address, "managed"]);
        await ours.LineAsync(line => line == "ready");
        await using var theirs = await TypeScript.StartWorkerAsync(temporal.Address, "typescript", "echo");
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        Contender[] contenders = [new("managed", ours), new("typescript", theirs)];

        foreach (var contender in contenders)
            foreach (var setting in Settings) await MeasureAsync(client, contender, setting);
        var measured = new List<Measurement>();
        for (var round = 0; round < rounds; round++)
            foreach (var setting in Settings)
                foreach (var contender in round % 2 == 0 ? contenders : [.. contenders.Reverse()])
                    measured.Add(await MeasureAsync(client, contender, setting));

        var report = Report(machine, rounds, contenders, measured);
        Console.Write(report);
        if (arguments.Contains("--keep")) await Results.KeepAsync("workers.md", report);
        return 0;
    }

    static async Task<Measurement> MeasureAsync(TemporalClient client, Contender contender, Setting setting)
    {
        var text = new string('x', PayloadBytes);
        var processor = contender.Worker.ProcessorTime;
        var start = Stopwatch.GetTimestamp();
        await Parallel.ForAsync(0, setting.Workflows, new ParallelOptions { MaxDegreeOfParallelism = setting.InFlight }, async (_, _) =>
        {
            var answer = await client.ExecuteWorkflowAsync(
                (EchoWorkflow w) => w.RunAsync(text, setting.Locally), new($"echo-{Guid.NewGuid():N}", contender.Queue));
            if (answer != text) throw new InvalidOperationException($"The {contender.Queue} worker gave back {answer.Length} characters, not the {text.Length} it was given.");
        });
        var elapsed = Stopwatch.GetElapsedTime(start);
        return new Measurement(contender.Queue, setting, setting.Workflows / elapsed.TotalSeconds,
            (contender.Worker.ProcessorTime - processor).TotalMilliseconds / setting.Workflows);
    }

    static string Report(string machine, int rounds, Contender[] contenders, List<Measurement> measured)
    {
        var text = new StringBuilder();
        text.Append($"# Workers: the managed SDK beside the official TypeScript SDK 1.24.0\n\n{machine}\n\n");
        text.Append($"Workflows that echo {PayloadBytes} bytes through one activity, on one real Temporal development server; medians of {rounds} rounds in turns.\n");
        text.Append("Client, server and both workers share the machine.\n\n");
        text.Append("| activity | in flight | managed, workflows/s | TypeScript, workflows/s | ratio | managed, CPU ms a workflow | TypeScript, CPU ms a workflow |\n");
        text.Append("| --- | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var setting in Settings)
        {
            var (ours, theirs) = (Of(contenders[0]), Of(contenders[1]));
            // The rounds' own ratios: the two runs of a round met the same machine.
            var ratio = Median(ours.Zip(theirs, (a, b) => a.PerSecond / b.PerSecond));
            text.Append($"| {(setting.Locally ? "local" : "normal")} | {setting.InFlight} | {Median(ours.Select(m => m.PerSecond)):f1} | {Median(theirs.Select(m => m.PerSecond)):f1} | {ratio:f2} ");
            text.Append($"| {Median(ours.Select(m => m.ProcessorMilliseconds)):f2} | {Median(theirs.Select(m => m.ProcessorMilliseconds)):f2} |\n");

            Measurement[] Of(Contender contender) => [.. measured.Where(m => m.Queue == contender.Queue && m.Setting == setting)];
        }
        text.Append($"\nResident memory at the end: {string.Join(", ", contenders.Select(c => $"{c.Queue} {c.Worker.ResidentBytes >> 20} MB"))}.\n");
        return text.ToString();
    }

    static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted.Length % 2 == 1 ? sorted[sorted.Length / 2] : (sorted[sorted.Length / 2 - 1] + sorted[sorted.Length / 2]) / 2;
    }

    sealed record Contender(string Queue, ChildProcess Worker);

    sealed record Setting(int InFlight, bool Locally)
    {
        public int Workflows => InFlight == 1 ? 60 : 320;
    }

    sealed record Measurement(string Queue, Setting Setting, double PerSecond, double ProcessorMilliseconds);
}
