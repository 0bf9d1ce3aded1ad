using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// An application with a sink, in a process of its own, that ends in a given way. Nothing but its end, or a flush, makes it send more than
/// its first event.
/// </summary>
sealed class EndingProgram(string source, string spool)
{
    // The project reference puts the program beside the tests.
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "TestProgram.dll");

    /// <summary>Starts it; it says "logged" once it has.</summary>
    public ChildProcess Start(string way, int count, string address, TimeSpan closeTimeout) =>
        // A test run in the background may ignore signals, and children inherit that.
        ChildProcess.Start("env", ["--default-signal=INT,HUP,TERM,QUIT", "dotnet", Program, "end", way, $"{count}"],
            new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = address,
            ["LOG_SOURCE"] = source,
            ["LOG_SPOOL_DIRECTORY"] = spool,
            ["LOG_BUFFER_SIZE"] = "100000",
            ["LOG_FLUSH_INTERVAL"] = "1h",
            ["LOG_START_TIMEOUT"] = "2m",
            ["LOG_CLOSE_TIMEOUT"] = $"{closeTimeout.TotalMilliseconds}ms",
            ["DOTNET_DbgEnableMiniDump"] = "0",
        });
}
