using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

public sealed class SpoolTests
{
    static FrozenBatch Batch(long first, string instance = "20261121T080000-1") => SomeFrozen.Batch(first, instance);

    static Spool Open(StoreDirectory root, long bytesMax = 1 << 30) => new(root, "test", JournalRig.Formatter, bytesMax);
    static FrozenBatch? Oldest(Spool spool) => spool.Oldest(100, 100_000, _ => null, (_, _) => throw new InvalidOperationException("damaged"));

    public static TheoryData<bool> Disks => new() { false, true };

    static async Task On(bool physical, Func<StoreDirectory, Task> test)
    {
        using var folder = new TempDirectory();
        await test(physical ? new PhysicalDirectory(folder.Path) : new InMemoryDisk().Root);
    }

    [Theory, MemberData(nameof(Disks))]
    public Task WhatWasAppendedIsFoundByTheNextProcessByteForByte(bool physical) => On(physical, root =>
    {
        using (var first = Open(root))
            for (var i = 0; i < 5; i++) first.TryAppend(Batch(1 + 3 * i)).ShouldBeNull();
        using var next = Open(root);
        next.Adopt(first: true, _ => { }).Records.ShouldBe(15);
        for (var i = 0; i < 5; i++)
        {
            var oldest = Oldest(next)!;
            oldest.Id.ShouldBe(Batch(1 + 3 * i).Id);
            oldest.Records.ShouldBe(Batch(1 + 3 * i).Records);
            next.Remove(oldest.Id, accepted: true);
        }
        next.HasBatches.ShouldBeFalse();
        next.Bytes.ShouldBe(0);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task WhatWasAcceptedIsNotOfferedAgain(bool physical) => On(physical, root =>
    {
        using (var first = Open(root))
        {
            for (var i = 0; i < 3; i++) first.TryAppend(Batch(1 + 3 * i));
            first.Remove(Batch(1).Id, accepted: true);
        }
        using var next = Open(root);
        next.Adopt(first: true, _ => { }).Records.ShouldBe(6);
        Oldest(next)!.Id.FirstSequence.ShouldBe(4);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task ALivingProcessKeepsItsSlotAndAnotherGetsItsOwn(bool physical) => On(physical, root =>
    {
        using var first = Open(root);
        first.TryAppend(Batch(1));
        using var second = Open(root);
        second.Adopt(first: true, _ => { }).Records.ShouldBe(0);
        second.TryAppend(Batch(1, "20261121T090000-2")).ShouldBeNull();
        root.ListDirectories().Count.ShouldBe(2);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task ASurvivorAdoptsTheSlotOfOneThatIsGone(bool physical) => On(physical, root =>
    {
        var gone = Open(root);
        gone.TryAppend(Batch(1));
        using var survivor = Open(root);
        survivor.Adopt(first: true, _ => { }).Records.ShouldBe(0);
        gone.Dispose();
        survivor.Adopt(first: false, _ => { }).Records.ShouldBe(3);
        Oldest(survivor)!.Id.ShouldBe(Batch(1).Id);
        survivor.Remove(Batch(1).Id, accepted: true);
        survivor.Adopt(first: false, _ => { }).Records.ShouldBe(0);
        return Task.CompletedTask;
    });

    [Fact]
    public void BatchesComeByStartOfTheirProcessAndThenByNumberHoweverTheyWereAppended()
    {
        using var spool = Open(new InMemoryDisk().Root);
        foreach (var (first, instance) in new[] { (7L, "20261121T090000-2"), (4L, "20261121T080000-9"), (1L, "20261121T090000-2"), (1L, "20261121T080000-9") })
            spool.TryAppend(Batch(first, instance));
        var seen = new List<string>();
        while (Oldest(spool) is { } batch)
        {
            seen.Add($"{batch.Id.Instance}/{batch.Id.FirstSequence}");
            spool.Remove(batch.Id, accepted: true);
        }
        seen.ShouldBe(["20261121T080000-9/1", "20261121T080000-9/4", "20261121T090000-2/1", "20261121T090000-2/7"]);
    }

    [Fact]
    public void AFullSpoolRefusesAndTakesAgainWhenABatchIsGone()
    {
        using var spool = Open(new InMemoryDisk().Root, bytesMax: 10_000);
        var appended = 0;
        while (spool.TryAppend(Batch(1 + 3 * appended)) is null) appended++;
        appended.ShouldBeGreaterThan(3);
        spool.Bytes.ShouldBeLessThanOrEqualTo(10_000 + 2_000);
        spool.TryAppend(Batch(9_000))!.Value.Reason.ShouldBe(DropReason.SpoolFull);
        for (var i = 0; i < appended / 2; i++) spool.Remove(Batch(1 + 3 * i).Id, accepted: true);
        spool.TryAppend(Batch(9_000)).ShouldBeNull();
    }

    [Fact]
    public void ADiskThatIsFullIsAnAnswerAndTheNextAppendIsWhole()
    {
        var disk = new InMemoryDisk();
        using (var spool = Open(disk.Root))
        {
            spool.TryAppend(Batch(1)).ShouldBeNull();
            disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace, Done: 100) : null;
            spool.TryAppend(Batch(4))!.Value.Reason.ShouldBe(DropReason.DiskFailed);
            disk.Fault = null;
            spool.TryAppend(Batch(4)).ShouldBeNull();
        }
        using var next = Open(disk.Root);
        next.Adopt(first: true, _ => { }).Records.ShouldBe(6);
    }

    [Fact]
    public void ARefusedBatchIsKeptAsAReadableFile()
    {
        using var folder = new TempDirectory();
        using var spool = Open(new PhysicalDirectory(folder.Path));
        var path = spool.SetAside(Batch(1));
        File.ReadAllBytes(path!).ShouldBe(Batch(1).Records);
    }

    [Fact]
    public void ARefusedBatchThatWasKeptSurvivesAPowerCut()
    {
        var disk = new InMemoryDisk();
        var spool = Open(disk.Root);
        spool.SetAside(Batch(1)).ShouldNotBeNull();
        disk.Restart(StoreCrash.PowerCut);
        var refused = disk.Root.Directory("refused");
        using var file = refused.Open(refused.List().Single(), StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        bytes.ShouldBe(Batch(1).Records);
    }

    [Fact]
    public void WhatIsSetAsideIsBoundedAndWhatTheDiskDidNotTakeTakesNoRoom()
    {
        var disk = new InMemoryDisk();
        using var spool = Open(disk.Root, bytesMax: 10_000);
        disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        for (var i = 0; i < 100; i++) spool.SetAside(Batch(1)).ShouldBeNull();
        disk.Fault = null;
        var kept = 0;
        while (kept < 100 && spool.SetAside(Batch(1 + 3 * kept)) is not null) kept++;
        kept.ShouldBe(10_000 / Batch(1).Records.Length);
    }
}
