using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>Lines of real logs, one of each file in turn.</summary>
static class BenchmarkLines
{
    public static IReadOnlyList<(string Channel, string Line)> Read()
    {
        var folder = Path.Combine(Repository.Shared, "data", "loghub");
        var files = Directory.GetFiles(folder, "*_2k.log").Order(StringComparer.Ordinal)
            .Select(path => (Channel: Path.GetFileName(path).Replace("_2k.log", "", StringComparison.Ordinal)
                .ToLowerInvariant(), Lines: File.ReadAllText(path).Split('\n')))
            .ToArray();
        return [.. Enumerable.Range(0, 2_000).SelectMany(i => files.Where(f => i < f.Lines.Length).Select(f => (f.Channel, f.Lines[i])))];
    }
}
