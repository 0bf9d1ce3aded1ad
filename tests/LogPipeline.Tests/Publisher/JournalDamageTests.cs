using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Spooling;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a journal makes of files that were cut or changed behind its back.</summary>
public sealed class JournalDamageTests
{
    [Fact]
    public void EveryTruncationCostsWhatWasCutAndTheRecordThatWasHit()
    {
        var (bytes, records) = JournalRig.Segment(64 * 1024);
        records.ShouldBeGreaterThan(200);
        var ends = Ends(bytes);
        var step = LongRuns.Choose(usual: 17, @long: 1);
        for (var length = bytes.Length; length >= 0; length -= step)
        {
            var whole = ends.TakeWhile(end => end <= length).Count();
            var reading = JournalRig.Read(bytes.AsSpan(0, length));
            reading.Found.ShouldBe(whole);
            reading.Sequences.ShouldBe(Enumerable.Range(1, whole).Select(i => (long)i), $"cut at {length}");
            var isHit = length > (whole == 0 ? 0 : ends[whole - 1]) && whole < records;
            reading.Lost.ShouldBe(isHit ? 1 : 0, $"cut at {length}");
        }
    }

    [Fact]
    public void EverySingleBitFlipCostsTheRecordThatWasHit()
    {
        var (bytes, records) = JournalRig.Segment(4 * 1024);
        var ends = Ends(bytes);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            var hit = ends.TakeWhile(end => end <= bit / 8).Count() + 1;
            var reading = JournalRig.Read(flipped);
            reading.Sequences.ShouldBe(Enumerable.Range(1, records).Where(i => i != hit).Select(i => (long)i), $"bit {bit}");
            if (hit <= records)
            {
                reading.Lost.ShouldBe(1, $"bit {bit}");
                reading.Files.ShouldContain(JournalRig.Name.Segment(1) + ".damaged");
            }
        }
    }

    [Fact]
    public void NoSingleBitOfTheBookmarkMattersAndNoTruncationOfItsSecondCopy()
    {
        var directory = new InMemoryDisk().Root;
        var progress = new Progress(17, 18, 40, "logs/orders/20261121T080000-1/000000000001");
        using (var made = Bookmark.Open(directory, "b")) made.Note(progress, sync: true);
        var bytes = Content(directory, "b");
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            Reread(bytes).ShouldBe((progress, false));
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
        for (var length = bytes.Length; length >= 4096; length--) Reread(bytes.AsSpan(0, length)).ShouldBe((progress, false));
        Reread("nonsense"u8).ShouldBe((default, true));
        Reread(new byte[8192]).ShouldBe((default, false));

        static (Progress, bool) Reread(ReadOnlySpan<byte> content)
        {
            var directory = new InMemoryDisk().Root;
            using (var file = directory.Open("b", StoreOpen.New)) file.Write(content, 0);
            using var bookmark = Bookmark.Open(directory, "b");
            return (bookmark.Progress, bookmark.WasLost);
        }
    }

    [Fact]
    public void AKillInTheMiddleOfAnAppendIsNoDamage()
    {
        var (bytes, records) = JournalRig.Segment(4 * 1024);
        var (begin, end) = ((int)Ends(bytes)[records - 2], (int)Ends(bytes)[records - 1]);
        // The marker is written last.
        bytes.AsSpan(begin, 4).Clear();
        for (var written = begin; written <= end; written += 10)
        {
            var torn = (byte[])bytes.Clone();
            torn.AsSpan(written).Clear();
            var reading = JournalRig.Read(torn);
            reading.Found.ShouldBe(records - 1);
            reading.Lost.ShouldBe(0);
            reading.Files.ShouldNotContain(file => file.EndsWith(".damaged"));
        }
    }

    [Fact]
    public void AJournalWithoutItsBookmarkIsReadFromItsFirstRecord()
    {
        var (bytes, records) = JournalRig.Segment(4 * 1024);
        var directory = new InMemoryDisk().Root;
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        using (var file = directory.Open(JournalRig.Name.Bookmark, StoreOpen.New)) file.Write("nonsense"u8, 0);
        using var journal = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter, sync: false);
        journal.BookmarkWasLost.ShouldBeTrue();
        journal.Found.ShouldBe((records, 0));
        JournalRig.Drain(journal).Count.ShouldBe(records);
    }

    [Fact]
    public void ARecordDamagedInASealedBatchIsLostAloneAndTheBatchKeepsItsName()
    {
        var (bytes, records) = JournalRig.Segment(4 * 1024);
        var directory = new InMemoryDisk().Root;
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        FrozenBatch first;
        using (var journal = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter, sync: false))
        {
            journal.Next(2, 100_000, null, _ => { });
            journal.Done(accepted: true);
            first = journal.Next(5, 100_000, null, _ => { })!;
        }
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.Existing)) file.Write([0], Ends(bytes)[2] - 20);
        using var again = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter, sync: false);
        again.Found.ShouldBe((records - 3, 1));
        var batch = again.Next(100, 100_000, null, _ => { })!;
        batch.Id.ShouldBe(first.Id);
        batch.Header.Previous.ShouldBe(first.Header.Previous);
        batch.LastSequence.ShouldBe(first.LastSequence);
        batch.RecordCount.ShouldBe(4);
        again.Done(accepted: true);
        JournalRig.Drain(again).ShouldBe(Enumerable.Range(8, records - 7).Select(i => (long)i));
    }

    [Fact]
    public void DamagedFilesThatAreKeptAreFew()
    {
        var directory = new InMemoryDisk().Root;
        for (var i = 0; i < 40; i++)
        {
            using (directory.Open($"{i:d3}.records", StoreOpen.New)) { }
            Journal.Quarantine(directory, $"{i:d3}.records");
        }
        directory.List().Count.ShouldBe(16);
        directory.List()[^1].ShouldBe("039.records.damaged");
    }

    /// <summary>Where each record ends.</summary>
    static List<long> Ends(byte[] segment)
    {
        var directory = new InMemoryDisk().Root;
        using (var made = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) made.Write(segment, 0);
        using var reader = RecordSegment.Open(directory, JournalRig.Name.Segment(1)).Read(directory, 0);
        var ends = new List<long>();
        while (reader.MoveNext(out _)) ends.Add(reader.End);
        return ends;
    }

    static byte[] Content(StoreDirectory directory, string name)
    {
        using var file = directory.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }
}
