using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>On the real disk a name is durable when the directory that it is in was synced.</summary>
public sealed class DirectorySyncTests : IDisposable
{
    readonly TempDirectory _folder = new();
    readonly List<string> _synced = [];

    public DirectorySyncTests() => UnixCalls.Synced = _synced;

    public void Dispose()
    {
        UnixCalls.Synced = null;
        _folder.Dispose();
    }

    [SkippableFact]
    public void EachDirectoryThatIsMadeIsSyncedIntoTheOneAboveIt()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no sync of a directory.");
        _ = new PhysicalDirectory(_folder.File("a", "b", "c"));
        _synced.ShouldBe([_folder.Path, _folder.File("a"), _folder.File("a", "b")], ignoreOrder: true);
        _synced.Clear();
        _ = new PhysicalDirectory(_folder.File("a", "b", "c"));
        _synced.ShouldBeEmpty();
    }

    [SkippableFact]
    public void ALogsNameAndAReplacedOneAreDurable()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no sync of a directory.");
        var directory = new PhysicalDirectory(_folder.Path);
        RecordLog.Open(directory, "log").Dispose();
        _synced.ShouldBe([_folder.Path]);
        _synced.Clear();
        directory.Replace("log", "other");
        _synced.ShouldBe([_folder.Path]);
    }

    [SkippableFact]
    public void ASpoolsSlotAndItsRefusedBatchesAreDurable()
    {
        Skip.If(OperatingSystem.IsWindows(), "Windows has no sync of a directory.");
        var root = new PhysicalDirectory(_folder.File("spool"));
        using var spool = new SpoolStore(root, JournalRig.Name, "test", JournalRig.Formatter);
        _synced.ShouldBe([_folder.Path, root.Path]);
        _synced.Clear();
        spool.TrySetAside(SomeFrozen.Batch(1)).ShouldNotBeNull();
        _synced.ShouldBe([root.Path, _folder.File("spool", "refused")]);
    }

    [SkippableFact]
    public void ASyncOfAFileAsksTheSystemAndAFileThatItRefusesIsNotTrustedAgain()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Elsewhere the runtime syncs files, and tells of fewer errors.");
        // A device that keeps nothing has nothing to sync, and says so.
        using var file = new PhysicalFile(new FileStream("/dev/null", FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite, bufferSize: 0), "/dev/null");
        Should.Throw<IOException>(file.Sync).Message.ShouldContain("fdatasync");
        file.IsSuspect.ShouldBeTrue();
    }
}
