using System.Text.RegularExpressions;

namespace TemporalDevServer.Tests.Journal;

/// <summary>
/// What the program asks of the real disk, as strace sees it: the in-memory disk does not know whether the physical one
/// syncs.
/// </summary>
public sealed partial class DiskOrderTests : IDisposable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "temporal-dev-server.dll");

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task ANameIsSyncedAfterItWasMadeAndContentBeforeItGetsItsName()
    {
        await SkipIfImpossibleAsync();
        var (directory, trace) = (_folder.File("db"), _folder.File("trace"));
        // -D: what is started is the server, and strace its child.
        const string calls = "trace=openat,rename,fsync,fdatasync";
        string[] arguments = ["-D", "-f", "-q", "-y", "-s", "0", "-o", trace, "-e", calls, "dotnet", Program];
        await using var server = ChildProcess.Start(
            "strace", [.. arguments, "--port", "0", "--db-filename", directory]);
        await server.LineAsync(line => line.Contains(" at 127.0.0.1:", StringComparison.Ordinal));
        // Its last snapshot is made when it stops.
        (await server.StopAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        var lines = await Eventually.GetAsync(
            () => File.ReadAllLinesAsync(trace), EndsWithItsFirstThread, TimeSpan.FromSeconds(30));

        HashSet<string> unsyncedNames = [], synced = [];
        HashSet<string> renamed = [];
        var renames = 0;
        foreach (var line in lines)
        {
            if (Call().Match(line) is not { Success: true } call) continue;
            var paths = Paths().Matches(call.Groups["arguments"].Value).Select(
                path => path.Groups["path"].Value).ToArray();
            if (paths.Length == 0 || !paths[^1].StartsWith(directory, StringComparison.Ordinal)) continue;
            var (thread, name) = (call.Groups["thread"].Value, Path.GetFileName(paths[^1]));
            switch (call.Groups["name"].Value)
            {
                case "openat" when line.Contains("O_CREAT", StringComparison.Ordinal) && name != "owner":
                    unsyncedNames.Add(name);
                    break;
                case "fsync" when paths[0] == directory:
                    unsyncedNames.Clear();
                    renamed.Remove(thread);
                    break;
                case "fsync" or "fdatasync":
                    // The first is the header's; what follows is something to be answered for, and lies under a name.
                    if (!synced.Add(name)) unsyncedNames.ShouldNotContain(name, line);
                    renamed.ShouldNotContain(thread, line);
                    break;
                case "rename":
                    renames++;
                    synced.ShouldContain(Path.GetFileName(paths[0]), line);
                    renamed.Add(thread);
                    break;
            }
        }
        unsyncedNames.ShouldBeEmpty();
        renamed.ShouldBeEmpty();
        renames.ShouldBeGreaterThanOrEqualTo(2);
        Directory.GetFiles(directory, "journal-*").ShouldNotBeEmpty();
    }

    static bool EndsWithItsFirstThread(string[] lines) =>
        lines.Length > 0
            && lines[^1].Contains("+++ exited", StringComparison.Ordinal)
            && lines[^1].Split(' ')[0] == lines[0].Split(' ')[0];

    static async Task SkipIfImpossibleAsync()
    {
        try
        {
            await using var tried = await ChildProcess.RunAsync("strace", ["-f", "-qq", "-o", "/dev/null", "true"]);
            Skip.If(tried.ExitCode != 0, $"Not possible on this machine: strace may not trace here: {tried.Errors}");
        }
        catch (System.ComponentModel.Win32Exception e)
        {
            throw new SkipException("Not possible on this machine: strace is not here (Debian package strace).", e);
        }
    }

    [GeneratedRegex(@"^(?<thread>\d+) +(?<name>\w+)\((?<arguments>.*)$")]
    private static partial Regex Call();

    [GeneratedRegex("""[<"](?<path>/[^">]*?)(?: \(deleted\))?[">]""")]
    private static partial Regex Paths();
}
