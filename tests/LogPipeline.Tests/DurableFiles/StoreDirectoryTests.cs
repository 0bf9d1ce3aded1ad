using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.DurableFiles;

public sealed class StoreDirectoryTests
{
    [Theory, OnBothStores]
    public void AFileIsWrittenAndReadAtOffsets(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        using var file = store.Directory.Open("a", StoreOpen.New);
        file.Write("hello world"u8, 0);
        file.Write("W"u8, 6);
        file.Length.ShouldBe(11);
        var buffer = new byte[10];
        file.Read(buffer, 6).ShouldBe(5);
        buffer.AsSpan(0, 5).SequenceEqual("World"u8).ShouldBeTrue();
        file.Read(buffer, 11).ShouldBe(0);
        file.SetLength(3);
        file.Length.ShouldBe(3);
    }

    [Theory, OnBothStores]
    public void OpeningSaysWhatIsMissingOrInTheWay(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        Should.Throw<FileNotFoundException>(() => store.Directory.Open("a", StoreOpen.Read));
        Should.Throw<FileNotFoundException>(() => store.Directory.Open("a", StoreOpen.Existing));
        store.Directory.Open("a", StoreOpen.New).Dispose();
        Should.Throw<IOException>(() => store.Directory.Open("a", StoreOpen.New));
        using var reader = store.Directory.Open("a", StoreOpen.Read);
        Should.Throw<UnauthorizedAccessException>(() => reader.Write("x"u8, 0));
    }

    [Theory, OnBothStores]
    public void NamesAreListedInOrderAndFilesApartFromDirectories(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        foreach (var name in (string[])["b", "B", "a.1", "a"]) store.Directory.Open(name, StoreOpen.New).Dispose();
        store.Directory.Directory("sub").WriteAll("inner", "x"u8);
        store.Directory.List().ShouldBe(["B", "a", "a.1", "b"]);
        store.Directory.ListDirectories().ShouldBe(["sub"]);
        store.Directory.Directory("sub").List().ShouldBe(["inner"]);
        store.Directory.Exists("a").ShouldBeTrue();
        store.Directory.Exists("sub").ShouldBeFalse();
    }

    [Theory, OnBothStores]
    public void AReplacedFileHoldsTheNewContentUnderTheOldName(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        store.Directory.WriteAll("a", "old"u8);
        store.Directory.WriteAll("a.new", "new"u8);
        store.Directory.Replace("a.new", "a");
        store.Directory.List().ShouldBe(["a"]);
        store.Directory.ReadAll("a").ShouldBe("new"u8.ToArray());
        store.Directory.Delete("a");
        store.Directory.Delete("a");
        store.Directory.List().ShouldBeEmpty();
    }

    [Theory, OnBothStores]
    public void ANameThatLeadsElsewhereIsRefused(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        foreach (var name in (string[])["", ".", "..", "../a", "a/b", "a\\b", "a\0"])
            Should.Throw<ArgumentException>(() => store.Directory.Open(name, StoreOpen.ExistingOrNew));
    }

    [Theory, OnBothStores]
    public void ASecondOwnerIsToldWhoTheFirstIs(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        var first = store.Directory.Own("logworker, pid 12 on host-a");
        var refused = Should.Throw<DirectoryOwnedException>(() => store.Directory.Own("logworker, pid 13 on host-a"));
        refused.Owner.ShouldBe("logworker, pid 12 on host-a");
        refused.Message.ShouldContain("pid 12 on host-a");
        first.Dispose();
        store.Directory.Own("logworker, pid 13 on host-a").Dispose();
    }

    [SkippableTheory]
    [InlineData(StoreOpen.Read)]
    [InlineData(StoreOpen.Existing)]
    [InlineData(StoreOpen.ExistingOrNew)]
    [InlineData(StoreOpen.New)]
    public void NoLinkIsFollowedHoweverItIsOpened(StoreOpen how)
    {
        Skip.If(OperatingSystem.IsWindows(), "Links need privileges on Windows.");
        using var elsewhere = new TempDirectory();
        File.WriteAllText(elsewhere.File("target"), "kept");
        using var store = TestStore.Of(StoreKind.Disk);
        File.CreateSymbolicLink(Path.Combine(store.Directory.Path, "file"), elsewhere.File("target"));
        Directory.CreateSymbolicLink(Path.Combine(store.Directory.Path, "directory"), elsewhere.Path);
        Should.Throw<IOException>(() => store.Directory.Open("file", how));
        Should.Throw<IOException>(() => store.Directory.Directory("directory"));
        File.ReadAllText(elsewhere.File("target")).ShouldBe("kept");
    }

    [SkippableFact]
    public void FilesAreForOwnerAndGroupAlone()
    {
        if (OperatingSystem.IsWindows()) throw new SkipException("Windows has no Unix modes.");
        using var store = TestStore.Of(StoreKind.Disk);
        var sub = store.Directory.Directory("sub");
        sub.WriteAll("a", "x"u8);
        const UnixFileMode others = UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute | UnixFileMode.GroupWrite;
        (File.GetUnixFileMode(sub.Path) & others).ShouldBe(UnixFileMode.None);
        (File.GetUnixFileMode(Path.Combine(sub.Path, "a")) & others).ShouldBe(UnixFileMode.None);
    }

    [SkippableFact]
    public void AFullDiskIsAnError()
    {
        Skip.IfNot(File.Exists("/dev/full"), "Only Linux has /dev/full.");
        using var full = new PhysicalFile(new FileStream("/dev/full", FileMode.Open, FileAccess.ReadWrite,
            FileShare.ReadWrite, bufferSize: 0), "/dev/full");
        Should.Throw<IOException>(() => full.Write("x"u8, 0)).HResult.ShouldBe(28);
    }
}
