using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Support;

/// <summary>An application that logs, in a process of its own; see tests/TestProgram.</summary>
static class HostProgram
{
    // The project reference puts the program beside the tests.
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "TestProgram.dll");

    public static ChildProcess Start(string address, string spoolDirectory, string source, IEnumerable<string> arguments,
        IReadOnlyDictionary<string, string>? environment = null)
    {
        var all = new Dictionary<string, string>(environment ?? new Dictionary<string, string>())
        {
            ["TEMPORAL_ADDRESS"] = address,
            ["LOG_SPOOL_DIRECTORY"] = spoolDirectory,
            ["LOG_SOURCE"] = source,
        };
        return ChildProcess.Start("dotnet", [Program, .. arguments], all);
    }
}
