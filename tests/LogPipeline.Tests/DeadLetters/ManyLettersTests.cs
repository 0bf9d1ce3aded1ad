using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>Letters as somebody makes them who makes many, or large ones.</summary>
public sealed class ManyLettersTests
{
    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();

    DeadLetterBox Box(long bytesMax = 1 << 30) =>
        new(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), bytesMax, _time);

    static DeadLetter Letter(int number)
    {
        var (header, array) = SomeBatch.Of(number, "app");
        return BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", Some.Instant);
    }

    [Fact]
    public void ALetterDoesNotOpenAllOthers()
    {
        const int letters = 2_000;
        var box = Box();
        var before = _disk.Opened;
        for (var i = 1; i <= letters; i++) box.Write(Letter(i));
        (_disk.Opened - before).ShouldBe(letters);
        box.List().Count.ShouldBe(letters);
    }

    [Fact]
    public void NoMoreLettersAreKeptThanTheBoundAndRoomThatOthersMakeIsFound()
    {
        var box = Box();
        for (var i = 1; i <= DeadLetterBox.LettersMax; i++) box.Write(Letter(i));
        var more = Letter(DeadLetterBox.LettersMax + 1);
        Should.Throw<IOException>(() => box.Write(more)).Message.ShouldContain("The 10000 dead letters");
        // One that is there is there.
        box.Write(Letter(1));
        Box().Remove(Letter(1).Name);

        // While it seems full they are counted once in a while, and not for each batch that comes.
        var before = _disk.Opened;
        Should.Throw<IOException>(() => box.Write(more));
        _disk.Opened.ShouldBe(before);
        _time.Advance(DeadLetterBox.CountInterval);
        box.Write(more);
        Should.Throw<IOException>(() => box.Write(Letter(DeadLetterBox.LettersMax + 2)));
    }

    [Fact]
    public void TheBytesOfLettersThatAreThereCountFromTheBeginning()
    {
        var length = Letter(1).ToBytes().Length;
        Box().Write(Letter(1));
        var box = Box(2 * length);
        box.Write(Letter(2));
        Should.Throw<IOException>(() => box.Write(Letter(3)));
        // Room that this process makes is seen at once.
        box.Remove(Letter(1).Name);
        box.Write(Letter(3));
    }

    [Fact]
    public async Task ALetterThatWaitsForAnotherTakesNoThread()
    {
        var held = new SyncPoint();
        var box = new DeadLetterBox(() =>
        {
            held.Reach();
            return _disk.Root.Directory(DeadLetterBox.DirectoryName);
        }, 1 << 20);
        var first = Task.Run(() => box.WriteAsync(Letter(1)));
        await held.ReachedAsync();
        var second = box.WriteAsync(Letter(2));
        second.IsCompleted.ShouldBeFalse();
        held.Release();
        await Task.WhenAll(first, second);
        box.List().Count.ShouldBe(2);
    }

    [Fact]
    public async Task ABatchOfBadRecordsMakesALetterThatIsHardlyLargerThanItsRecords()
    {
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time);
        writer.Start();
        var box = Box();
        var array = Encoding.UTF8.GetBytes("[" + string.Join(',', Enumerable.Repeat("{\"seq\":9}", 40_000)) + "]");
        var header = SomeBatch.Of(1, "app").Header with { RecordCount = 40_000, Bytes = array.Length };
        var receipt = await new BatchWriter(writer, box, "me", _time).WriteAsync(header.Id.ToString(), header, array);
        receipt.DeadLettered.ShouldBe(40_000);
        box.List().ShouldHaveSingleItem().Bytes.ShouldBeLessThan(array.Length + 2_000);
    }

    [Fact]
    public async Task NeitherATextThatAReasonQuotesNorALongHeaderMakesALetterLarge()
    {
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time);
        writer.Start();
        var box = Box();
        var text = new string('x', 500_000);
        var array = Encoding.UTF8.GetBytes($$"""[{"source":"{{text}}"}]""");
        var (header, _) = SomeBatch.Of(1, "app");
        await new BatchWriter(writer, box, "me", _time).WriteAsync(header.Id.ToString(), header, array);
        header = header with { Source = text, Channels = new Dictionary<string, int> { [text] = 1 } };
        await new BatchWriter(writer, box, "me", _time).WriteAsync("logs/shop/i1/000000000002", header, array);
        foreach (var letter in box.List()) letter.Bytes.ShouldBeLessThan(array.Length + 3_000);
    }
}
