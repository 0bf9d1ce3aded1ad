using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using Xunit.Abstractions;

namespace LogPipeline.Tests.Worker;

/// <summary>Real file systems that are full, read-only or gone while batches are being written.</summary>
public sealed class DiskTroubleTests(ITestOutputHelper output)
{
    static readonly int Rounds = LongRuns.Choose(3, 20);

    // Far more than the ten seconds that are promised: what was measured is printed, and machines are slow.
    static readonly TimeSpan ResumesWithin = TimeSpan.FromSeconds(60);

    [SkippableTheory]
    [InlineData(0)]
    [InlineData(2 << 20)]
    public async Task ADiskThatIsFilledAndFreedUnderLoadLosesAndRepeatsNothing(long keptFree)
    {
        using var disk = MountedDisk.OfBytes(48 << 20);
        await using var load = new DiskLoad(disk.File("logs"),
            new LogWriterOptions { FreeBytesMin = keptFree, IntentBytesMax = 256 << 10, FileBytesMax = 1 << 20 });
        await load.UntilWrittenAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            await load.UntilTroubleAsync(disk.Fill);
            load.Readiness.Trouble!.Path.ShouldBe(disk.File("logs"));
            disk.Free();
            Resumed(round, await load.UntilWrittenAsync());
        }
        await load.EndAsync();
        ShouldHoldAll(load);
        load.ChangedFiles.ShouldBe(0);
    }

    [SkippableFact]
    public async Task ADiskThatBecomesReadOnlyAndWritableAgainLosesAndRepeatsNothing()
    {
        using var disk = MountedDisk.OfBytes(48 << 20);
        // Each batch needs a new file, so that the first behind the change meets it.
        await using var load = new DiskLoad(disk.File("logs"),
            new LogWriterOptions { FreeBytesMin = 0, IntentBytesMax = 64 << 10, FileBytesMax = 1 });
        await load.UntilWrittenAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            disk.MakeReadOnly(disk.File("logs"));
            await load.UntilTroubleAsync();
            load.Readiness.Trouble!.Reason.ShouldContain("Read-only", Case.Insensitive);
            disk.MakeWritable();
            Resumed(round, await load.UntilWrittenAsync());
        }
        await load.EndAsync();
        ShouldHoldAll(load);
    }

    [SkippableFact]
    public async Task ADiskThatIsUnmountedIsWaitedForAndNothingIsWrittenInItsPlace()
    {
        using var disk = MountedDisk.OfBytes(1 << 20);
        var logs = disk.File("logs");
        Directory.CreateDirectory(logs);
        using var inner = MountedDisk.Over(logs, 48 << 20);
        await using var load = new DiskLoad(logs, new LogWriterOptions { FreeBytesMin = 0 });
        await load.UntilWrittenAsync();
        inner.Unmount();
        await load.UntilTroubleAsync();
        load.Readiness.Trouble!.Reason.ShouldContain("unmounted");
        Directory.GetFileSystemEntries(logs).ShouldBeEmpty();
        // What is mounted there later is another disk, empty; the directory on it is one that somebody has made a log directory.
        inner.Mount();
        Directory.CreateDirectory(Path.Combine(logs, LedgerFiles.DirectoryName));
        Resumed(1, await load.UntilWrittenAsync());
        await load.EndAsync();
        load.Verify().IsClean.ShouldBeTrue();
    }

    [SkippableFact]
    public async Task ALogDirectoryThatIsRemovedUnderLoadIsMadeAgain()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Only Linux lets a directory go that is in use.");
        using var folder = new TempDirectory();
        await using var load = new DiskLoad(folder.File("logs"), new LogWriterOptions { FileBytesMax = 4096 });
        await load.UntilWrittenAsync();
        for (var round = 1; round <= Rounds; round++)
        {
            // New files may come into a directory while it is emptied.
            await Eventually.TrueAsync(() =>
                Task.FromResult(TryRemove(folder.File("logs"))), TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(1));
            Resumed(round, await load.UntilWrittenAsync());
        }
        await load.EndAsync();
        var report = load.Verify();
        report.IsClean.ShouldBeTrue(string.Join('\n', report.Examples));
        report.Records.ShouldBeGreaterThan(0);
    }

    static bool TryRemove(string path)
    {
        try
        {
            Directory.Delete(path, recursive: true);
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    void Resumed(int round, TimeSpan took)
    {
        output.WriteLine($"round {round}: written again after {took.TotalSeconds:f2} s");
        took.ShouldBeLessThan(ResumesWithin);
    }

    static void ShouldHoldAll(DiskLoad load)
    {
        var report = load.Verify();
        report.IsClean.ShouldBeTrue(string.Join('\n', report.Examples));
        (report.Records, report.Removed).ShouldBe((load.Written, 0));
    }
}
