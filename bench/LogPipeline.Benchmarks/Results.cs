using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks;

/// <summary>Where results that documents quote are kept.</summary>
static class Results
{
    public static async Task KeepAsync(string name, string report)
    {
        var file = Repository.PathOf("bench", "results", name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        await File.WriteAllTextAsync(file, report);
        Console.WriteLine($"\nKept in {Path.GetRelativePath(Repository.Root, file)}.");
    }
}
