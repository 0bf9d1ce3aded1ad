using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

/// <summary>A batch that is larger than the ledger takes is refused before it is begun, and alone.</summary>
public sealed class BatchBoundsTests
{
    // Larger as an entry of the ledger than a receipt was allowed to be, and than an intent is.
    const int PartsOfReceipt = 50_000;
    const int PartsOfIntent = 150_000;

    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();
    readonly WriterRecorder _events = new();

    LogWriter Start(int partsMax)
    {
        var writer = new LogWriter(_disk.Root, new LogWriterOptions { BatchPartsMax = partsMax }, _time, _events);
        writer.Start();
        return writer;
    }

    // As lines of one channel after another.
    static PreparedBatch Of(long first, int parts)
    {
        var line = "{}\n"u8.ToArray();
        return new PreparedBatch(new BatchId("wide", "i1", first), Enumerable.Repeat(line, parts).SelectMany(bytes => bytes).ToArray(),
            [.. Enumerable.Range(0, parts).Select(i => new PreparedPart($"tenant-{i}-of-a-channel-with-quite-a-long-name", line.Length, 1,
                Crc32C.Compute(line)))]);
    }

    [Fact]
    public async Task ABatchOfMoreChannelsThanABatchMayHaveIsALetterAndTheNextIsWritten()
    {
        await using var writer = Start(new LogWriterOptions().BatchPartsMax);
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var batches = new BatchWriter(writer, box, "me", _time);
        foreach (var (first, count) in ((long, int)[])[(1, BatchAdmission.ChannelsMax), (20_001, BatchAdmission.ChannelsMax + 1)])
        {
            var (header, array) = SomeBatch.Of(first, [.. Enumerable.Range(0, count).Select(i => $"c{i}")]);
            header = header with { Channels = new Dictionary<string, int>() };
            var receipt = await batches.WriteAsync(header.Id.ToString(), header, array);
            receipt.RecordCount.ShouldBe(count > BatchAdmission.ChannelsMax ? 0 : count);
            (receipt.DeadLetter is not null).ShouldBe(count > BatchAdmission.ChannelsMax);
        }
        box.List().ShouldHaveSingleItem().Head!.Parts[0].Reason.ShouldContain("more than 10000 channels");
        (await writer.WriteAsync(SomeBatch.Prepared(50_001, "app"))).AlreadyWritten.ShouldBeFalse();
        _events.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnArrayOfAsManyChannelsAsRecordsStopsNothing()
    {
        await using var writer = Start(new LogWriterOptions().BatchPartsMax);
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var records = Enumerable.Range(0, 50_000).Select(i => $$"""{"channel":"{{i}}"}""");
        var (header, _) = SomeBatch.Of(1, "app");
        header = header with { RecordCount = 50_000, LastSequence = 50_000 };
        var array = Encoding.UTF8.GetBytes("[" + string.Join(',', records) + "]");
        var receipt = await new BatchWriter(writer, box, "me", _time).WriteAsync(header.Id.ToString(), header, array);
        receipt.DeadLettered.ShouldBe(50_000);
        for (var first = 100_001; first <= 100_100; first++) await writer.WriteAsync(SomeBatch.Prepared(first, "app"));
        SomeBatch.Sequences(_disk.Root, "app").Count.ShouldBe(100);
    }

    [Fact]
    public async Task ABatchWithOneBadRecordAndTooManyChannelsIsALetterAsAWhole()
    {
        await using var writer = Start(new LogWriterOptions().BatchPartsMax);
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var (header, array) = SomeBatch.Of(1, [.. Enumerable.Range(0, BatchAdmission.ChannelsMax + 500).Select(i => $"c{i}")]);
        header = header with { Channels = new Dictionary<string, int>() };
        var bad = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace("\"seq\":2}", "\"seq\":99999}", StringComparison.Ordinal));
        var receipt = await new BatchWriter(writer, box, "me", _time).WriteAsync(header.Id.ToString(), header, bad);
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(0), r => r.DeadLettered.ShouldBe(BatchAdmission.ChannelsMax + 500));
        box.Read(receipt.DeadLetter!).Bytes.ToArray().ShouldBe(bad);
    }

    [Fact]
    public async Task WhatIsBegunAlwaysGetsItsReceipt()
    {
        await using (var writer = Start(int.MaxValue))
        {
            (await writer.WriteAsync(Of(1, PartsOfReceipt))).Entry.ToBytes().Length.ShouldBeGreaterThan(4 << 20);
            await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        }
        await using var again = Start(1_000);
        again.HasWritten(new BatchId("wide", "i1", 1)).ShouldBeTrue();
        (await again.WriteAsync(SomeBatch.Prepared(2, "app"))).AlreadyWritten.ShouldBeFalse();
        _events.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task ABatchThatTheLedgerCannotTakeFailsAloneAndNotItsGroup()
    {
        await using var writer = Start(int.MaxValue);
        var writes = Enumerable.Range(1, 50).Select(first => writer.WriteAsync(SomeBatch.Prepared(first, "app"))).ToList();
        var large = writer.WriteAsync(Of(1, PartsOfIntent));
        writes.AddRange(Enumerable.Range(51, 50).Select(first => writer.WriteAsync(SomeBatch.Prepared(first, "app"))));
        await Should.ThrowAsync<BatchRefusedException>(large);
        await Task.WhenAll(writes);
        SomeBatch.Sequences(_disk.Root, "app").Order().ShouldBe(Enumerable.Range(1, 100).Select(n => (long)n));
        writer.HasWritten(new BatchId("wide", "i1", 1)).ShouldBeFalse();
        _events.Failures.ShouldBeEmpty();
    }

    [Fact]
    public async Task PartsThatAreNotTheLinesAreRefused()
    {
        await using var writer = Start(1_000);
        var batch = SomeBatch.Prepared(1, "app");
        var more = batch with { Parts = [batch.Parts[0] with { Length = batch.Lines.Length + 1 }] };
        await Should.ThrowAsync<BatchRefusedException>(() => writer.WriteAsync(more));
        var part = batch.Parts[0];
        var negative = batch with { Parts = [part with { Length = -1 }, part with { Length = batch.Lines.Length + 1 }] };
        await Should.ThrowAsync<BatchRefusedException>(() => writer.WriteAsync(negative));
        await writer.WriteAsync(batch);
    }
}
