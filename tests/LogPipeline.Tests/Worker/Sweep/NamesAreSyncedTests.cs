using System.Text.RegularExpressions;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Worker.Sweep;

/// <summary>
/// The order of the real writer's system calls: a new name is on the disk before what relies on it. No disk in memory shows whether
/// a directory's sync reaches the system at all, and no killed process shows that it is missing.
/// </summary>
public sealed partial class NamesAreSyncedTests : IDisposable
{
    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task ANewNameIsSyncedBeforeWhatReliesOnIt()
    {
        var missing = await StracedScript.MissingBecauseAsync();
        Skip.If(missing is not null, $"Not possible on this machine: {missing}");
        var directory = _folder.File("logs");
        await StracedScript.CountAsync(directory, _folder.File("acks"));

        // Directories with a name in them that is not synced yet, and what it is the name of.
        var open = new List<(string Directory, string Name)>();
        var (known, receipts, lines) = (new HashSet<string>(), 0, 0);
        foreach (var call in await File.ReadAllLinesAsync(_folder.File("acks.trace")))
        {
            if (Call().Match(call) is not { Success: true } match) continue;
            var path = match.Groups["path"].Value;
            // The log directory has a name too, in the folder above it.
            if (path != _folder.Path && !path.StartsWith(directory, StringComparison.Ordinal)) continue;
            switch (match.Groups["name"].Value)
            {
                case "mkdir":
                case "openat" when call.Contains("O_CREAT", StringComparison.Ordinal) && known.Add(path):
                    open.Add((Path.GetDirectoryName(path)!, Path.GetFileName(path)));
                    break;
                case "fsync":
                    open.RemoveAll(name => name.Directory == path);
                    break;
                case "pwrite64" or "write" when path.Contains("/receipts.", StringComparison.Ordinal):
                    receipts++;
                    open.Select(name => name.Name).Where(name => !name.StartsWith("receipts.", StringComparison.Ordinal))
                        .ShouldBeEmpty("A receipt says that lines are in files whose names a power cut takes.");
                    break;
                case "pwrite64" or "write" when path.EndsWith(".clef", StringComparison.Ordinal):
                    lines++;
                    open.Select(name => name.Name).Where(name => name == ".ledger" || name.StartsWith("intents.", StringComparison.Ordinal))
                        .ShouldBeEmpty("Lines are written, and a power cut takes the intents that say so.");
                    break;
            }
        }
        receipts.ShouldBeGreaterThan(0);
        lines.ShouldBeGreaterThan(0);
    }

    // The first path of a call, of its arguments or of its descriptor.
    [GeneratedRegex("""^\d+ +(?<name>\w+)\((?:AT_FDCWD[^,]*, |\d+)?[<"](?<path>/[^">]*)[">]""")]
    private static partial Regex Call();
}
