using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.DurableFiles;

public sealed class InMemoryDiskTests
{
    readonly InMemoryDisk _disk = new();

    [Fact]
    public void APowerCutLeavesWhatWasSynced()
    {
        var file = _disk.Root.Open("a", StoreOpen.New);
        file.Write("synced"u8, 0);
        file.Sync();
        _disk.Root.Sync();
        file.Write(" and not"u8, 6);
        _disk.Root.Open("b", StoreOpen.New).Sync();
        _disk.Restart(StoreCrash.PowerCut);
        _disk.Root.List().ShouldBe(["a"]);
        _disk.Root.ReadAll("a").ShouldBe("synced"u8.ToArray());
    }

    [Fact]
    public void AKilledProcessLeavesWhatWasWritten()
    {
        _disk.Root.Open("a", StoreOpen.New).Write("written"u8, 0);
        _disk.Restart(StoreCrash.Killed);
        _disk.Root.ReadAll("a").ShouldBe("written"u8.ToArray());
    }

    [Fact]
    public void AWriteIsTornWhereTheFaultSays()
    {
        var file = _disk.Root.Open("a", StoreOpen.New);
        _disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.Crash, 3) : null;
        Should.Throw<StoreCrashedException>(() => file.Write("torn"u8, 0));
        Should.Throw<StoreCrashedException>(() => file.Length);
        Should.Throw<StoreCrashedException>(() => _disk.Root.List());
        _disk.Restart(StoreCrash.Killed);
        _disk.Root.ReadAll("a").ShouldBe("tor"u8.ToArray());
    }

    [Fact]
    public void AFileWhoseSyncFailedTakesNothingMore()
    {
        var file = _disk.Root.Open("a", StoreOpen.New);
        _disk.Root.Sync();
        file.Write("lost"u8, 0);
        _disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        Should.Throw<IOException>(file.Sync).HResult.ShouldBe(5);
        _disk.Fault = null;
        file.IsSuspect.ShouldBeTrue();
        Should.Throw<IOException>(file.Sync);
        Should.Throw<IOException>(() => file.Write("x"u8, 0));
        file.Dispose();

        // Another handle is told that all is well, as the system would; the bytes are gone all the same.
        using (var again = _disk.Root.Open("a", StoreOpen.Existing)) again.Sync();
        _disk.Restart(StoreCrash.PowerCut);
        _disk.Root.ReadAll("a").ShouldBeEmpty();
    }

    [Fact]
    public void AnOpenFileIsNotRemoved()
    {
        using var file = _disk.Root.Open("a", StoreOpen.New);
        Should.Throw<IOException>(() => _disk.Root.Delete("a"));
        Should.Throw<IOException>(() => _disk.Root.Open("a", StoreOpen.Existing));
    }
}
