using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Verify;

public sealed class VerifierTests
{
    const string File = "2026-11-21.001.clef";

    readonly InMemoryDisk _disk = new();

    async Task WriteAsync(params (long First, string[] Channels)[] batches)
    {
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock());
        writer.Start();
        foreach (var (first, channels) in batches) await writer.WriteAsync(SomeBatch.Prepared(first, channels));
    }

    VerifyReport Verify(bool isShared = false, string? acks = null, params (BatchId, long)[] deadLetters) =>
        new Verifier(_disk.Root, new LogWriterOptions()) { IsShared = isShared,
            Acknowledged = acks is null ? null : AckLog.Read(acks), DeadLetters = deadLetters }.Run();

    void Change(string channel, Func<string, string> change)
    {
        var directory = _disk.Root.Directory(channel);
        var text = Encoding.UTF8.GetBytes(
            change(Encoding.UTF8.GetString(LogPipeline.Tests.DurableFiles.StoreDirectoryExtensions.ReadAll(directory, File))));
        using var file = directory.Open(File, StoreOpen.Existing);
        file.SetLength(text.Length);
        file.Write(text, 0);
    }

    [Fact]
    public async Task WhatTheWorkerWroteIsClean()
    {
        await WriteAsync((1, ["app", "web", "app"]), (4, ["web", "app"]));
        var report = Verify(acks: "shop/i1/1-5\n");
        report.ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(5), r => r.Receipts.ShouldBe(2), r =>
            r.Files.ShouldBe(2),
            r => r.Acknowledged.ShouldBe(5), r =>
                r.Channels.Select(c => (c.Channel, c.Source, c.Records)).ShouldBe([("app", "shop", 3), ("web", "shop", 2)]));
    }

    [Fact]
    public async Task DirectoriesThatWorkersShareAreHeldTogether()
    {
        async Task<Verifier> WorkerAsync(string name, params long[] batches)
        {
            var root = _disk.Root.Directory(name);
            await using var writer = new LogWriter(root, new LogWriterOptions(), new TestClock());
            writer.Start();
            foreach (var first in batches) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
            return new Verifier(root, new LogWriterOptions()) { Acknowledged = AckLog.Read("shop/i1/1-5\n") };
        }

        Verifier[] shared = [await WorkerAsync("a", 1, 3, 5), await WorkerAsync("b", 2, 4)];
        Verifier.Run(shared).ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(5), r =>
            r.Receipts.ShouldBe(5), r => r.Acknowledged.ShouldBe(5));
        Verifier.Run([await WorkerAsync("a"), await WorkerAsync("c", 2, 5)])
            .ShouldSatisfyAllConditions(r => r.Lost.ShouldBe(1), r => r.Duplicate.ShouldBe(1));
    }

    [Fact]
    public void AnEmptyDirectoryIsClean() => Verify().IsClean.ShouldBeTrue();

    [Fact]
    public async Task AnAcknowledgedRecordThatIsNowhereIsLost()
    {
        await WriteAsync((1, ["app"]));
        var report = Verify(acks: "# of a test\nshop/i1/1\nshop/i1/2\nother/i9/7\nshop/i1/3");
        report.Lost.ShouldBe(2, "the torn last line is left out");
        report.Examples.Select(example => (example.Kind, example.Where)).ShouldBe([("lost", "shop/i1/2"), ("lost", "other/i9/7")]);
    }

    [Fact]
    public async Task AGapIsALossUnlessOthersTakeAPartOrADeadLetterHasIt()
    {
        await WriteAsync((1, ["app"]), (4, ["app"]));
        Verify().Lost.ShouldBe(2);
        Verify(acks: "shop/i1/2\n").Lost.ShouldBe(2, "found twice is lost once");
        Verify(isShared: true).Lost.ShouldBe(0);
        Verify(deadLetters: (new BatchId("shop", "i1", 2), 2))
            .ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.DeadLettered.ShouldBe(2));
    }

    [Fact]
    public async Task ALetterThatCannotBeReadStandsForAllUpToTheNextNumber()
    {
        await WriteAsync((1, ["app"]), (4, ["app"]), (6, ["app"]));
        Verify(deadLetters: (new BatchId("shop", "i1", 2), 0)).Lost.ShouldBe(1, "5 has no letter");
    }

    [Fact]
    public async Task ADirectoryThatIsBeingWrittenToIsClean()
    {
        using var directory = new TempDirectory();
        await using var writer = new LogWriter(new PhysicalDirectory(directory.Path),
            new LogWriterOptions { FileBytesMax = 20_000, IntentBytesMax = 100_000 }, TimeProvider.System);
        writer.Start();
        var writing = Task.Run(async () =>
        {
            var chance = new Random(3);
            var next = 1L;
            for (var i = 0; i < 60; i++)
            {
                var group = new List<Task>();
                for (var j = 0; j < 5; j++)
                {
                    var channels = Enumerable.Range(0, chance.Next(1, 40)).Select(_ => $"c{chance.Next(4)}").ToArray();
                    group.Add(writer.WriteAsync(SomeBatch.Prepared(next, channels)));
                    next += channels.Length;
                }
                await Task.WhenAll(group);
            }
            return next - 1;
        });
        var looks = 0;
        while (!writing.IsCompleted)
        {
            var report = new Verifier(new PhysicalDirectory(directory.Path), new LogWriterOptions()).Run();
            report.IsClean.ShouldBeTrue(string.Join('\n', report.Examples));
            looks++;
        }
        new Verifier(new PhysicalDirectory(directory.Path), new LogWriterOptions()).Run().Records.ShouldBe(await writing);
        looks.ShouldBeGreaterThan(3);
    }

    [Fact]
    public async Task ALineThatIsThereTwiceIsADuplicate()
    {
        await WriteAsync((1, ["app", "app"]));
        Change("app", text => text + text.Split('\n')[0] + "\n");
        var text = SomeBatch.Files(_disk.Root)[$"app/{File}"];
        var copyAt = text.LastIndexOf('\n', text.Length - 2) + 1;
        Verify().ShouldSatisfyAllConditions(r => r.Duplicate.ShouldBe(1), r => r.Reordered.ShouldBe(0), r => r.Corrupt.ShouldBe(0),
            r => r.Examples.ShouldHaveSingleItem().What.ShouldBe($"It is there once more in app/{File} at byte {copyAt}."));
    }

    [Fact]
    public async Task ALineBehindALaterOneIsReordered()
    {
        await WriteAsync((2, ["app"]), (1, ["app"]));
        Verify().ShouldSatisfyAllConditions(r => r.Reordered.ShouldBe(1), r => r.Lost.ShouldBe(0), r => r.Duplicate.ShouldBe(0));
    }

    [Fact]
    public async Task ARecordThatWasADeadLetterMayStandBehindLaterOnes()
    {
        await using (var writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
            await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
            var (header, array) = SomeBatch.Of(2, "app");
            header = header with { Source = RetriedBatch.Source, Instance = "ab", FirstSequence = 1, LastSequence = 1,
                RetryOf = header.Id.ToString() };
            await writer.WriteAsync(BatchPreparer.Prepare(header, array));
            await writer.WriteAsync(SomeBatch.Prepared(4, "app"));
        }
        Verify().ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(4));
    }

    [Fact]
    public async Task AChangedByteIsFoundByTheReceipt()
    {
        await WriteAsync((1, ["app"]));
        Change("app", text => text.Replace("info", "warn"));
        Verify().ShouldSatisfyAllConditions(r => r.Corrupt.ShouldBe(1), r =>
            r.Examples.ShouldHaveSingleItem().What.ShouldContain("logs/shop/i1/000000000001"));
    }

    [Theory]
    [InlineData("no json\n")]
    [InlineData("{\"a\":1} more\n")]
    [InlineData("[1]\n")]
    [InlineData("\n")]
    [InlineData("{\"torn\":")]
    public async Task WhatIsNoRecordIsCorrupt(string added)
    {
        await WriteAsync((1, ["app"]));
        Change("app", text => text + added);
        Verify().ShouldSatisfyAllConditions(r => r.Corrupt.ShouldBe(1), r => r.Records.ShouldBe(1));
    }

    [Fact]
    public async Task AFileThatIsShorterThanItsReceiptsHasLost()
    {
        await WriteAsync((1, ["app"]), (2, ["app"]));
        Change("app", text => text[..(text.IndexOf('\n') + 1)]);
        Verify().ShouldSatisfyAllConditions(r => r.Lost.ShouldBe(1), r => r.Corrupt.ShouldBe(0));
    }

    [Fact]
    public async Task AFileThatIsGoneIsToldAndIsNoLossByItself()
    {
        await WriteAsync((1, ["app"]), (2, ["web"]), (3, ["app"]));
        _disk.Root.Directory("web").Delete(File);
        Verify().ShouldSatisfyAllConditions(r => r.Removed.ShouldBe(1), r => r.IsClean.ShouldBeTrue());
    }

    [Fact]
    public async Task AFileThatIsGoneIsNoLossWhenTheLedgerHasForgottenItsBatches()
    {
        await using (var writer = new LogWriter(_disk.Root, new LogWriterOptions { ReceiptsMax = 8, IntentBytesMax = 1 }, new TestClock()))
        {
            writer.Start();
            for (var i = 1; i <= 40; i++) await writer.WriteAsync(SomeBatch.Prepared(i, i is 1 or 3 ? "old" : "app"));
        }
        _disk.Root.Directory("old").Delete(File);
        Verify().ShouldSatisfyAllConditions(r => r.Removed.ShouldBe(0), r => r.IsClean.ShouldBeTrue(), r =>
            r.Receipts.ShouldBeLessThan(20));
    }

    [Fact]
    public async Task ABatchThatIsBeingWrittenIsNoFault()
    {
        await WriteAsync((1, ["app"]));
        await using (var writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock()))
        {
            writer.Start();
            // The lines reach the file, and the sync behind them fails: an intent without a receipt.
            _disk.Fault = operation => operation.Verb == StoreVerb.Sync && operation.Path.EndsWith(File, StringComparison.Ordinal)
                ? new StoreFault(StoreFaultKind.NoSpace) : null;
            await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(2, "app")));
            // It tries by itself to finish what it has begun, and has the file open meanwhile.
        }
        _disk.Fault = null;
        Change("app", text => text[..^5]);
        Verify(acks: "shop/i1/1-2\n").ShouldSatisfyAllConditions(r => r.Unfinished.ShouldBe(1), r => r.IsClean.ShouldBeTrue());
    }

    [Fact]
    public async Task HundredsOfBatchesOfFiftyChannelsAreCountedToTheLast()
    {
        var chance = new Random(7);
        var batches = new List<(long, string[])>();
        var next = 1L;
        for (var i = 0; i < 400; i++)
        {
            var channels = Enumerable.Range(0, chance.Next(1, 30)).Select(_ => $"c{chance.Next(50)}").ToArray();
            batches.Add((next, channels));
            next += channels.Length;
        }
        await WriteAsync([.. batches]);
        Verify(acks: $"shop/i1/1-{next - 1}\n")
            .ShouldSatisfyAllConditions(r => r.IsClean.ShouldBeTrue(), r => r.Records.ShouldBe(next - 1));
    }

    [Theory]
    [InlineData("shop/1")]
    [InlineData("shop/i1/x")]
    [InlineData("shop/i1/5-4")]
    [InlineData("sh op/i1/5")]
    public void ASendersLogIsReadStrictly(string line) =>
        Should.Throw<FormatException>(() => AckLog.Read(line + "\n")).Message.ShouldContain("Line 1");
}
