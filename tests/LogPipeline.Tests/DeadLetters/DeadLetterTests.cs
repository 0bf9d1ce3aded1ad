using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.DeadLetters;

public sealed class DeadLetterTests : IAsyncDisposable
{
    const string Workflow = "logs/shop/i1/000000000001";

    readonly InMemoryDisk _disk = new();
    readonly TestClock _time = new();
    readonly LogWriter _writer;
    readonly DeadLetterBox _box;

    public DeadLetterTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time);
        _writer.Start();
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000);
    }

    public async ValueTask DisposeAsync() => await _writer.DisposeAsync();

    Task<WriteReceipt> WriteAsync(LogBatchHeader header, byte[] array, string workflow = Workflow) =>
        new BatchWriter(_writer, _box, "me", _time).WriteAsync(workflow, header, array);

    static byte[] Replaced(byte[] array, string what, string with) =>
        Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace(what, with, StringComparison.Ordinal));

    string Text(string name) => Encoding.UTF8.GetString(_box.Read(name).Bytes.Span);

    [Fact]
    public async Task OneRecordThatBelongsElsewhereIsTakenOutAndTheRestIsWritten()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app", "web", "app");
        array = Replaced(array, "\"seq\":2}", "\"seq\":99}");
        var receipt = await WriteAsync(header, array);

        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1, 4]);
        SomeBatch.Sequences(_disk.Root, "web").ShouldBe([3]);
        receipt.DeadLettered.ShouldBe(1);
        receipt.RecordCount.ShouldBe(3);
        var letter = _box.List().ShouldHaveSingleItem();
        letter.Name.ShouldBe(receipt.DeadLetter);
        letter.Head!.Workflow.ShouldBe(Workflow);
        letter.Head.Parts.ShouldHaveSingleItem().Reason.ShouldBe(
            $"Record 2 of batch {Workflow} has seq '99' and belongs to another batch.");
        Text(letter.Name).ShouldContain("\"seq\":99}\n");
        _box.Numbers().ShouldBe([(new BatchId("shop", "i1", 2), 1)]);
    }

    [Theory]
    [InlineData("\"level\":\"info\"", "\"level\":\"info")]
    [InlineData("{\"@t\"", "\"@t\"")]
    public async Task ARecordThatIsNoJsonIsTakenOutWithItsBytesIntact(string what, string with)
    {
        var (header, array) = SomeBatch.Of(1, "app", "poison", "app");
        var line = Encoding.UTF8.GetString(array).Split(",\n")[1];
        var poison = line.Replace(what, with, StringComparison.Ordinal);
        var receipt = await WriteAsync(header, Replaced(array, line, poison));

        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1, 3]);
        Text(receipt.DeadLetter!).ShouldBe(poison + "\n");
    }

    [Fact]
    public async Task ABatchThatIsTriedAgainMakesTheSameLetterAndTheSameLines()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app");
        array = Replaced(array, "\"seq\":2}", "\"seq\":99}");
        var first = await WriteAsync(header, array);
        _time.Advance(TimeSpan.FromHours(1));
        var second = await WriteAsync(header, array);

        second.AlreadyWritten.ShouldBeTrue();
        second.DeadLetter.ShouldBe(first.DeadLetter);
        _box.List().Count.ShouldBe(1);
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
    }

    [Fact]
    public async Task ABatchWhoseHeaderCountsOtherwiseIsDeadAsAWholeAndTheNextOneDoesNotWait()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app");
        var receipt = await WriteAsync(header with { RecordCount = 3 }, array);
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(0), r => r.DeadLettered.ShouldBe(3));
        _box.Read(receipt.DeadLetter!).Bytes.ToArray().ShouldBe(array);

        var (next, records) = SomeBatch.Of(4, "app");
        (await WriteAsync(next with { Previous = Workflow }, records, "logs/shop/i1/000000000004")).RecordCount.ShouldBe(1);
    }

    [Fact]
    public async Task ABatchWhoseHeaderNamesAnotherIsDeadAsAWhole()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var receipt = await WriteAsync(header with { Source = "a/b" }, array);
        receipt.DeadLettered.ShouldBe(1);
        _disk.Root.ListDirectories().ShouldNotContain("app");
    }

    [Fact]
    public async Task ASecondBatchOfTheSameNameKeepsItsBytes()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        await WriteAsync(header, array);
        var other = Replaced(array, "Event 1", "Other 1");
        var receipt = await WriteAsync(header, other);
        _box.Read(receipt.DeadLetter!).Bytes.ToArray().ShouldBe(other);
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
    }

    [Fact]
    public async Task WhenThereIsNoRoomForTheLetterTheBatchIsTriedAgain()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var full = new BatchWriter(_writer, new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 10), "me", _time);
        (await Should.ThrowAsync<IOException>(() =>
            full.WriteAsync(Workflow, header with { RecordCount = 5 }, array))).Message.ShouldContain("dead-letters list");
    }

    [Fact]
    public async Task NoLineOfABatchIsWrittenBeforeItsLetterIsKept()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app");
        array = Replaced(array, "\"seq\":2}", "\"seq\":99}");
        _disk.Fault = operation => operation.Path.Contains(DeadLetterBox.DirectoryName, StringComparison.Ordinal)
            && operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<IOException>(() => WriteAsync(header, array));
        SomeBatch.Lines(_disk.Root, "app").ShouldBeEmpty();

        _disk.Fault = null;
        (await WriteAsync(header, array)).AlreadyWritten.ShouldBeFalse();
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
    }

    [Fact]
    public void EveryFailureWhileALetterIsMadeLeavesItWholeOrNotThere()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var letter = BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow());
        for (var at = 0; at < 20; at++)
        {
            var disk = new InMemoryDisk();
            var operations = 0;
            disk.Fault = _ => operations++ == at ? new StoreFault(StoreFaultKind.NoSpace) : null;
            var box = new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000);
            try
            {
                box.Write(letter);
            }
            catch (IOException)
            {
            }
            disk.Fault = null;
            foreach (var listed in box.List()) listed.Problem.ShouldBeNull();
            new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000).Write(letter);
            box.List().ShouldHaveSingleItem().Head!.Workflow.ShouldBe(Workflow);
        }
    }

    [Fact]
    public async Task ALetterThatIsTriedAgainIsWrittenThoughItBelongsElsewhere()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app");
        var receipt = await WriteAsync(header, Replaced(array, "\"seq\":2}", "\"seq\":99}"));
        var retried = RetriedBatch.Of(_box.Read(receipt.DeadLetter!), receipt.DeadLetter!);
        (await WriteAsync(retried.Header!, retried.Input[1].Data.ToByteArray(), retried.Id.ToString())).DeadLetter.ShouldBeNull();
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1, 99]);
    }

    [Fact]
    public async Task ABatchOfWhichNothingIsInAFileIsBroughtNowhereElse()
    {
        var destination = new DeliveryTarget { Destination = "elsewhere", GiveUpAfterSeconds = 60 };
        var writer = new BatchWriter(_writer, _box, "me", _time, deliverTo: [destination]);
        var (header, _) = SomeBatch.Of(1, "app", "app");
        (await writer.WriteAsync(Workflow, header, Encoding.UTF8.GetBytes("no array"))).DeliverTo.ShouldBeNull();
        var (next, records) = SomeBatch.Of(3, "app", "app");
        var half = Replaced(records, "\"seq\":4}", "\"seq\":99}");
        (await writer.WriteAsync(next.Id.ToString(), next, half)).DeliverTo.ShouldBe([destination]);
    }

    [Fact]
    public void AChangedLetterSaysSo()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var letter = BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow());
        _box.Write(letter);
        var directory = _disk.Root.Directory(DeadLetterBox.DirectoryName);
        using (var file = directory.Open(letter.Name, StoreOpen.Existing)) file.Write("x"u8, file.Length - 3);
        _box.List().ShouldHaveSingleItem().Problem!.ShouldContain("not those that were put into it");
    }

    [Fact]
    public void TheBoxIsBoundedInEveryRoundAndWhatIsRemovedMakesRoomOnce()
    {
        DeadLetter Letter(int number)
        {
            var (header, array) = SomeBatch.Of(number, "app");
            return BatchSalvage.Whole(header.Id.ToString(), header, array, "a reason", _time.GetUtcNow());
        }

        var size = Letter(1).ToBytes().Length;
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 2 * size + size / 2);
        for (var round = 0; round < 3; round++)
        {
            var (first, second, third) = (Letter(1 + 3 * round), Letter(2 + 3 * round), Letter(3 + 3 * round));
            box.Write(first);
            box.Write(second);
            Should.Throw<IOException>(() => box.Write(third)).Message.ShouldContain($"have {box.List().Sum(letter => letter.Bytes)} bytes");
            // One that is there already needs no room.
            box.Write(second);
            box.Remove(first.Name);
            box.Remove(first.Name);
            box.Write(third);
            Should.Throw<IOException>(() => box.Write(first));
            box.List().Select(letter => letter.Name).ShouldBe([second.Name, third.Name], ignoreOrder: true);
            box.Remove(second.Name);
            box.Remove(third.Name);
        }
        box.List().ShouldBeEmpty();
    }

    [Fact]
    public void ALetterThatIsRemovedStaysRemovedAfterAPowerCut()
    {
        var disk = new InMemoryDisk();
        DeadLetterBox Box() => new(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 100_000);
        var (header, array) = SomeBatch.Of(1, "app");
        var letter = BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow());
        Box().Write(letter);
        disk.Restart(StoreCrash.PowerCut, new Random(1));
        Box().List().ShouldHaveSingleItem();
        Box().Remove(letter.Name);
        disk.Restart(StoreCrash.PowerCut, new Random(1));
        Box().List().ShouldBeEmpty();
    }

    [Fact]
    public void ALetterThatSomebodyRemovesWhileTheyAreListedIsLeftOut()
    {
        using var directory = new TempDirectory();
        var box = new DeadLetterBox(() => new PhysicalDirectory(directory.Path), 100_000);
        var (header, array) = SomeBatch.Of(1, "app");
        box.Write(BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow()));
        // A name that is there when names are listed, and nothing when it is opened.
        File.CreateSymbolicLink(directory.File("gone.dead"), directory.File("nowhere"));
        box.List().ShouldHaveSingleItem().Head!.Workflow.ShouldBe(Workflow);
        box.Numbers().ShouldHaveSingleItem();
        var (other, records) = SomeBatch.Of(2, "app");
        box.Write(BatchSalvage.Whole("logs/shop/i1/000000000002", other, records, "a reason", _time.GetUtcNow()));
    }

    [Fact]
    public void ALetterWhoseHeadIsNoneSaysSo()
    {
        DurableFiles.StoreDirectoryExtensions.WriteAll(_disk.Root.Directory(DeadLetterBox.DirectoryName), "x.dead", "null\nbytes"u8);
        _box.List().ShouldHaveSingleItem().Problem!.ShouldContain("no dead letter");
    }

    [Fact]
    public void ALetterIsRetriedUnderOneNameWithItsBytesAndOneThatComesOfItUnderAnother()
    {
        var (header, array) = SomeBatch.Of(1, "app", "app");
        var letter = BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow());
        var first = RetriedBatch.Of(letter, letter.Name);
        RetriedBatch.Of(DeadLetter.FromBytes(letter.Name, letter.ToBytes()), letter.Name).Id.ShouldBe(first.Id);
        first.Input[1].Data.ToByteArray().ShouldBe(array);
        first.Header!.ShouldSatisfyAllConditions(h => h.RetryOf.ShouldBe(Workflow), h => h.RecordCount.ShouldBe(2), h =>
            h.LastSequence.ShouldBe(2));

        _time.Advance(TimeSpan.FromTicks(1));
        var later = BatchSalvage.Whole(Workflow, header, array, "a reason", _time.GetUtcNow());
        later.Name.ShouldBe(letter.Name);
        RetriedBatch.Of(later, later.Name).Id.ShouldNotBe(first.Id);
    }
}
