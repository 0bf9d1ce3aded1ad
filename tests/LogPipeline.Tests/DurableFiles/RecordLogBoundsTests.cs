using System.Buffers.Binary;
using LogPipeline.DurableFiles;

namespace LogPipeline.Tests.DurableFiles;

/// <summary>What lies exactly on a bound of a record log, and what lies just beyond it.</summary>
public sealed class RecordLogBoundsTests
{
    const int RecordBytesMax = 1000;
    const int HeaderSize = 20;

    static readonly RecordLogOptions Options = new() { RecordBytesMax = RecordBytesMax, Random = new Random(7) };

    static RecordLogRecovery Write(StoreDirectory directory, int records, int length = 1, RecordLogOptions? options = null)
    {
        using var log = RecordLog.Open(directory, "log", options ?? Options);
        for (var i = 0; i < records; i++) log.Append(Enumerable.Repeat((byte)i, length).ToArray());
        log.Sync();
        return log.Recovery;
    }

    [Fact]
    public void ARecordOfTheLargestSizeIsTakenAndFoundAgain()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1, RecordBytesMax);
        Write(store.Directory, 0).Records.ShouldBe(1);
    }

    [Fact]
    public void ALongerRecordOfAnotherBoundCountsAsDamage()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1);
        Write(store.Directory, 1, RecordBytesMax + 1, Options with { RecordBytesMax = RecordBytesMax + 1 });
        Write(store.Directory, 1, 5, Options with { RecordBytesMax = RecordBytesMax + 1 });
        var found = Write(store.Directory, 0);
        found.Records.ShouldBe(2);
        found.DamagedBytes.ShouldBe(RecordLog.Overhead + RecordBytesMax + 1);
    }

    [Fact]
    public void OfMuchDamageAHundredRangesAreListedAndAllBytesCounted()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        const int damaged = 101;
        Write(store.Directory, 2 * damaged + 1);
        var bytes = store.Directory.ReadAll("log");
        var frame = RecordLog.Overhead + 1;
        for (var i = 0; i < damaged; i++) bytes[HeaderSize + (2 * i + 1) * frame - 1] ^= 1;
        store.Directory.WriteAll("log", bytes);
        var found = Write(store.Directory, 0);
        found.Records.ShouldBe(damaged + 1);
        found.DamagedBytes.ShouldBe(damaged * frame);
        found.Damage.Count.ShouldBe(100);
        found.Damage[99].ShouldBe((HeaderSize + 198 * frame, frame));
    }

    [Fact]
    public void ALogOfAnotherVersionIsLeftAsItIs()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1);
        var bytes = store.Directory.ReadAll("log");
        bytes[8] = 2;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Crc32C.Compute(bytes.AsSpan(0, 16)));
        store.Directory.WriteAll("log", bytes);
        Should.Throw<InvalidDataException>(() => Write(store.Directory, 0)).Message.ShouldContain("version 2");
        Should.Throw<InvalidDataException>(() => new RecordLogReader(store.Directory, "log")).Message.ShouldContain("version 2");
        store.Directory.ReadAll("log").ShouldBe(bytes);
    }

    [Fact]
    public void AWholeHeadOfAnotherKindIsRefused()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1);
        var bytes = store.Directory.ReadAll("log");
        bytes[0] ^= 1;
        BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(16), Crc32C.Compute(bytes.AsSpan(0, 16)));
        store.Directory.WriteAll("log", bytes);
        Should.Throw<InvalidDataException>(() => Write(store.Directory, 0)).Message.ShouldContain("is not a record log.");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(31)]
    [InlineData(32)]
    [InlineData(4096)]
    public void AFileOfZerosIsALogThatWasNeverBegun(int length)
    {
        using var store = TestStore.Of(StoreKind.Memory);
        store.Directory.WriteAll("log", new byte[length]);
        Write(store.Directory, 1).ShouldBeEquivalentTo(new RecordLogRecovery(0, 0, length, []));
        Write(store.Directory, 0).Records.ShouldBe(1);
        store.Directory.ReadAll("log").Length.ShouldBe(HeaderSize + RecordLog.Overhead + 1);
    }

    [Fact]
    public void ADamagedHeadIsWrittenAnew()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1);
        var whole = store.Directory.ReadAll("log");
        store.Directory.WriteAll("log", [.. new byte[HeaderSize], .. whole[HeaderSize..]]);
        Write(store.Directory, 0).Records.ShouldBe(1);
        store.Directory.ReadAll("log").ShouldBe(whole);
    }

    [Fact]
    public void ALogWhoseHeadAndFirstRecordAreDamagedIsLeftAsItIs()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 2);
        var bytes = store.Directory.ReadAll("log");
        bytes[0] ^= 1;
        bytes[HeaderSize + RecordLog.Overhead] ^= 1;
        store.Directory.WriteAll("log", bytes);
        Should.Throw<InvalidDataException>(() => Write(store.Directory, 0)).Message.ShouldContain("first bytes are damaged");
        store.Directory.ReadAll("log").ShouldBe(bytes);
    }

    /// <summary>Its checksum is right, so only the marker tells.</summary>
    [Fact]
    public void AFrameOfAnotherLogIsDamageAlsoWhereAFrameBegins()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 1);
        var whole = store.Directory.ReadAll("log");
        store.Directory.Delete("log");
        Write(store.Directory, 1, 5);
        var foreign = store.Directory.ReadAll("log")[HeaderSize..];
        store.Directory.WriteAll("log", [.. whole, .. foreign, .. whole[HeaderSize..]]);
        var found = Write(store.Directory, 0);
        found.Records.ShouldBe(2);
        found.DamagedBytes.ShouldBe(foreign.Length);
    }

    [Fact]
    public void AnEmptyRecordAtTheEndBehindOneBytesDamageIsFound()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 2, 0);
        var whole = store.Directory.ReadAll("log");
        store.Directory.WriteAll("log", [.. whole[..^RecordLog.Overhead], 1, .. whole[^RecordLog.Overhead..]]);
        var found = Write(store.Directory, 0);
        found.Records.ShouldBe(2);
        found.DamagedBytes.ShouldBe(1);
    }

    [Fact]
    public void AFrameThatReachesOverTheEndOfWhatIsReadIsNotFound()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 2, 40);
        using var file = store.Directory.Open("log", StoreOpen.Read);
        var marker = BinaryPrimitives.ReadUInt32LittleEndian(store.Directory.ReadAll("log").AsSpan(12));
        var frame = RecordLog.Overhead + 40;
        for (var end = HeaderSize; end <= HeaderSize + 2 * frame; end++)
        {
            var scanner = new FrameScanner(file, marker, RecordBytesMax, HeaderSize, end);
            var found = 0;
            while (scanner.MoveNext()) found++;
            found.ShouldBe((end - HeaderSize) / frame, $"up to {end}");
            scanner.TornBytes.ShouldBe((end - HeaderSize) % frame);
        }
    }

    [Fact]
    public void AHeadThatWasWrittenAnewSurvivesAPowerCut()
    {
        var disk = new InMemoryDisk();
        Write(disk.Root, 1);
        var whole = disk.Root.ReadAll("log");
        disk.Root.WriteAll("log", [.. new byte[HeaderSize], .. whole[HeaderSize..]]);
        using (RecordLog.Open(disk.Root, "log", Options)) disk.Restart(StoreCrash.PowerCut);
        disk.Root.ReadAll("log").ShouldBe(whole);
    }

    [Fact]
    public void AReaderCountsDamageAndATornTailAndChangesNothing()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 3);
        var bytes = store.Directory.ReadAll("log");
        bytes[HeaderSize + RecordLog.Overhead] ^= 1;
        bytes = [.. bytes, 1, 2, 3];
        store.Directory.WriteAll("log", bytes);
        using var reader = new RecordLogReader(store.Directory, "log", Options);
        reader.Read().Select(record => record.Payload.Span[0]).ShouldBe([(byte)1, (byte)2]);
        reader.DamagedBytes.ShouldBe(RecordLog.Overhead + 1 + 3);
        reader.Length.ShouldBe(bytes.Length);
        store.Directory.ReadAll("log").ShouldBe(bytes);
    }

    [Fact]
    public void AReaderOfALogThatWasNeverBegunFindsNothing()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        store.Directory.WriteAll("log", new byte[7]);
        using var reader = new RecordLogReader(store.Directory, "log", Options);
        reader.Read().ShouldBeEmpty();
        reader.DamagedBytes.ShouldBe(7);
        Should.Throw<InvalidDataException>(() => reader.ReadAt(RecordLog.Start));
    }

    [Fact]
    public void AReaderFindsARecordWhereItBeginsAndNowhereElse()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        Write(store.Directory, 2);
        using var reader = new RecordLogReader(store.Directory, "log", Options);
        var second = RecordLog.Start + RecordLog.Overhead + 1;
        reader.ReadAt(RecordLog.Start).ShouldBe([0]);
        reader.ReadAt(second).ShouldBe([1]);
        reader.Read(second).Count().ShouldBe(1);
        Should.Throw<InvalidDataException>(() => reader.ReadAt(second - 1)).Message.ShouldContain($"at {second - 1}");
        Should.Throw<InvalidDataException>(() => reader.ReadAt(reader.Length));
    }

    [Fact]
    public void ATooLargeRecordInTwoPartsIsRefusedAndLeavesNothing()
    {
        using var store = TestStore.Of(StoreKind.Memory);
        using (var log = RecordLog.Open(store.Directory, "log", Options))
        {
            Should.Throw<ArgumentException>(() => log.AppendThrough(new byte[RecordBytesMax], new byte[1]));
            log.End.ShouldBe(RecordLog.Start);
            log.AppendThrough(new byte[RecordBytesMax - 1], new byte[1]).ShouldBe(RecordLog.Start);
        }
        Write(store.Directory, 0).Records.ShouldBe(1);
    }

    [Theory, OnBothStores]
    public void AnAllottedFileIsZerosOfThatLength(StoreKind kind)
    {
        using var store = TestStore.Of(kind);
        foreach (var length in (int[])[0, 1, 64 * 1024, 64 * 1024 + 1, 200_000])
        {
            store.Directory.Allot($"file{length}", length).Dispose();
            store.Directory.ReadAll($"file{length}").ShouldBe(new byte[length]);
        }
    }

    [Fact]
    public void AFileWhoseSyncFailedTakesNothingMore()
    {
        var disk = new InMemoryDisk();
        using var file = disk.Root.Open("file", StoreOpen.New);
        file.Write([1], 0);
        file.IsSuspect.ShouldBeFalse();
        disk.Fault = operation => operation.Verb is StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        Should.Throw<IOException>(file.Sync);
        disk.Fault = null;
        file.IsSuspect.ShouldBeTrue();
        Should.Throw<IOException>(file.Sync).Message.ShouldContain("An earlier sync of file failed");
        Should.Throw<IOException>(() => file.Write([1], 0));
        Should.Throw<IOException>(() => file.SetLength(0));
    }
}
