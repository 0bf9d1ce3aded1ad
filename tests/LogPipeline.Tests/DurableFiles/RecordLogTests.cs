using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.DurableFiles;

public sealed class RecordLogTests
{
    static readonly RecordLogOptions Options = new() { RecordBytesMax = 1000, Random = new Random(7) };

    static List<string> Open(StoreDirectory directory, out RecordLog log)
    {
        var found = new List<string>();
        log = RecordLog.Open(directory, "log", Options, (_, payload) => found.Add(Encoding.UTF8.GetString(payload)));
        return found;
    }

    static List<string> Reopen(StoreDirectory directory, out RecordLogRecovery recovery)
    {
        var found = Open(directory, out var log);
        recovery = log.Recovery;
        log.Dispose();
        return found;
    }

    static byte[] Three(StoreDirectory directory)
    {
        Open(directory, out var log);
        log.Append("first"u8);
        log.Append("second"u8);
        log.Append("third"u8);
        log.Sync();
        log.Dispose();
        return directory.ReadAll("log");
    }

    [Theory, OnBothStores]
    public void RecordsComeBackInOrder(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        Three(store.Directory);
        Open(store.Directory, out var log).ShouldBe(["first", "second", "third"]);
        log.Recovery.Records.ShouldBe(3);
        var position = log.Append("fourth"u8);
        log.Append(""u8);
        log.Read(RecordLog.Start).Count().ShouldBe(3);
        log.Commit();
        log.Read(position).Select(r => Encoding.UTF8.GetString(r.Payload.Span)).ShouldBe(["fourth", ""]);
        log.Dispose();
        Reopen(store.Directory, out _).ShouldBe(["first", "second", "third", "fourth", ""]);
    }

    [Theory, OnBothStores]
    public void WhatWasNotCommittedIsNotThere(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        Open(store.Directory, out var log);
        log.Append("kept"u8);
        log.Commit();
        log.Append("gone"u8);
        log.Dispose();
        Reopen(store.Directory, out _).ShouldBe(["kept"]);
    }

    [Theory, OnBothStores]
    public void ATornTailIsCutWhereverItWasTorn(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        var whole = Three(store.Directory);
        var ends = new List<int>();
        Open(store.Directory, out var log);
        ends.AddRange(log.Read(RecordLog.Start).Select(r => (int)r.Next));
        log.Dispose();
        for (var length = 0; length < whole.Length; length++)
        {
            store.Directory.WriteAll("log", whole.AsSpan(0, length));
            var found = Reopen(store.Directory, out var recovery);
            found.Count.ShouldBe(ends.Count(end => end <= length), $"cut at {length}");
            recovery.TornBytes.ShouldBe(
                length - (found.Count > 0 ? ends[found.Count - 1] : length >= RecordLog.Start ? RecordLog.Start : 0));
            recovery.DamagedBytes.ShouldBe(0);

            Open(store.Directory, out log);
            log.Recovery.TornBytes.ShouldBe(0);
            log.Append("next"u8);
            log.Commit();
            log.Dispose();
            Reopen(store.Directory, out _).ShouldBe([.. found, "next"]);
        }
    }

    [Fact]
    public void AFlippedBitCostsTheRecordItHitsAndNoOther()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        var whole = Three(store.Directory);
        for (var bit = 0; bit < whole.Length * 8; bit++)
        {
            var damaged = whole.ToArray();
            damaged[bit / 8] ^= (byte)(1 << (bit % 8));
            store.Directory.WriteAll("log", damaged);
            var found = Reopen(store.Directory, out var recovery);
            var hit = bit / 8 < RecordLog.Start ? null : bit / 8 < RecordLog.Start + 17 ? "first" : bit / 8 < RecordLog.Start + 35
                ? "second" : "third";
            found.ShouldBe(((string[])["first", "second", "third"]).Where(text => text != hit), $"bit {bit}");
            (recovery.DamagedBytes + recovery.TornBytes > 0).ShouldBe(hit is not null);
        }
    }

    [Theory, OnBothStores]
    public void ARunOfZerosAtTheEndIsATornTail(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        var whole = Three(store.Directory);
        store.Directory.WriteAll("log", [.. whole, .. new byte[200_000]]);
        Reopen(store.Directory, out var recovery).ShouldBe(["first", "second", "third"]);
        recovery.TornBytes.ShouldBe(200_000);
        store.Directory.ReadAll("log").ShouldBe(whole);
    }

    [Fact]
    public void RecordsBehindMuchDamageAreFound()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        var whole = Three(store.Directory);
        var noise = new byte[300_000];
        new Random(3).NextBytes(noise);
        store.Directory.WriteAll("log", [.. whole.AsSpan(0, 37), .. noise, .. whole.AsSpan(37)]);
        Reopen(store.Directory, out var recovery).ShouldBe(["first", "second", "third"]);
        recovery.Damage.ShouldBe([(37, 300_000)]);
    }

    [Fact]
    public void ALogInsideARecordIsNotTakenForRecords()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        var inner = Three(store.Directory);
        store.Directory.Delete("log");
        Open(store.Directory, out var log);
        log.Append(inner);
        log.Append("after"u8);
        log.Commit();
        log.Dispose();
        var whole = store.Directory.ReadAll("log");
        whole[RecordLog.Start + 12] ^= 1;
        store.Directory.WriteAll("log", whole);
        Reopen(store.Directory, out _).ShouldBe(["after"]);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    [InlineData(20)]
    [InlineData(30)]
    public void ACommitThatFailedLeavesNothingBehind(int bytesDone)
    {
        var disk = new InMemoryDisk();
        Open(disk.Root, out var log);
        log.Append("kept"u8);
        log.Commit();
        log.Append("refused 1"u8);
        log.Append("refused 2"u8);
        // The disk is full, and even cutting fails: nothing of it may show once it works again.
        disk.Fault = operation => operation.Verb is StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace, bytesDone)
            : operation.Verb is StoreVerb.SetLength ? new StoreFault(StoreFaultKind.InputOutput) : null;
        Should.Throw<IOException>(log.Commit);
        disk.Fault = null;
        log.Append("next"u8);
        log.Commit();
        log.Dispose();
        Reopen(disk.Root, out var recovery).ShouldBe(["kept", "next"]);
        recovery.DamagedBytes.ShouldBe(0);
    }

    [Fact]
    public void WhatCouldNotBeCutAtOnceDoesNotComeBackBehindTheNextRecord()
    {
        var disk = new InMemoryDisk();
        Open(disk.Root, out var log);
        log.Append("gone"u8);
        log.Append("refused"u8);
        disk.Fault = operation => operation.Verb switch
        {
            StoreVerb.Write => new StoreFault(StoreFaultKind.InputOutput, Done: operation.Bytes),
            StoreVerb.SetLength => new StoreFault(StoreFaultKind.InputOutput),
            _ => null,
        };
        Should.Throw<IOException>(log.Commit);
        disk.Fault = null;
        // As long as the first one, so that the second would stand right behind it.
        log.Append("next"u8);
        log.Commit();
        log.Dispose();
        Reopen(disk.Root, out _).ShouldBe(["next"]);
    }

    [Theory, OnBothStores]
    public void ARecordThatIsWrittenThroughComesBehindThoseThatWereAppended(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        Open(store.Directory, out var log);
        log.Append("first"u8);
        log.AppendThrough("sec"u8, "ond"u8);
        log.Committed.ShouldBe(log.End);
        log.Append("third"u8);
        log.Commit();
        log.Dispose();
        Reopen(store.Directory, out var recovery).ShouldBe(["first", "second", "third"]);
        recovery.DamagedBytes.ShouldBe(0);
    }

    [Theory, InlineData(1), InlineData(2)]
    public void ARecordThatCannotBeWrittenThroughLeavesNothing(int failingWrite)
    {
        var disk = new InMemoryDisk();
        Open(disk.Root, out var log);
        log.Append("kept"u8);
        log.Commit();
        var writes = 0;
        disk.Fault = operation =>
            operation.Verb is StoreVerb.Write && ++writes == failingWrite ? new StoreFault(StoreFaultKind.NoSpace, 2) : null;
        Should.Throw<IOException>(() => log.AppendThrough("go"u8, "ne"u8));
        log.Append("next"u8);
        log.Commit();
        log.Dispose();
        Reopen(disk.Root, out var recovery).ShouldBe(["kept", "next"]);
        recovery.DamagedBytes.ShouldBe(0);
    }

    [Fact]
    public void SyncedRecordsSurviveAPowerCutAndTheirNameDoes()
    {
        var disk = new InMemoryDisk();
        Open(disk.Root, out var log);
        log.Append("synced"u8);
        log.Sync();
        log.Append("committed"u8);
        log.Commit();
        disk.Restart(StoreCrash.PowerCut);
        Reopen(disk.Root, out _).ShouldBe(["synced"]);
    }

    [Theory, OnBothStores]
    public void AFileOfAnotherKindIsLeftAsItIs(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        var text = Encoding.UTF8.GetBytes(new string('x', 100));
        store.Directory.WriteAll("log", text);
        Should.Throw<InvalidDataException>(() => Open(store.Directory, out _)).Message.ShouldContain("log");
        store.Directory.ReadAll("log").ShouldBe(text);
    }

    [Fact]
    public void ATooLargeRecordIsRefused()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Open(store.Directory, out var log);
        Should.Throw<ArgumentException>(() => log.Append(new byte[1001])).Message.ShouldContain("RecordBytesMax is 1000");
        log.Dispose();
    }
}
