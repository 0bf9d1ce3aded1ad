using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Worker.Sweep;

/// <summary>
/// The canonical run of tests/TestProgram under strace. Only calls on the log directory and what lies in it count, so the
/// runtime's own do not. The process has one thread for all of them: strace numbers calls by thread.
/// </summary>
static partial class StracedScript
{
    /// <summary>All that changes the disk, opens what does, or takes the directory.</summary>
    public static readonly string[] Calls =
        ["openat", "mkdir", "flock", "pwrite64", "write", "fsync", "fdatasync", "ftruncate", "fallocate", "rename", "unlink"];

    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "TestProgram.dll");

    static readonly Dictionary<string, string> OneThread = new()
    {
        ["DOTNET_PROCESSOR_COUNT"] = "1",
        ["DOTNET_ThreadPool_ForceMaxWorkerThreads"] = "1",
        ["DOTNET_TieredPGO"] = "0",
        ["DOTNET_EnableDiagnostics"] = "0",
        ["DOTNET_DbgEnableMiniDump"] = "0",
    };

    /// <summary>Why there can be no sweep here; null: there can.</summary>
    public static async Task<string?> MissingBecauseAsync()
    {
        try
        {
            await using var tried = await ChildProcess.RunAsync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]);
            return tried.ExitCode == 0 ? null : $"strace may not trace here: {tried.Errors}";
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return "strace is not here (Debian package strace).";
        }
    }

    /// <summary>A run that nothing befalls: how often each call is made, and all paths, relative to the directory.</summary>
    public static async Task<(IReadOnlyList<(string Call, int Count)> Calls, IReadOnlyList<string> Paths)> CountAsync(
        string directory, string acks)
    {
        var trace = acks + ".trace";
        await using var run = await ChildProcess.RunAsync("strace",
            ["-f", "-qq", "-y", "-s", "0", "-o", trace, "-e", $"trace={string.Join(',', Calls)}", "dotnet", Program, "write-script",
                directory, acks], OneThread);
        run.ExitCode.ShouldBe(0, run.Everything);
        var counts = new Dictionary<string, int>();
        var threads = new HashSet<string>();
        var paths = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var line in await File.ReadAllLinesAsync(trace))
        {
            if (Traced().Match(line) is not { Success: true } call) continue;
            string[] named = [.. Paths().Matches(call.Groups["arguments"].Value).Select(path => path.Groups["path"].Value)
                .Where(path => path == directory || path.StartsWith(directory + "/", StringComparison.Ordinal))];
            if (named.Length == 0) continue;
            counts[call.Groups["name"].Value] = counts.GetValueOrDefault(call.Groups["name"].Value) + 1;
            threads.Add(call.Groups["thread"].Value);
            foreach (var path in named) paths.Add(Path.GetRelativePath(directory, path));
        }
        threads.Count.ShouldBe(1, "Calls cannot be numbered when several threads make them.");
        return ([.. Calls.Where(counts.ContainsKey).Select(name => (name, counts[name]))], [.. paths]);
    }

    /// <summary>A run with a fault in one call. False: the call was never made.</summary>
    public static async Task<bool> BreakAsync(SweepPoint point, string directory, string acks, IEnumerable<string> paths)
    {
        var trace = acks + ".trace";
        List<string> arguments = ["-f", "-qq", "-s", "0", "-o", trace, "-e", $"trace={point.Call}"];
        foreach (var path in paths) arguments.AddRange(["-P", Path.GetFullPath(path, directory)]);
        arguments.AddRange(["-e", string.Create(CultureInfo.InvariantCulture, $"inject={point.Call}:{point.Fault}:when={point.Number}"),
            "dotnet", Program, "write-script", directory, acks]);
        await using var run = await ChildProcess.RunAsync("strace", arguments, OneThread, waitMax: TimeSpan.FromMinutes(2));
        var text = await File.ReadAllTextAsync(trace);
        return text.Contains(point.Fault == SweepPoint.Kill ? "+++ killed by SIGKILL +++" : "(INJECTED)", StringComparison.Ordinal);
    }

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\((?<arguments>.*?)(?: = [^=]*)?$")]
    private static partial Regex Traced();

    [GeneratedRegex("""[<"](?<path>/[^">]*?)(?: \(deleted\))?[">]""")]
    private static partial Regex Paths();
}
