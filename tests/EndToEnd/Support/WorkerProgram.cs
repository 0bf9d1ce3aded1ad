using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Support;

/// <summary>The program <c>logworker</c>, in a process of its own.</summary>
static class WorkerProgram
{
    // The project reference puts the program beside the tests.
    public static readonly string Path = System.IO.Path.Combine(AppContext.BaseDirectory, "logworker.dll");

    /// <summary>Starts <c>logworker --daemon</c>. It polls soon; until then batches wait in Temporal.</summary>
    public static ChildProcess StartDaemon(string address, string logDirectory, IReadOnlyDictionary<string, string>? environment = null) =>
        ChildProcess.Start("dotnet", [Path, "--daemon"], With(environment, new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = address,
            ["LOG_DIRECTORY"] = logDirectory,
        }));

    /// <summary>Runs <c>logworker</c> with these arguments to its end.</summary>
    public static Task<ChildProcess> RunAsync(IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment =
        null, string? input = null, TimeSpan? waitMax = null) =>
        ChildProcess.RunAsync("dotnet", [Path, .. arguments], environment, input: input, waitMax: waitMax);

    static Dictionary<string, string> With(IReadOnlyDictionary<string, string>? environment, Dictionary<string, string> values)
    {
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) values[name] = value;
        return values;
    }
}
