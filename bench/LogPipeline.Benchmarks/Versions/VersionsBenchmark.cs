using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks.Versions;

/// <summary>
/// The whole way (<c>end-to-end</c>) of an earlier version beside this one's: each round runs both benchmark programs, in turns
/// of order, so that what else the machine does meets both. Medians over the rounds, and the median of the rounds' ratios.
/// </summary>
static class VersionsBenchmark
{
    static readonly TimeSpan RoundMax = TimeSpan.FromMinutes(15);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        if (arguments is not ["--before", var before, ..])
        {
            Console.Error.WriteLine(
                "versions takes --before DIRECTORY: where the earlier version's LogPipeline.Benchmarks.dll is, built in Release.");
            return 2;
        }
        var rounds = arguments is [_, _, "--rounds", var text, ..] && int.TryParse(text, out var given) && given > 0 ? given : 5;
        var earlier = Path.GetFullPath("LogPipeline.Benchmarks.dll", Path.GetFullPath(before));
        if (!File.Exists(earlier))
        {
            Console.Error.WriteLine($"{earlier} does not exist; build the earlier version's bench/LogPipeline.Benchmarks in Release and "
                + $"name its output folder.");
            return 2;
        }

        var machine = Machine.Describe();
        var measured = new List<(string Name, double Before, double Now)>();
        for (var round = 0; round < rounds; round++)
        {
            var of = new Dictionary<string, IReadOnlyList<(string Name, double Value)>>();
            foreach (var program in round % 2 == 0 ? [earlier, Now] : new[] { Now, earlier }) of[program] = await FiguresAsync(program);
            measured.AddRange(of[earlier].Join(of[Now], figure => figure.Name, figure => figure.Name, (a, b) =>
                (a.Name, a.Value, b.Value)));
            Console.WriteLine($"Round {round + 1} of {rounds} is done.");
        }

        var report = Report(machine, rounds, measured);
        Console.Write(report);
        if (arguments.Contains("--keep")) await Results.KeepAsync("versions.md", report);
        return 0;
    }

    static string Now => Path.Combine(AppContext.BaseDirectory, "LogPipeline.Benchmarks.dll");

    static async Task<IReadOnlyList<(string Name, double Value)>> FiguresAsync(string program)
    {
        await using var run = ChildProcess.Start("dotnet", [program, "end-to-end"]);
        await run.EndAsync(RoundMax);
        if (run.ExitCode != 0) throw new InvalidOperationException($"{program} ended with {run.ExitCode}: {run.Everything}");
        return [.. PrintedTable.Read(run.Output)];
    }

    static string Report(string machine, int rounds, List<(string Name, double Before, double Now)> measured)
    {
        var text = new StringBuilder();
        text.Append($"# The version before beside this one\n\n{machine}\n\n");
        text.Append($"`dotnet run -c Release --project bench/LogPipeline.Benchmarks -- versions --before DIRECTORY --keep`: `end-to-end` "
            + $"of both, {rounds} rounds in turns; ");
        text.Append("medians, the median of the rounds' ratios, and the lowest and highest ratio.\n\n");
        text.Append("| | before | now | ratio | from | to |\n| --- | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var figure in measured.GroupBy(each => each.Name))
        {
            double[] ratios = [.. figure.Where(each => each.Before > 0).Select(each => each.Now / each.Before)];
            if (ratios.Length == 0) continue;
            text.Append(
                $"| {figure.Key} | {Median(figure.Select(each => each.Before)):f1} | {Median(figure.Select(each => each.Now)):f1} ");
            text.Append($"| {Median(ratios):f2} | {ratios.Min():f2} | {ratios.Max():f2} |\n");
        }
        return text.ToString();
    }
}
