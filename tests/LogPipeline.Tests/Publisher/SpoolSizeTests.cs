using LogPipeline.Publisher;
using LogPipeline.Publisher.Spool;
using LogPipeline.Tests.DurableFiles;

namespace LogPipeline.Tests.Publisher;

/// <summary>How much the spool takes: of one segment, and of what is set aside.</summary>
public sealed class SpoolSizeTests
{
    const int PageBytes = 4096;

    static int SegmentBytes(long bytesMax, int recordBytesMax = 1000) =>
        RecordSegment.CapacityFor(new TemporalSinkOptions { Limits = { SpoolBytesMax = bytesMax, EventBytesMax = recordBytesMax } });

    static SpoolStore Open(InMemoryDisk disk, long bytesMax) =>
        new(disk.Root, JournalRig.Name, "test", SomeFormatter.Of(new TemporalSinkOptions { Limits = { SpoolBytesMax = bytesMax } }));

    [Fact]
    public void ASegmentIsAnEighthOfTheQuota() => SegmentBytes(1024 * 1024).ShouldBe(128 * 1024);

    [Fact]
    public void ASegmentIsNoLargerThanFourMebibytes() => SegmentBytes(1L << 40).ShouldBe(4 * 1024 * 1024);

    [Fact]
    public void ASegmentIsWholePages() => SegmentBytes(8 * (32 * PageBytes + 1)).ShouldBe(33 * PageBytes);

    [Fact]
    public void ASegmentHoldsTheLargestRecordAndASealBehindIt()
    {
        // One byte over 700 pages, so that a byte too few would show.
        const int recordBytesMax = 700 * PageBytes + 1 - RecordFrame.OverheadMax - RecordSegment.SealRoom;
        SegmentBytes(bytesMax: 1_000_000, recordBytesMax).ShouldBe(701 * PageBytes);
    }

    [Fact]
    public void WhatFillsTheBoundExactlyIsSetAside()
    {
        var batch = SomeFrozen.Batch(1);
        var disk = new InMemoryDisk();
        using (var spool = Open(disk, batch.Records.Length)) spool.TrySetAside(batch).ShouldNotBeNull();
        using (var spool = Open(disk, batch.Records.Length - 1)) spool.TrySetAside(batch).ShouldBeNull();
    }

    [Fact]
    public void ABatchThatIsSetAsideAgainIsKeptAsItIsNow()
    {
        var disk = new InMemoryDisk();
        using var spool = Open(disk, bytesMax: 100_000);
        spool.TrySetAside(SomeFrozen.Batch(1, count: 9));
        var shorter = SomeFrozen.Batch(1, count: 2);
        spool.TrySetAside(shorter);
        var directory = disk.Root.Directory("refused");
        directory.ReadAll(directory.List().Single()).ShouldBe(shorter.Records);
    }
}
