using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a journal makes of files that were cut or changed behind its back.</summary>
public sealed class JournalDamageTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(7)]
    public void EveryTruncationCostsWhatWasCutAndTheRecordThatWasHit(int sealedEach)
    {
        var (bytes, frames) = JournalRig.Segment(64 * 1024, sealedEach);
        frames.Count.ShouldBeGreaterThan(200);
        var step = LongRuns.Choose(usual: 17, @long: 1);
        for (var length = bytes.Length; length >= 0; length -= step)
        {
            var whole = frames.TakeWhile(frame => frame.End <= length).ToList();
            var expected = Open(whole);
            var reading = JournalRig.Read(bytes.AsSpan(0, length));
            reading.Found.ShouldBe(expected.Count);
            reading.Sequences.ShouldBe(expected, $"cut at {length}");
            var isHit = length > (whole.Count == 0 ? 0 : whole[^1].End) && whole.Count < frames.Count;
            reading.Lost.ShouldBe(isHit ? 1 : 0, $"cut at {length}");
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(3)]
    public void EverySingleBitFlipCostsTheRecordThatWasHit(int sealedEach)
    {
        var (bytes, frames) = JournalRig.Segment(4 * 1024, sealedEach);
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            var flipped = (byte[])bytes.Clone();
            flipped[bit / 8] ^= (byte)(1 << bit % 8);
            var hit = frames.Find(frame => frame.End > bit / 8);
            var reading = JournalRig.Read(flipped);
            var expected = Open([.. frames.Where(frame => frame != hit)]);
            reading.Sequences.ShouldBe(expected, $"bit {bit}");
            if (hit is null) continue;
            // A seal that was the last frame of all cannot be told from a record.
            var isMissed = Open(frames).Contains(hit.Sequence) || hit == frames[^1];
            reading.Lost.ShouldBe(isMissed ? 1 : 0, $"bit {bit}");
            reading.Files.ShouldContain(JournalRig.Name.Segment(1) + ".damaged");
            if (sealedEach > 0) NothingIsMissingInTemporal(frames, hit, reading, $"bit {bit}");
        }
    }

    /// <summary>All sealed batches are in Temporal already, which passes over what has the id of one of them.</summary>
    static void NothingIsMissingInTemporal(List<JournalRig.Frame> frames, JournalRig.Frame hit, JournalRig.Reading reading, string what)
    {
        var seals = frames.Select(frame => frame.Seal).OfType<Seal>().ToList();
        var there = seals.SelectMany(seal => Range(seal.First, seal.Last)).ToHashSet();
        foreach (var batch in reading.Batches)
            if (!seals.Exists(seal => seal.First == batch.Id.FirstSequence)) there.UnionWith(JournalRig.SequencesIn(batch));
        frames.Select(frame => frame.Sequence).Where(sequence => sequence > 0 && sequence != hit.Sequence).ShouldBeSubsetOf(there, what);
    }

    static IEnumerable<long> Range(long first, long last) => Enumerable.Range(0, (int)(last - first + 1)).Select(i => first + i);

    /// <summary>What the last seal does not tell to be done.</summary>
    static List<long> Open(List<JournalRig.Frame> frames)
    {
        var first = frames.FindLast(frame => frame.Seal is not null)?.Seal!.Value.First ?? 1;
        return [.. frames.Select(frame => frame.Sequence).Where(sequence => sequence >= first)];
    }

    [Fact]
    public void NoSingleBitOfTheBookmarkMattersAndNoTruncationOfItsSecondCopy()
    {
        var directory = new InMemoryDisk().Root;
        var progress = new Progress(17, 18, 40, "logs/orders/20261121T080000-1/000000000001");
        using (var made = Bookmark.Open(directory, "b")) made.Write(progress, sync: true);
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
        var (bytes, frames) = JournalRig.Segment(4 * 1024);
        var records = frames.Count;
        var (begin, end) = ((int)frames[^2].End, (int)frames[^1].End);
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
        var (bytes, frames) = JournalRig.Segment(4 * 1024);
        var records = frames.Count;
        var directory = new InMemoryDisk().Root;
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        using (var file = directory.Open(JournalRig.Name.Bookmark, StoreOpen.New)) file.Write("nonsense"u8, 0);
        using var journal = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter);
        journal.BookmarkWasLost.ShouldBeTrue();
        journal.Found.ShouldBe((records, 0));
        JournalRig.Drain(journal).Count.ShouldBe(records);
    }

    [Fact]
    public void ARecordDamagedInASealedBatchIsLostAloneAndTheBatchKeepsItsName()
    {
        var (bytes, frames) = JournalRig.Segment(4 * 1024);
        var records = frames.Count;
        var directory = new InMemoryDisk().Root;
        using (Bookmark.Open(directory, JournalRig.Name.Bookmark)) { }
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        FrozenBatch first;
        using (var journal = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter))
        {
            journal.Next(2, 100_000, null, _ => { });
            journal.Done(accepted: true);
            first = journal.Next(5, 100_000, null, _ => { })!;
        }
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.Existing)) file.Write([0], frames[2].End - 20);
        using var again = Journal.Load(directory, JournalRig.Name, JournalRig.Formatter);
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
            JournalSegments.Quarantine(directory, $"{i:d3}.records");
        }
        directory.List().Count.ShouldBe(16);
        directory.List()[^1].ShouldBe("039.records.damaged");
    }

    static byte[] Content(StoreDirectory directory, string name)
    {
        using var file = directory.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }
}
