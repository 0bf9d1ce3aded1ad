using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Spool;
using LogPipeline.Tests.Publisher;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>Small files that are written once: each of their syncs is missed by a power cut that comes right after.</summary>
public sealed class EachSyncTests
{
    readonly InMemoryDisk _disk = new();

    DeadLetterBox Box => new(() => _disk.Root, 1 << 20);

    static DeadLetter Letter()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        return BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", DateTimeOffset.UnixEpoch);
    }

    [Fact]
    public void ALetterThatIsWrittenIsThere()
    {
        var letter = Letter();
        Box.Write(letter);
        _disk.Restart(StoreCrash.PowerCut);
        Box.Read(letter.Name).Bytes.ToArray().ShouldBe(letter.Bytes.ToArray());
    }

    [Fact]
    public void ALetterThatAKilledProcessHadWrittenIsThereOnceItIsWrittenAgain()
    {
        var letter = Letter();
        // It ended before it had synced the directory.
        using (var file = _disk.Root.Open(letter.Name, StoreOpen.New))
        {
            file.Write(letter.ToBytes(), 0);
            file.Sync();
        }
        Box.Write(letter);
        _disk.Restart(StoreCrash.PowerCut);
        Box.List().ShouldHaveSingleItem().Name.ShouldBe(letter.Name);
    }

    [Fact]
    public void ALetterThatIsRemovedStaysAway()
    {
        var letter = Letter();
        Box.Write(letter);
        Box.Remove(letter.Name);
        _disk.Restart(StoreCrash.PowerCut);
        Box.List().ShouldBeEmpty();
    }

    [Fact]
    public void AWorkersIdOutlivesThePowerCutBehindItsFirstClaim()
    {
        // The ledger is opened, and its name synced, before a claim is made.
        _disk.Root.Directory(LedgerFiles.DirectoryName);
        _disk.Root.Sync();
        var id = PostgresClaimsOptions.WorkerOf(_disk.Root);
        _disk.Restart(StoreCrash.PowerCut);
        PostgresClaimsOptions.WorkerOf(_disk.Root).ShouldBe(id);
    }

    [Fact]
    public void ABatchThatIsSetAsideIsThere()
    {
        var batch = SomeFrozen.Batch(1);
        using (var spool = new SpoolStore(_disk.Root, JournalRig.Name, "test", JournalRig.Formatter))
            spool.TrySetAside(batch).ShouldNotBeNull();
        _disk.Restart(StoreCrash.PowerCut);
        var refused = _disk.Root.Directory("refused");
        using var file = refused.Open(refused.List().ShouldHaveSingleItem(), StoreOpen.Read);
        var bytes = new byte[batch.Records.Length];
        file.Read(bytes, 0).ShouldBe(bytes.Length);
        bytes.ShouldBe(batch.Records);
    }

    [Fact]
    public void ADiskThatDoesNotSyncIsNoDiskToGoOnWith()
    {
        var guard = new FreeSpaceGuard(_disk.Root, 0);
        guard.Require(100);
        guard.Probe();
        _disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        Should.Throw<IOException>(guard.Probe);
    }
}
