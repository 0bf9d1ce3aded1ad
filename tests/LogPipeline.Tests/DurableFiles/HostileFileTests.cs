using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>What others may have put in the place of a file. A call that hangs fails its test.</summary>
public sealed class HostileFileTests : IDisposable
{
    static readonly TimeSpan Soon = TimeSpan.FromSeconds(20);

    readonly TempDirectory _folder = new();

    public void Dispose() => _folder.Dispose();

    public static TheoryData<Intruder, StoreOpen> EachWay()
    {
        var ways = new TheoryData<Intruder, StoreOpen>();
        foreach (var intruder in Enum.GetValues<Intruder>())
            foreach (var how in Enum.GetValues<StoreOpen>())
                ways.Add(intruder, how);
        return ways;
    }

    [SkippableTheory, MemberData(nameof(EachWay))]
    public async Task WhatIsNoFileIsNotOpenedAndNotWaitedFor(Intruder intruder, StoreOpen how)
    {
        Intruders.Put(intruder, _folder.File("a"));
        await Task.Run(() => Should.Throw<IOException>(() => Directory.Open("a", how))).WaitAsync(Soon);
        await Task.Run(() => Directory.Exists("a")).WaitAsync(Soon);
        Directory.EntryOf("a").ShouldNotBe(StoreEntry.File);
    }

    [SkippableTheory, MemberData(nameof(Each))]
    public async Task WhatIsNoFileIsNotOwned(Intruder intruder)
    {
        Intruders.Put(intruder, _folder.File("owner"));
        var refused = await Task.Run(() => Should.Throw<IOException>(() => Directory.Own("me"))).WaitAsync(Soon);
        refused.ShouldNotBeOfType<DirectoryOwnedException>();
        refused.Message.ShouldContain(_folder.File("owner"));
        (await Task.Run(() => Directory.IsOwned).WaitAsync(Soon)).ShouldBeTrue();
    }

    public static TheoryData<Intruder> Each() => [.. Enum.GetValues<Intruder>()];

    [SkippableFact]
    public void TheFileThatALinkCalledOwnerLeadsToIsNotTruncated()
    {
        var precious = _folder.File("precious");
        File.WriteAllText(precious, "all I have");
        File.CreateSymbolicLink(_folder.File("owner"), precious);
        Should.Throw<IOException>(() => Directory.Own("me")).Message.ShouldContain("symbolic link");
        File.ReadAllText(precious).ShouldBe("all I have");
    }

    [SkippableFact]
    public void AFileWithAnotherNameIsLockedAndNotTruncated()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Names are counted on Linux.");
        var precious = _folder.File("precious");
        File.WriteAllText(precious, "all I have");
        Run("ln", precious, _folder.File("owner"));
        using (Directory.Own("me")) Should.Throw<DirectoryOwnedException>(() => Directory.Own("another"));
        File.ReadAllText(precious).ShouldBe("all I have");
    }

    [SkippableTheory]
    [InlineData("0666", StoreOpen.Read)]
    [InlineData("0602", StoreOpen.Existing)]
    [InlineData("0666", StoreOpen.ExistingOrNew)]
    public void APrivateFileThatEveryUserMayWriteIsRefused(string mode, StoreOpen how)
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Modes are read on Linux.");
        File.WriteAllText(_folder.File("a"), "x");
        Run("chmod", mode, _folder.File("a"));
        Should.Throw<UnauthorizedAccessException>(() => Private.Open("a", how)).Message
            .ShouldContain($"Every user may write {_folder.File("a")} (mode {mode})");
        Directory.Open("a", how).Dispose();
    }

    [SkippableTheory]
    [InlineData(StoreOpen.Read)]
    [InlineData(StoreOpen.Existing)]
    public void APrivateFileOfAnotherUserIsRefused(StoreOpen how)
    {
        Skip.IfNot(Environment.IsPrivilegedProcess && OperatingSystem.IsLinux(), "Only root can give a file away.");
        File.WriteAllText(_folder.File("a"), "x");
        Run("chown", "12345", _folder.File("a"));
        Should.Throw<UnauthorizedAccessException>(() => Private.Open("a", how)).Message
            .ShouldBe($"{_folder.File("a")} belongs to another user (uid 12345; this process runs as uid 0).");
        Should.Throw<UnauthorizedAccessException>(() => Rename("a", "owner").Own("me"));
    }

    [SkippableFact]
    public void APrivateDirectoryInWhichEveryUserMayWriteIsRefusedAndOneOfTheGroupIsMadePrivate()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Modes are read on Linux.");
        Run("mkdir", "-m", "0777", _folder.File("all"));
        Run("mkdir", "-m", "0770", _folder.File("group"));
        Should.Throw<UnauthorizedAccessException>(() => Private.Directory("all")).Message
            .ShouldContain("Every user may write");
        Private.Directory("group");
        if (!OperatingSystem.IsWindows())
            File.GetUnixFileMode(_folder.File("group")).ShouldBe((UnixFileMode)0b111_000_000);
    }

    [SkippableFact]
    public void AFileThatAnotherHasIsStillNotOpened()
    {
        Skip.IfNot(OperatingSystem.IsLinux(), "Locks are the system's.");
        using (new FileStream(_folder.File("a"), FileMode.Create, FileAccess.Write, FileShare.None))
            Should.Throw<IOException>(() => Directory.Open("a", StoreOpen.Existing)).Message
                .ShouldContain("another process");
        using var file = Directory.Open("a", StoreOpen.Existing);
        Should.Throw<IOException>(() =>
            new FileStream(_folder.File("a"), FileMode.Open, FileAccess.Read, FileShare.None));
    }

    PhysicalDirectory Directory => new(_folder.Path);

    PhysicalDirectory Private => new(_folder.Path, isPrivate: true);

    PhysicalDirectory Rename(string name, string other)
    {
        File.Move(_folder.File(name), _folder.File(other));
        return Private;
    }

    static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        process.ExitCode.ShouldBe(0);
    }
}
