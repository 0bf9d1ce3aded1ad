using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;

namespace LogPipeline.Tests.Worker;

public sealed class CompressionTests
{
    static readonly TimeSpan Wait = TimeSpan.FromMinutes(1);
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WriterRecorder _events = new();

    public CompressionTests() => _disk = new InMemoryDisk(_time);

    [Fact]
    public async Task ClosedFilesAreCompressedOnceTheyAreOldAndReadAsBefore()
    {
        await using var writer = Start();
        for (var i = 1; i <= 4; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        var before = SomeBatch.Files(_disk.Root);
        before.Count.ShouldBe(4);
        await CompressedAsync(3);

        // The newest of the day may still be written to.
        SomeBatch.Files(_disk.Root).Keys.ShouldBe(
            ["app/2026-11-21.001.clef.gz", "app/2026-11-21.002.clef.gz", "app/2026-11-21.003.clef.gz", "app/2026-11-21.004.clef"]);
        LogFileName.TryParse("app/2026-11-21.001.clef", out var name).ShouldBeTrue();
        Content(name).ShouldBe(before["app/2026-11-21.001.clef"]);
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(4), r => r.Files.ShouldBe(4), r =>
            r.Removed.ShouldBe(0));
        // Its age counts from its last line and not from its compression.
        _disk.Root.Directory("app").LastWritten("2026-11-21.001.clef.gz")
            .ShouldBe(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task ABatchThatIsTriedAgainAfterItsFileWasCompressedGetsItsFirstReceipt()
    {
        await using (var writer = Start())
        {
            for (var i = 1; i <= 3; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
            await CompressedAsync(2);
            var again = await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
            again.AlreadyWritten.ShouldBeTrue();
            again.Entry.Parts.ShouldHaveSingleItem().File.ShouldBe("app/2026-11-21.001.clef");
        }
        await using var next = Start();
        (await next.WriteAsync(SomeBatch.Prepared(2, "app"))).AlreadyWritten.ShouldBeTrue();
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(3));
    }

    [Fact]
    public async Task ANumberIsNotTakenAgainThatACompressedFileHas()
    {
        await using (var writer = Start())
        {
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
            await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
            await CompressedAsync(1);
        }
        // With the ledger gone only the names are left to go by.
        var ledger = _disk.Root.Directory(LedgerFiles.DirectoryName);
        foreach (var file in ledger.List()) ledger.Delete(file);
        _disk.Root.Directory("app").Delete("2026-11-21.002.clef");
        await using var next = Start();
        await next.WriteAsync(SomeBatch.Prepared(3, "app"));
        SomeBatch.Files(_disk.Root).Keys.ShouldBe(["app/2026-11-21.001.clef.gz", "app/2026-11-21.002.clef"]);
    }

    [Fact]
    public async Task TheRetentionCountsCompressedFilesAndRemovesThem()
    {
        await using var writer = Start(new LogWriterOptions { FileBytesMax = 1, CompressAfter = Hour, Retention = new(FilesMax: 2) });
        for (var i = 1; i <= 2; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        await CompressedAsync(1);
        for (var i = 3; i <= 4; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        await PassAsync(() => _events.Retired.Count >= 2);
        StoredLogFile.Of(_disk.Root, ChannelName.Of("app")).Select(file => file.Name.Number).ShouldBe([3, 4]);
        (await writer.WriteAsync(SomeBatch.Prepared(1, "app"))).AlreadyWritten.ShouldBeTrue();
    }

    [Fact]
    public async Task AFileThatSomebodyWroteToMeanwhileStaysAsItIs()
    {
        await using (var writer = Start(new LogWriterOptions { FileBytesMax = 1 }))
            for (var i = 1; i <= 2; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        var compressor = new FileCompressor(_disk.Root, 0);
        var made = compressor.Run(Hour, _time.GetUtcNow() + Hour + Hour, default).Files.ShouldHaveSingleItem();
        var directory = _disk.Root.Directory("app");
        using (var file = directory.Open(made.Name.FileName, StoreOpen.Existing)) file.Write("{}\n"u8, file.Length);
        compressor.TakeOriginal(made, _ => { }).ShouldBeFalse();
        directory.List().ShouldBe(["2026-11-21.001.clef", "2026-11-21.002.clef"]);
    }

    [Fact]
    public async Task ADamagedCompressedFileIsFound()
    {
        await using (var writer = Start())
        {
            for (var i = 1; i <= 2; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
            await CompressedAsync(1);
        }
        using (var file = _disk.Root.Directory("app").Open("2026-11-21.001.clef.gz", StoreOpen.Existing)) file.Write("damage"u8, 20);
        Verify().Corrupt.ShouldBeGreaterThan(0);
    }

    [Fact]
    public async Task AFileThatGetsItsCompressedNameIsAsOldAsTheOriginalAlready()
    {
        await using (var writer = Start(new LogWriterOptions { FileBytesMax = 1 }))
            for (var i = 1; i <= 2; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
        var written = _disk.Root.Directory("app").LastWritten("2026-11-21.001.clef");
        _time.Advance(Hour + Hour);
        _disk.Fault = operation => operation.Verb == StoreVerb.Replace ? new StoreFault(StoreFaultKind.Crash, 1) : null;
        new FileCompressor(_disk.Root, 0).Run(Hour, _time.GetUtcNow(), default).Error.ShouldBeOfType<StoreCrashedException>();
        _disk.Restart(StoreCrash.Killed);
        _disk.Root.Directory("app").LastWritten("2026-11-21.001.clef.gz").ShouldBe(written);
    }

    [Theory]
    [InlineData(StoreCrash.Killed)]
    [InlineData(StoreCrash.PowerCut)]
    public async Task AnEndAtAnyChangeWhileFilesAreCompressedLosesAndRepeatsNothing(StoreCrash crash)
    {
        var points = 0;
        for (var number = 1; ; number++)
        {
            var disk = new InMemoryDisk(_time);
            await using (var writer = new LogWriter(disk.Root, new LogWriterOptions { FileBytesMax = 1 }, _time))
            {
                writer.Start();
                for (var i = 1; i <= 3; i++) await writer.WriteAsync(SomeBatch.Prepared(i, "app"));
            }
            var hit = false;
            var start = disk.Operations;
            disk.Fault = operation =>
                operation.Number == start + number && (hit = true) ? new StoreFault(StoreFaultKind.Crash, number % 2 * 5) : null;
            try
            {
                var compressor = new FileCompressor(disk.Root, 0);
                foreach (var file in compressor.Run(Hour, _time.GetUtcNow() + Hour + Hour, default).Files)
                    compressor.TakeOriginal(file, _ => { });
            }
            catch (StoreCrashedException)
            {
                // As meant.
            }
            disk.Restart(crash);
            await using (var writer = new LogWriter(disk.Root, new LogWriterOptions { FileBytesMax = 1 }, _time))
            {
                writer.Start();
                // Nothing of what is there is written again by the recovery, whatever became of the receipts.
                Records(disk).ShouldBe(3, $"{crash} at {number}");
                for (var i = 1; i <= 3; i++)
                    (await writer.WriteAsync(SomeBatch.Prepared(i, "app"))).AlreadyWritten.ShouldBeTrue($"{crash} at {number}");
            }
            Records(disk).ShouldBe(3, $"{crash} at {number}");
            if (!hit) break;
            points++;
        }
        points.ShouldBeGreaterThan(10);
    }

    static long Records(InMemoryDisk disk)
    {
        var report = new Verifier(disk.Root, new LogWriterOptions()).Run();
        report.IsClean.ShouldBeTrue(string.Join('\n', report.Examples));
        return report.Records;
    }

    LogWriter Start(LogWriterOptions? options = null)
    {
        var writer = new LogWriter(_disk.Root, options ?? new LogWriterOptions { FileBytesMax = 1, CompressAfter = Hour }, _time, _events);
        writer.Start();
        return writer;
    }

    VerifyReport Verify() => new Verifier(_disk.Root, new LogWriterOptions()).Run();

    string Content(LogFileName name)
    {
        using var content = LogContent.TryOpen(_disk.Root, name)!;
        var bytes = new byte[content.Length];
        content.Read(bytes, 0).ShouldBe(bytes.Length);
        return System.Text.Encoding.UTF8.GetString(bytes);
    }

    // A pass begins in one minute and its originals go in a later one.
    Task CompressedAsync(int files)
    {
        _time.Advance(Hour);
        return PassAsync(() => _events.Compressed.Count >= files);
    }

    Task PassAsync(Func<bool> isDone) => Eventually.TrueAsync(() =>
    {
        _time.Advance(TimeSpan.FromMinutes(1));
        return Task.FromResult(isDone());
    }, Wait, TimeSpan.FromMilliseconds(20), () => string.Join('\n', _events.CompressionFailures));
}
