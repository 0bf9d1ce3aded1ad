using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;

namespace LogPipeline.Tests.Worker;

public sealed class LogWriterTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 23, 59, 0, TimeSpan.Zero));

    LogWriter Start(StoreDirectory root, LogWriterOptions? options = null)
    {
        var writer = new LogWriter(root, options ?? new LogWriterOptions(), _time);
        writer.Start();
        return writer;
    }

    [Theory, OnBothStores]
    public async Task ABatchBecomesLinesOfItsChannels(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        await using var writer = Start(store.Directory);
        var (header, array) = SomeBatch.Of(1, "app", "web", "app");
        var receipt = await new BatchWriter(writer, new DeadLetterBox(() => store.Directory, 0), "me", _time)
            .WriteAsync(header.Id.ToString(), header, array);

        SomeBatch.Files(store.Directory).Keys.ShouldBe(["app/2026-11-21.001.clef", "web/2026-11-21.001.clef"]);
        SomeBatch.Sequences(store.Directory, "app").ShouldBe([1, 3]);
        SomeBatch.Sequences(store.Directory, "web").ShouldBe([2]);
        receipt.ShouldSatisfyAllConditions(
            r => r.BatchId.ShouldBe("logs/shop/i1/000000000001"),
            r => r.RecordCount.ShouldBe(3),
            r => r.AlreadyWritten.ShouldBeFalse(),
            r => r.Worker.ShouldBe("me"),
            r => r.Bytes.ShouldBe(SomeBatch.Files(store.Directory).Values.Sum(text => text.Length)),
            r =>
                r.Files.Select(f => (f.File, f.Offset, f.RecordCount))
                    .ShouldBe([("app/2026-11-21.001.clef", 0, 2), ("web/2026-11-21.001.clef", 0, 1)]));
    }

    [Theory, OnBothStores]
    public async Task ARetriedBatchIsWrittenOnceAlsoAfterARestart(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        WriteOutcome first;
        await using (var writer = Start(store.Directory))
        {
            first = await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            var again = await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            again.AlreadyWritten.ShouldBeTrue();
            again.Entry.ToBytes().ShouldBe(first.Entry.ToBytes());
        }
        for (var life = 0; life < 3; life++)
        {
            await using var writer = Start(store.Directory);
            var again = await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            again.AlreadyWritten.ShouldBeTrue();
            again.Entry.ToBytes().ShouldBe(first.Entry.ToBytes());
        }
        SomeBatch.Sequences(store.Directory, "app").ShouldBe([1]);
    }

    [Theory, OnBothStores]
    public async Task ARestartedWorkerContinuesTheFile(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        for (var first = 1; first <= 3; first++)
        {
            await using var writer = Start(store.Directory);
            await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        }
        SomeBatch.Files(store.Directory).Keys.ShouldBe(["app/2026-11-21.001.clef"]);
        SomeBatch.Sequences(store.Directory, "app").ShouldBe([1, 2, 3]);
    }

    [Theory, OnBothStores]
    public async Task AFullFileAndANewDayBeginAnotherFile(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        var length = SomeBatch.Prepared(1, "app").Lines.Length;
        await using var writer = Start(store.Directory, new LogWriterOptions { FileBytesMax = 2 * length });
        for (var first = 1; first <= 3; first++) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        _time.Advance(TimeSpan.FromMinutes(2));
        await writer.WriteAsync(SomeBatch.Prepared(4, "app"));
        SomeBatch.Files(store.Directory).Select(f => (f.Key, f.Value.Length / length)).ShouldBe(
            [("app/2026-11-21.001.clef", 2), ("app/2026-11-21.002.clef", 1), ("app/2026-11-22.001.clef", 1)]);
    }

    [Theory, OnBothStores]
    public async Task ConcurrentBatchesAreAllWrittenWholeAndOnce(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        await using (var writer = Start(store.Directory, new LogWriterOptions { FileBytesMax = 4000, OpenFilesMax = 2, WaitingMax = 8 }))
        {
            // Each batch twice, as when an attempt is given up by the server while it goes on here.
            await Parallel.ForEachAsync(Enumerable.Range(0, 400), new ParallelOptions { MaxDegreeOfParallelism = 16 },
                async (i, cancellation) =>
                await writer.WriteAsync(SomeBatch.Prepared(1 + 3 * (i / 2), "app", "web", "jobs"), cancellation));
        }
        foreach (var (channel, offset) in (ReadOnlySpan<(string, int)>)[("app", 1), ("web", 2), ("jobs", 3)])
            SomeBatch.Sequences(store.Directory, channel).Order().ShouldBe(Enumerable.Range(0, 200).Select(i => (long)(3 * i + offset)));
    }

    /// <summary>Whoever may start batches can name a thousand new channels in one, and others wait for it.</summary>
    [Fact]
    public async Task TheFoldersOfNewChannelsShareASyncOfTheirNames()
    {
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions { OpenFilesMax = 50 }, _time);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        var (synced, made) = (0, 0);
        disk.Fault = operation =>
        {
            if (operation.Verb == StoreVerb.SyncDirectory && operation.Path == disk.Root.Path) synced++;
            if (operation.Verb == StoreVerb.CreateDirectory) made++;
            return null;
        };
        await writer.WriteAsync(SomeBatch.Prepared(2, [.. Enumerable.Range(0, 200).Select(i => $"channel{i}")]));
        (made, synced).ShouldBe((200, 4));
        disk.Restart(StoreCrash.PowerCut);
        SomeBatch.Sequences(disk.Root, "channel199").ShouldBe([201]);
    }

    [Fact]
    public async Task BatchesThatWaitTogetherShareTheirSyncs()
    {
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(), _time);
        var waiting = Enumerable.Range(0, 100).Select(i => writer.WriteAsync(SomeBatch.Prepared(1 + i, "app"))).ToList();
        writer.Start();
        var before = disk.FileSyncs;
        await Task.WhenAll(waiting);
        // One of the intents, one of the log file, and perhaps that of a new receipts file.
        (disk.FileSyncs - before).ShouldBeLessThanOrEqualTo(3);
        SomeBatch.Sequences(disk.Root, "app").ShouldBe(Enumerable.Range(1, 100).Select(i => (long)i));
    }

    [Theory, OnBothStores]
    public async Task ASecondWorkerIsRefusedAndToldWhoHasTheDirectory(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        await using (Start(store.Directory))
            Should.Throw<DirectoryOwnedException>(() =>
                Start(store.Directory)).Message.ShouldContain($"pid {Environment.ProcessId} on {Environment.MachineName}");
        await using var next = Start(store.Directory);
    }

    [Theory, OnBothStores]
    public async Task AFileThatWasCutOrGrewOrVanishedIsLeftAlone(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        await using var writer = Start(store.Directory);
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        if (kind == StoreKind.Disk)
        {
            var path = Path.Combine(store.Directory.Path, "app", "2026-11-21.001.clef");
            await File.AppendAllTextAsync(path, "foreign\n");
            await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
            File.Delete(Path.Combine(store.Directory.Path, "app", "2026-11-21.002.clef"));
            await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
            Directory.Delete(Path.Combine(store.Directory.Path, "app"), recursive: true);
            await writer.WriteAsync(SomeBatch.Prepared(4, "app"));
            SomeBatch.Files(store.Directory).Keys.ShouldBe(["app/2026-11-21.004.clef"]);
            SomeBatch.Sequences(store.Directory, "app").ShouldBe([4]);
        }
        else
        {
            await writer.DisposeAsync();
            store.Directory.Directory("app").WriteAll("2026-11-21.001.clef", "{\"seq\":0}\n"u8);
            await using var next = Start(store.Directory);
            await next.WriteAsync(SomeBatch.Prepared(2, "app"));
            SomeBatch.Sequences(store.Directory, "app").ShouldBe([0, 2]);
            SomeBatch.Files(store.Directory).Count.ShouldBe(2);
        }
    }

    [Fact]
    public async Task OneIdWithOtherRecordsIsRefusedAndNothingIsWritten()
    {
        var disk = new InMemoryDisk();
        await using var writer = Start(disk.Root);
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        (await Should.ThrowAsync<BatchRefusedException>(() => writer.WriteAsync(SomeBatch.Prepared(1, "web")))).Message.ShouldContain(
            "other records");
        SomeBatch.Files(disk.Root).Keys.ShouldBe(["app/2026-11-21.001.clef"]);
    }

    [Fact]
    public async Task ChannelsBeyondTheBoundShareOneDirectory()
    {
        var disk = new InMemoryDisk();
        await using var writer = Start(disk.Root, new LogWriterOptions { ChannelsMax = 2, OpenFilesMax = 1 });
        await writer.WriteAsync(SomeBatch.Prepared(1, "a", "b", "c", "d", "a"));
        SomeBatch.Sequences(disk.Root, "overflow").ShouldBe([3, 4]);
        SomeBatch.Sequences(disk.Root, "a").ShouldBe([1, 5]);
        disk.Root.ListDirectories().ShouldBe([".ledger", "a", "b", "overflow"]);
    }

    [Theory]
    [InlineData(7)]
    [InlineData(30)]
    public async Task ReceiptsAreKeptForTheirRetentionAndThenForgotten(int days)
    {
        var disk = new InMemoryDisk();
        var options = new LogWriterOptions { ReceiptRetention = TimeSpan.FromDays(days) };
        await using var writer = Start(disk.Root, options);
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        _time.Advance(TimeSpan.FromDays(days - 1));
        await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
        _time.Advance(TimeSpan.FromDays(2));
        await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
        disk.Root.Directory(LedgerFiles.DirectoryName).List()
            .Count(name => name.StartsWith("receipts", StringComparison.Ordinal)).ShouldBe(2);
        (await writer.WriteAsync(SomeBatch.Prepared(2, "app"))).AlreadyWritten.ShouldBeTrue();
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeFalse();
    }

    [Fact]
    public async Task ABatchIsRecognisedForTheWholeRetentionAlsoWhenItCameLateInItsDay()
    {
        var disk = new InMemoryDisk();
        var options = new LogWriterOptions { ReceiptRetention = TimeSpan.FromDays(7) };
        await using var writer = Start(disk.Root, options);
        var midnight = new DateTimeOffset(_time.GetUtcNow().Date.AddDays(1), TimeSpan.Zero);
        _time.SetUtcNow(midnight);
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        _time.SetUtcNow(midnight.AddHours(23));
        await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
        _time.SetUtcNow(midnight.AddDays(7).AddHours(22));
        await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
        (await writer.WriteAsync(SomeBatch.Prepared(2, "app"))).AlreadyWritten.ShouldBeTrue();
    }

    [Fact]
    public async Task AWorkerThatWasDownForWeeksDoesNotWriteAgainWhatItHadWritten()
    {
        var disk = new InMemoryDisk();
        await using (var writer = Start(disk.Root)) await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        // Cleaned up meanwhile: the batch must not come back from the intents, whose receipts are past their time.
        disk.Root.Directory("app").Delete("2026-11-21.001.clef");
        _time.Advance(TimeSpan.FromDays(30));
        await using (Start(disk.Root)) SomeBatch.Files(disk.Root).ShouldBeEmpty();
        await using (Start(disk.Root)) SomeBatch.Files(disk.Root).ShouldBeEmpty();
    }

    [Fact]
    public async Task TheNumberOfReceiptsIsBounded()
    {
        var disk = new InMemoryDisk();
        var options = new LogWriterOptions { ReceiptsMax = 16 };
        await using (var writer = Start(disk.Root, options))
        {
            for (var first = 1; first <= 50; first++) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
            (await writer.WriteAsync(SomeBatch.Prepared(50, "app"))).AlreadyWritten.ShouldBeTrue();
            (await writer.WriteAsync(SomeBatch.Prepared(40, "app"))).AlreadyWritten.ShouldBeTrue();
        }
        disk.Root.Directory(LedgerFiles.DirectoryName).List().Count.ShouldBeLessThan(16);
        await using (var writer = Start(disk.Root, options))
            (await writer.WriteAsync(SomeBatch.Prepared(50, "app"))).AlreadyWritten.ShouldBeTrue();
        SomeBatch.Sequences(disk.Root, "app").Count.ShouldBe(50);
    }

    [Fact]
    public async Task TheIntentsFileIsBegunAnewWhenItHasGrown()
    {
        var disk = new InMemoryDisk();
        await using var writer = Start(disk.Root, new LogWriterOptions { IntentBytesMax = 1000 });
        for (var first = 1; first <= 50; first++) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        await writer.DisposeAsync();
        var ledger = disk.Root.Directory(LedgerFiles.DirectoryName);
        ledger.ReadAll(ledger.List().Single(name => name.StartsWith("intents", StringComparison.Ordinal))).Length.ShouldBeLessThan(2000);
    }

    [Fact]
    public async Task AFullDiskRefusesAndLaterWritesWithoutARestart()
    {
        var disk = new InMemoryDisk();
        await using var writer = Start(disk.Root);
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace, operation.Bytes / 2) : null;
        for (var attempt = 0; attempt < 5; attempt++)
            (await Should.ThrowAsync<BatchNotWrittenException>(() =>
                writer.WriteAsync(SomeBatch.Prepared(2, "app")))).Message.ShouldContain("No space left");
        disk.Fault = null;
        _time.Advance(TimeSpan.FromSeconds(5));
        (await writer.WriteAsync(SomeBatch.Prepared(2, "app"))).AlreadyWritten.ShouldBeFalse();
        SomeBatch.Sequences(disk.Root, "app").ShouldBe([1, 2]);
    }

    [Fact]
    public async Task AStoppingWorkerWritesWhatWaitsAndRefusesTheRest()
    {
        var disk = new InMemoryDisk();
        var writer = new LogWriter(disk.Root, new LogWriterOptions { GroupBatchesMax = 3 }, _time);
        var waiting = Enumerable.Range(0, 20).Select(i => writer.WriteAsync(SomeBatch.Prepared(1 + i, "app"))).ToList();
        writer.Start();
        await writer.DisposeAsync();
        (await Task.WhenAll(waiting)).ShouldAllBe(outcome => !outcome.AlreadyWritten);
        (await Should.ThrowAsync<BatchNotWrittenException>(() =>
            writer.WriteAsync(SomeBatch.Prepared(21, "app")))).Message.ShouldContain("stopping");
        SomeBatch.Sequences(disk.Root, "app").Count.ShouldBe(20);
    }

    [Fact]
    public async Task ADamagedLedgerFileIsPutAsideAndTheWorkerStarts()
    {
        var disk = new InMemoryDisk();
        await using (var writer = Start(disk.Root)) await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        var ledger = disk.Root.Directory(LedgerFiles.DirectoryName);
        foreach (var name in ledger.List()) ledger.WriteAll(name, Encoding.UTF8.GetBytes(new string('x', 100)));
        await using (var writer = Start(disk.Root)) await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
        ledger.List().Count(name => name.StartsWith("damaged.", StringComparison.Ordinal)).ShouldBe(2);
        // Nothing is known of the old file's end, so it is not continued.
        SomeBatch.Files(disk.Root).Count.ShouldBe(2);
        SomeBatch.Sequences(disk.Root, "app").ShouldBe([1, 2]);
    }

    [Fact]
    public async Task ABatchGoesBackWhenItsPredecessorDoesNotComeAndIsInOrderTheNextTime()
    {
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions { OrderWaitMax = TimeSpan.Zero }, _time);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        var third = SomeBatch.Prepared(3, "app") with { Previous = SomeBatch.Prepared(2, "app").Id };
        var missing = await Should.ThrowAsync<PredecessorMissingException>(() => writer.WriteAsync(third));
        missing.Message.ShouldBe(
            "Batch logs/shop/i1/000000000003 waits for batch logs/shop/i1/000000000002, which has not come to this worker.");
        await writer.WriteAsync(SomeBatch.Prepared(2, "app") with { Previous = SomeBatch.Prepared(1, "app").Id });
        await writer.WriteAsync(third);
        SomeBatch.Sequences(disk.Root, "app").ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task AStoppingWriterGivesBackWhatItCannotWriteInOrder()
    {
        var disk = new InMemoryDisk();
        var writer = new LogWriter(disk.Root, new LogWriterOptions(), _time);
        var third = writer.WriteAsync(SomeBatch.Prepared(3, "app") with { Previous = SomeBatch.Prepared(2, "app").Id });
        var first = writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        writer.Start();
        await first;
        await writer.DisposeAsync();
        await Should.ThrowAsync<PredecessorMissingException>(() => third);
        SomeBatch.Sequences(disk.Root, "app").ShouldBe([1]);
    }
}
