using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

public sealed class SpoolTests
{
    const int PerBatch = 3;

    static SpoolStore Open(StoreDirectory root, string instance = "20261121T080000-1", long bytesMax = 1 << 20) =>
        new(root, new JournalName("orders", instance), "test", SomeFormatter.Of(new TemporalSinkOptions
        {
            Limits = { SpoolBytesMax = bytesMax, EventBytesMax = 2_000, BatchRecordsMax = PerBatch, BatchBytesMax = 100_000 },
        }, instance));

    static FrozenBatch? Next(SpoolStore spool, BatchId? previous = null) =>
        spool.Next(_ => previous, (_, _) => throw new InvalidOperationException("damaged"));

    static List<QueuedRecord> Records(long first, int count = PerBatch, int padding = 0) => SomeQueued.Records(first, count, padding);

    static void Append(SpoolStore spool, long first, Seal? tried = null) =>
        spool.Append(Records(first), tried).ShouldBe((PerBatch, default, null));

    static List<long> Drain(SpoolStore spool)
    {
        var sequences = new List<long>();
        while (Next(spool) is { } batch)
        {
            sequences.AddRange(JournalRig.SequencesIn(batch));
            spool.Done(batch.Id, accepted: true);
        }
        return sequences;
    }

    public static TheoryData<bool> Disks => new() { false, true };

    static async Task On(bool physical, Func<StoreDirectory, Task> test)
    {
        using var folder = new TempDirectory();
        await test(physical ? new PhysicalDirectory(folder.Path) : new InMemoryDisk().Root);
    }

    [Theory, MemberData(nameof(Disks))]
    public Task WhatOverflowedIsFoundByTheNextProcessAsItWas(bool physical) => On(physical, root =>
    {
        using (var first = Open(root))
            for (var i = 0; i < 5; i++) Append(first, 1 + PerBatch * i);
        using var next = Open(root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((15, 0));
        var batch = Next(next)!;
        batch.Id.ToString().ShouldBe("logs/orders/20261121T080000-1/000000000001");
        batch.Records.ShouldBe(LogBatchRecords.Encode([.. Records(1)
            .Select(queued => (ReadOnlyMemory<byte>)queued.Record.Complete(queued.Sequence))]));
        Drain(next).ShouldBe(Enumerable.Range(1, 15).Select(i => (long)i));
        next.HasBatches.ShouldBeFalse();
        next.GetSnapshot().Bytes.ShouldBe(0);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task WhatWasAcceptedIsNotOfferedAgain(bool physical) => On(physical, root =>
    {
        using (var first = Open(root))
        {
            for (var i = 0; i < 3; i++) Append(first, 1 + PerBatch * i);
            first.Done(Next(first)!.Id, accepted: true);
        }
        using var next = Open(root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((6, 0));
        Next(next)!.Id.FirstSequence.ShouldBe(4);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task ABatchThatWasTriedStaysThatBatch(bool physical) => On(physical, root =>
    {
        var tried = BatchBuilder.Build(Records(5, count: 2), "orders", "20261121T080000-1", new BatchId("orders", "20261121T080000-1", 1));
        using (var first = Open(root))
        {
            first.Append(tried.Queued!, new Seal(5, 6, tried.Header.Previous)).ShouldBe((2, default, null));
            Append(first, 7);
            Next(first)!.Records.ShouldBe(tried.Records);
        }
        using var next = Open(root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((5, 0));
        var batch = Next(next)!;
        batch.Records.ShouldBe(tried.Records);
        batch.Header.ShouldBe(tried.Header with { Levels = batch.Header.Levels, Channels = batch.Header.Channels });
        next.Done(batch.Id, accepted: true);
        Next(next)!.Header.Previous.ShouldBe(tried.Id.ToString());
        return Task.CompletedTask;
    });

    [Fact]
    public void ATriedBatchOfWhichOneRecordCameToTheDiskStaysThatBatch()
    {
        var disk = new InMemoryDisk();
        var first = Open(disk.Root);
        var records = 0;
        disk.Fault = operation => operation.Verb == StoreVerb.Write && operation.Path.EndsWith(".records", StringComparison.Ordinal)
            && operation.Bytes < 1_000 && ++records == 2 ? new StoreFault(StoreFaultKind.Crash) : null;
        Should.Throw<StoreCrashedException>(() => first.Append(Records(1), new Seal(1, PerBatch, null)));
        disk.Restart(StoreCrash.Killed);
        using var next = Open(disk.Root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((1, PerBatch - 1));
        var batch = Next(next)!;
        (batch.Header.FirstSequence, batch.Header.LastSequence).ShouldBe((1, PerBatch));
    }

    [Fact]
    public void WhatWentToTemporalBeforeTheOverflowIsNotMissing()
    {
        var disk = new InMemoryDisk();
        using (var first = Open(disk.Root)) Append(first, 1_001);
        using var next = Open(disk.Root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((PerBatch, 0));
        Drain(next).ShouldBe([1_001, 1_002, 1_003]);
    }

    [Theory, MemberData(nameof(Disks))]
    public Task WhatOverflowedGoesWithItsFilesAndTheNextOverflowBeginsAnew(bool physical) => On(physical, root =>
    {
        using (var spool = Open(root))
        {
            Append(spool, 1);
            Drain(spool).Count.ShouldBe(PerBatch);
            spool.OwnDirectory.List().ShouldNotContain(name => name.Contains('~', StringComparison.Ordinal));
            Append(spool, 101);
        }
        using var next = Open(root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((PerBatch, 0));
        Drain(next).ShouldBe([101, 102, 103]);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task ALivingProcessKeepsItsDirectoryAndAnotherGetsItsOwn(bool physical) => On(physical, root =>
    {
        using var first = Open(root);
        Append(first, 1);
        using var second = Open(root, "20261121T090000-2");
        second.Adopt(first: true, _ => { }).ShouldBe((0, 0));
        Append(second, 1);
        root.ListDirectories().Count.ShouldBe(2);
        return Task.CompletedTask;
    });

    [Theory, MemberData(nameof(Disks))]
    public Task ASurvivorAdoptsTheDirectoryOfOneThatIsGone(bool physical) => On(physical, root =>
    {
        var gone = Open(root);
        Append(gone, 1);
        using var survivor = Open(root, "20261121T090000-2");
        survivor.Adopt(first: true, _ => { }).ShouldBe((0, 0));
        gone.Dispose();
        survivor.Adopt(first: false, _ => { }).ShouldBe((PerBatch, 0));
        Drain(survivor).ShouldBe([1, 2, 3]);
        survivor.Adopt(first: false, _ => { }).ShouldBe((0, 0));
        return Task.CompletedTask;
    });

    [Fact]
    public void BatchesComeByStartOfTheirProcessAndThenByNumber()
    {
        var disk = new InMemoryDisk();
        foreach (var instance in new[] { "20261121T090000-2", "20261121T080000-9" })
        {
            using var spool = Open(disk.Root, instance);
            Append(spool, 1);
            Append(spool, 4);
        }
        using var next = Open(disk.Root, "20261121T100000-3");
        next.Adopt(first: true, _ => { }).ShouldBe((12, 0));
        var seen = new List<string>();
        while (Next(next) is { } batch)
        {
            seen.Add($"{batch.Id.Instance}/{batch.Id.FirstSequence}");
            next.Done(batch.Id, accepted: true);
        }
        seen.ShouldBe(["20261121T080000-9/1", "20261121T080000-9/4", "20261121T090000-2/1", "20261121T090000-2/4"]);
    }

    [Fact]
    public void AFullSpoolRefusesAndTakesAgainWhenABatchIsGone()
    {
        using var spool = Open(new InMemoryDisk().Root, bytesMax: 10_000);
        var appended = 0;
        while (spool.Append(Records(1 + PerBatch * appended), null).Error is null) appended++;
        appended.ShouldBeGreaterThan(3);
        spool.GetSnapshot().Bytes.ShouldBeInRange(8_000, 10_000);
        spool.Append(Records(1 + PerBatch * appended), null).Reason.ShouldBe(DropReason.SpoolFull);
        spool.Done(Next(spool)!.Id, accepted: true);
        Append(spool, 1 + PerBatch * appended);
    }

    [Fact]
    public void WhatAProcessFoundLeavesItsOwnRoom()
    {
        var disk = new InMemoryDisk();
        using (var first = Open(disk.Root))
            for (var i = 0; i < 10; i++) first.Append(Records(1 + PerBatch * i, padding: 1_000), null).Error.ShouldBeNull();
        using var next = Open(disk.Root, "20261121T090000-2", bytesMax: 10_000);
        next.Adopt(first: true, _ => { }).Records.ShouldBe(30);
        next.GetSnapshot().Bytes.ShouldBeGreaterThan(30_000);
        next.GetSnapshot().Fill.ShouldBe(0);
        Append(next, 1);
    }

    [Fact]
    public void TheOldestEventOfWhatWasFoundTellsItsAge()
    {
        var disk = new InMemoryDisk();
        var records = Records(1);
        using (var first = Open(disk.Root)) first.Append(records, null).Error.ShouldBeNull();
        using var next = Open(disk.Root, "20261121T090000-2");
        next.GetSnapshot().OldestAt.ShouldBeNull();
        next.Adopt(first: true, _ => { });
        next.GetSnapshot().OldestAt.ShouldBe(records[0].Record.Time);
        Drain(next);
        next.GetSnapshot().OldestAt.ShouldBeNull();
    }

    [Fact]
    public void ADiskThatIsFullIsAnAnswerAndTheNextAppendIsWhole()
    {
        var disk = new InMemoryDisk();
        using (var spool = Open(disk.Root))
        {
            Append(spool, 1);
            disk.Fault = operation =>
                operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace, Done: 100) : null;
            spool.Append(Records(4, count: 500), null).Reason.ShouldBe(DropReason.DiskFailed);
            disk.Fault = null;
            Append(spool, 4);
        }
        using var next = Open(disk.Root, "20261121T090000-2");
        next.Adopt(first: true, _ => { }).ShouldBe((6, 0));
        Drain(next).ShouldBe([1, 2, 3, 4, 5, 6]);
    }

    [Fact]
    public void ARefusedBatchIsKeptAsAReadableFile()
    {
        using var folder = new TempDirectory();
        using var spool = Open(new PhysicalDirectory(folder.Path));
        var path = spool.TrySetAside(SomeFrozen.Batch(1));
        File.ReadAllBytes(path!).ShouldBe(SomeFrozen.Batch(1).Records);
    }

    [Fact]
    public void ARefusedBatchThatWasKeptSurvivesAPowerCut()
    {
        var disk = new InMemoryDisk();
        var spool = Open(disk.Root);
        spool.TrySetAside(SomeFrozen.Batch(1)).ShouldNotBeNull();
        disk.Restart(StoreCrash.PowerCut);
        var refused = disk.Root.Directory("refused");
        using var file = refused.Open(refused.List().Single(), StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        bytes.ShouldBe(SomeFrozen.Batch(1).Records);
    }

    [Fact]
    public void WhatIsSetAsideIsBoundedAndWhatTheDiskDidNotTakeTakesNoRoom()
    {
        var disk = new InMemoryDisk();
        using var spool = Open(disk.Root, bytesMax: 10_000);
        disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        for (var i = 0; i < 100; i++) spool.TrySetAside(SomeFrozen.Batch(1)).ShouldBeNull();
        disk.Fault = null;
        var kept = 0;
        while (kept < 100 && spool.TrySetAside(SomeFrozen.Batch(1 + 3 * kept)) is not null) kept++;
        kept.ShouldBe(10_000 / SomeFrozen.Batch(1).Records.Length);
    }
}
