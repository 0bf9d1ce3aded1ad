using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Cli;

/// <summary>What a running program does when it is told to end, by each signal that people and service managers send.</summary>
public sealed class EachSignalTests : IDisposable
{
    const string Running = "cannot be reached";
    const string Serving = "127.0.0.1:";

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task APersonAndAServiceManagerEndAProgramAlike()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no signals.");
        (string Arguments, string Says, Action<ChildProcess> Signal, int ExitCode, string Then)[] rows =
        [
            ("--daemon", Running, process => process.Terminate(), 0, "Stopped: 0 batches"),
            ("--daemon", Running, process => process.Interrupt(), 0, "Stopped: 0 batches"),
            ("--daemon", Running, process => process.Quit(), 0, "Stopped: 0 batches"),
            ("", Running, process => process.Interrupt(), 0, "Stopped: 0 batches"),
            // It was stopped before it knew whether anything is left.
            ("--once", Running, process => process.Terminate(), 1, "Stopped: 0 batches"),
            ("--once", Running, process => process.Interrupt(), 1, "Stopped: 0 batches"),
            ("server --port 0", Serving, process => process.Terminate(), 0, ""),
            ("server --port 0", Serving, process => process.Interrupt(), 0, ""),
        ];
        // Each takes a second to start.
        await Task.WhenAll(rows.Select(async (row, i) =>
        {
            // A test run in the background may ignore signals, and children inherit that.
            await using var process = ChildProcess.Start("env", ["--default-signal=INT,HUP,TERM,QUIT", "dotnet",
                typeof(LogPipeline.Worker.Hosting.LogWorkerOptions).Assembly.Location,
                .. row.Arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries)],
                new Dictionary<string, string> { ["LOG_DIRECTORY"] = _directory.File($"{i}"), ["TEMPORAL_ADDRESS"] = "127.0.0.1:1" },
                _directory.Path);
            await process.LineAsync(line => line.Contains(row.Says, StringComparison.Ordinal));
            row.Signal(process);
            await process.EndAsync();
            process.ExitCode.ShouldBe(row.ExitCode, $"{row.Arguments}, row {i}: {process.Everything}");
            process.Everything.ShouldContain(row.Then);
            process.Everything.ShouldNotContain("   at ", Case.Sensitive, "A stack is no sentence.");
        }));
    }
}
