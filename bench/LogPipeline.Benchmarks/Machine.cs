using System.Diagnostics;
using System.Runtime.InteropServices;
using LogPipeline.TestSupport;

namespace LogPipeline.Benchmarks;

/// <summary>What a figure depends on beside the code: without this line it says little.</summary>
static class Machine
{
    /// <summary>To be called before the run, so that the load is that of others.</summary>
    public static string Describe() =>
        $"{Environment.ProcessorCount} cores ({Processor()}), {RuntimeInformation.OSDescription}, .NET {Environment.Version}, commit "
        + $"{Commit()}, {TimeProvider.System.GetUtcNow():yyyy-MM-dd}, load before the run {LoadBefore}";

    // Read once, at start: the run itself is load.
    static readonly string LoadBefore = File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    static string Processor()
    {
        const string file = "/proc/cpuinfo";
        if (!File.Exists(file)) return RuntimeInformation.ProcessArchitecture.ToString();
        var line = File.ReadLines(file).FirstOrDefault(text => text.StartsWith("model name", StringComparison.Ordinal));
        return line is null ? RuntimeInformation.ProcessArchitecture.ToString() : line[(line.IndexOf(':') + 1)..].Trim();
    }

    static string Commit()
    {
        var start =
            new ProcessStartInfo("git") { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = Repository.Root };
        foreach (var argument in new[] { "describe", "--always", "--dirty" }) start.ArgumentList.Add(argument);
        try
        {
            using var git = Process.Start(start)!;
            var text = git.StandardOutput.ReadToEnd().Trim();
            git.WaitForExit();
            return git.ExitCode == 0 ? text : "unknown";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "unknown (no git here)";
        }
    }
}
