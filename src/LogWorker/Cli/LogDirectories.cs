using LogPipeline.Worker.Files;

namespace LogPipeline.Worker.Cli;

/// <summary>The log directories that a verb looks at.</summary>
static class LogDirectories
{
    /// <summary>LOG_DIRECTORY, by the settings; else <c>logs</c>.</summary>
    public static string Configured(IReadOnlyDictionary<string, string> variables) =>
        variables.GetValueOrDefault("LOG_DIRECTORY", "logs");

    /// <summary>
    /// The directory, and those of workers that were given a name. Beside them the directory itself has files only if a worker
    /// without one was there.
    /// </summary>
    public static IEnumerable<string> WithWorkers(string path)
    {
        string[] workers =
            [.. new DirectoryInfo(path).EnumerateDirectories().Where(directory => directory.LinkTarget is null)
                .Select(directory => Path.Combine(path, directory.Name)).Where(HasLedger).Order(StringComparer.Ordinal)];
        return workers.Length > 0 && !HasLedger(path) ? workers : [path, .. workers];
    }

    /// <returns>What to say when there is none; null: there is.</returns>
    public static string? WhyMissing(string path) => Directory.Exists(path) ? null
        : $"There is no directory '{path}'; name the worker's with --directory or LOG_DIRECTORY.";

    static bool HasLedger(string path) => Directory.Exists(Path.Combine(path, LedgerFiles.DirectoryName));
}
