using System.Buffers.Binary;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Workflows;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>What frames, names and notes of the spool hold, and where they end.</summary>
public sealed class SpoolingBoundsTests
{
    const int FixedBytes = 20;
    const uint Marker = 0xA1B2C3FF;

    /// <summary>Three records fit with all that the array puts around them, and not with a byte less.</summary>
    [Theory]
    [InlineData(0, 3)]
    [InlineData(-1, 2)]
    public void ABatchOfTheJournalIsCutAtItsBoundInBytes(int beside, int records)
    {
        var queued = SomeQueued.Records(1, count: 5);
        using var journal = Journal.Create(new InMemoryDisk().Root, JournalRig.Name, JournalRig.Formatter);
        journal.Append(queued, queued.Sum(one => RecordFrame.LengthOf(one.Record, one.Sequence)), tried: null);
        var lineBytes = queued.Take(3).Sum(one => one.Record.LengthWith(one.Sequence));
        var bound = LogBatchRecords.EncodedLength(3, lineBytes) + beside;
        var batch = journal.Next(100, bound, null, lost => throw new InvalidOperationException($"{lost} lost"))!;
        batch.RecordCount.ShouldBe(records);
        batch.Records.Length.ShouldBeLessThanOrEqualTo(bound);
    }

    /// <summary>In memory a record counts with the longest number that it could get.</summary>
    [Theory]
    [InlineData(0, 3)]
    [InlineData(-1, 2)]
    public void ABatchInMemoryIsCutAtItsBoundInBytes(int beside, int records)
    {
        var queued = SomeQueued.Records(1, count: 5);
        var options = new TemporalSinkOptions { Source = "orders" };
        var queue = new EventQueue(options, "i", new Books(), TimeProvider.System);
        foreach (var (record, _, _) in queued) queue.TryEnqueue(record, urgent: false, out _).ShouldBeTrue();
        var bound = LogBatchRecords.EncodedLength(3, queued.Take(3).Sum(one => one.Record.BytesMax)) + beside;
        queue.Peek(100, bound).Count.ShouldBe(records);
    }

    static byte[] PayloadOf(in Seal seal)
    {
        var frame = new byte[seal.FrameLength];
        seal.WriteFrame(frame, Marker);
        return frame[FrameScanner.HeaderSize..];
    }

    static byte[] Record(long sequence, long ticks, byte kind, int channelBytes, int length)
    {
        var payload = new byte[length];
        BinaryPrimitives.WriteInt64LittleEndian(payload, sequence);
        BinaryPrimitives.WriteInt64LittleEndian(payload.AsSpan(8), ticks);
        payload[16] = (byte)LogEventLevel.Warning;
        payload[17] = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(payload.AsSpan(18), (ushort)channelBytes);
        return payload;
    }

    [Theory]
    [InlineData(1, 1, null)]
    [InlineData(7, 9, "orders-20261121T080000-1-000000000001")]
    [InlineData(1, long.MaxValue, "x")]
    public void ASealIsReadAsItWasWritten(long first, long last, string? previous)
    {
        var seal = new Seal(first, last, previous);
        Seal.TryRead(PayloadOf(seal), out var read).ShouldBeTrue();
        read.ShouldBe(seal);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(-1, 1)]
    [InlineData(2, 1)]
    public void ASealOfNoRecordsIsNone(long first, long last) =>
        Seal.TryRead(PayloadOf(new Seal(first, last, null)), out _).ShouldBeFalse();

    [Fact]
    public void WhatIsNotAsLongAsASealSaysIsNone()
    {
        var payload = PayloadOf(new Seal(1, 2, "previous"));
        Seal.TryRead(payload.AsSpan(0, payload.Length - 1), out _).ShouldBeFalse();
        Seal.TryRead([.. payload, 0], out _).ShouldBeFalse();
        Seal.TryRead(payload.AsSpan(0, FixedBytes), out _).ShouldBeFalse();
        payload[17] = 1;
        Seal.TryRead(payload, out _).ShouldBeFalse();
    }

    [Fact]
    public void NoSealEndsInAZero() => PayloadOf(new Seal(1, 2, null))[^1].ShouldBe((byte)'\n');

    [Theory]
    [InlineData(1, 0, 0, 0, FixedBytes, true)]
    [InlineData(1, 0, 1, 3, FixedBytes + 3, true)]
    [InlineData(1, 0, 0, 3, FixedBytes + 2, false)]
    [InlineData(1, 0, 2, 0, FixedBytes, false)]
    [InlineData(0, 0, 0, 0, FixedBytes, false)]
    [InlineData(1, -1, 0, 0, FixedBytes, false)]
    [InlineData(1, 3155378975999999999, 0, 0, FixedBytes, true)]
    [InlineData(1, 3155378976000000000, 0, 0, FixedBytes, false)]
    public void ARecordIsOneWhenEachOfItsNumbersCanBe(long sequence, long ticks, byte kind, int channelBytes, int length, bool expected)
    {
        RecordFrame.TryRead(Record(sequence, ticks, kind, channelBytes, length), out var record).ShouldBe(expected);
        if (!expected) return;
        record.Sequence.ShouldBe(sequence);
        record.Time.ShouldBe(new DateTimeOffset(ticks, TimeSpan.Zero));
        record.Level.ShouldBe(LogEventLevel.Warning);
        record.IsPacked.ShouldBe(kind == 1);
        record.Channel.Length.ShouldBe(channelBytes);
    }

    [Fact]
    public void APayloadThatIsTooShortIsNoRecord() => RecordFrame.TryRead(new byte[FixedBytes - 1], out _).ShouldBeFalse();

    [Fact]
    public void TheMarkersOfTwoFilesDifferAndAreInNoText()
    {
        RecordFrame.MarkerOf("a").ShouldNotBe(RecordFrame.MarkerOf("b"));
        (RecordFrame.MarkerOf("a") & 0xFF).ShouldBe(0xFFu);
    }

    [Theory]
    [InlineData("orders~one~000001.records", "orders~one")]
    [InlineData("orders~one.bookmark", "orders~one")]
    [InlineData("a.b~c.d~000001.records", "a.b~c.d")]
    [InlineData("orders~one~000001.bookmark", null)]
    [InlineData("orders~one.records", null)]
    [InlineData("orders~one.bookmark.new", null)]
    [InlineData("~one.bookmark", null)]
    [InlineData("orders~.bookmark", null)]
    [InlineData("or ders~one.bookmark", null)]
    [InlineData("owner", null)]
    public void AFileBelongsToTheRunThatItsNameSays(string file, string? expected) =>
        JournalName.OfFile(file)?.ToString().ShouldBe(expected);

    [Fact]
    public void OnlyNumbersOutsideOfGapsAreKnown()
    {
        var gaps = new SequenceGaps();
        gaps.Known(0, 10).ShouldBe(10);
        gaps.Add(3, 4);
        gaps.Add(8, 8);
        gaps.Known(0, 10).ShouldBe(7);
        gaps.Known(0, 2).ShouldBe(2);
        gaps.Known(0, 3).ShouldBe(2);
        gaps.Known(2, 4).ShouldBe(0);
        gaps.Known(3, 8).ShouldBe(3);
        gaps.Known(4, 7).ShouldBe(3);
        gaps.Known(8, 10).ShouldBe(2);
        gaps.Known(5, 5).ShouldBe(0);
        gaps.Known(6, 5).ShouldBe(0);
    }

    [Fact]
    public void OfTwoProgressesTheOneThatSealedMoreIsFurtherAndThenTheOneThatDidMore()
    {
        var sealedFive = new Progress(2, 3, 5, "previous");
        sealedFive.IsSealed.ShouldBeTrue();
        sealedFive.IsFurtherThan(sealedFive).ShouldBeFalse();
        sealedFive.IsFurtherThan(new Progress(2, 3, 4, null)).ShouldBeTrue();
        sealedFive.IsFurtherThan(new Progress(5, 3, 5, null)).ShouldBeFalse();
        new Progress(5, 3, 5, null).IsFurtherThan(sealedFive).ShouldBeTrue();
        new Progress(5, 3, 5, null).IsSealed.ShouldBeFalse();
        Progress.Of(new Seal(3, 5, "previous")).ShouldBe(sealedFive);
    }

    [Fact]
    public void ABookmarkRecallsOnlyWhatHasComeFurther()
    {
        var disk = new InMemoryDisk();
        using var bookmark = Bookmark.Open(disk.Root, "b");
        bookmark.Write(new Progress(2, 3, 5, null), sync: false);
        bookmark.Advance(new Progress(1, 2, 2, null));
        bookmark.Progress.ShouldBe(new Progress(2, 3, 5, null));
        bookmark.Advance(new Progress(5, 6, 6, "p"));
        bookmark.Progress.ShouldBe(new Progress(5, 6, 6, "p"));
    }

    [Fact]
    public void ABookmarkOfZerosWasNotLostAndOneOfNoiseWas()
    {
        var disk = new InMemoryDisk();
        Bookmark.Open(disk.Root, "b").Dispose();
        using (var empty = Bookmark.Open(disk.Root, "b")) empty.WasLost.ShouldBeFalse();
        disk.Root.WriteAll("b", Enumerable.Repeat((byte)1, 8192).ToArray());
        using var lost = Bookmark.Open(disk.Root, "b");
        lost.WasLost.ShouldBeTrue();
        lost.Progress.ShouldBe(default);
    }

    [Theory, InlineData(0), InlineData(4096)]
    public void OfTwoCopiesTheOneThatHasComeFurtherHolds(int behind)
    {
        var disk = new InMemoryDisk();
        using (var bookmark = Bookmark.Open(disk.Root, "b")) bookmark.Write(new Progress(2, 3, 5, "previous"), sync: false);
        var before = disk.Root.ReadAll("b");
        using (var bookmark = Bookmark.Open(disk.Root, "b")) bookmark.Write(new Progress(5, 6, 9, "later"), sync: false);
        var bytes = disk.Root.ReadAll("b");
        before.AsSpan(behind, 4096).CopyTo(bytes.AsSpan(behind));
        disk.Root.WriteAll("b", bytes);
        using var read = Bookmark.Open(disk.Root, "b");
        read.Progress.ShouldBe(new Progress(5, 6, 9, "later"));
    }

    [Fact]
    public void APowerCutInTheMiddleOfTheSecondCopyLeavesTheFirstWhole()
    {
        var (before, later) = (new Progress(2, 3, 5, "previous"), new Progress(5, 6, 9, "later"));
        var disk = new InMemoryDisk();
        using (var bookmark = Bookmark.Open(disk.Root, "b")) bookmark.Write(before, sync: true);
        using (var file = disk.Root.Open("b", StoreOpen.Existing)) file.Sync();
        var cut = Bookmark.Open(disk.Root, "b");
        var copies = 0;
        disk.Fault = operation => operation.Verb == StoreVerb.Write && ++copies == 2
            ? new StoreFault(StoreFaultKind.Crash, operation.Bytes - 1)
            : null;
        Should.Throw<StoreCrashedException>(() => cut.Write(later, sync: true));
        disk.Restart(StoreCrash.PowerCut, new TearsAll());
        using var read = Bookmark.Open(disk.Root, "b");
        read.WasLost.ShouldBeFalse();
        read.Progress.ShouldBe(later);
    }

    [Fact]
    public void ABookmarkWhoseSyncFailedIsMadeAnewAndKeepsWhatItSaid()
    {
        var disk = new InMemoryDisk();
        using (var bookmark = Bookmark.Open(disk.Root, "b"))
        {
            bookmark.Write(new Progress(2, 3, 5, "previous"), sync: true);
            disk.Fault = operation => operation.Verb is StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
            Should.Throw<IOException>(() => bookmark.Write(new Progress(5, 6, 9, "later"), sync: true));
            bookmark.Progress.ShouldBe(new Progress(2, 3, 5, "previous"));
            disk.Fault = null;
            bookmark.Write(new Progress(5, 6, 9, "later"), sync: true);
        }
        disk.Restart(StoreCrash.PowerCut);
        using var read = Bookmark.Open(disk.Root, "b");
        read.Progress.ShouldBe(new Progress(5, 6, 9, "later"));
        disk.Root.List().ShouldBe(["b"]);
    }

    /// <summary>No chance: of each write that was not synced the first half is left.</summary>
    sealed class TearsAll : Random
    {
        public override int Next(int maxValue) => maxValue <= 3 ? maxValue - 1 : maxValue / 2;
    }
}
