using LogPipeline.DurableFiles;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Worker;

/// <summary>Where the next lines go, without a writer around it.</summary>
public sealed class FileAllocatorTests : IDisposable
{
    static readonly DateOnly Today = new(2026, 11, 21);
    static readonly ChannelName App = ChannelName.Of("app");

    readonly InMemoryDisk _disk = new();
    readonly Dictionary<ChannelName, FileEnd> _ends = [];
    readonly WriterRecorder _events = new();
    readonly OpenLogFiles _files;
    FileAllocator? _allocator;

    public FileAllocatorTests() => _files = new OpenLogFiles(_disk.Root, openFilesMax: 10);

    public void Dispose() => _files.Dispose();

    FileAllocator Allocator => _allocator ??= new FileAllocator(_disk.Root, _files, new LogWriterOptions(), _ends, _events);

    static LogFileName Name(int number, DateOnly? day = null) => new(App, day ?? Today, number);

    void Stored(LogFileName name, int length) => _disk.Root.Directory("app").WriteAll(name.FileName, new byte[length]);

    (LogFileName Name, long Offset) Allocate(int length = 10) => Allocator.Allocate("app", length, Today, LogFormat.Clef);

    [Fact]
    public void LinesOfOneGroupLieBehindEachOther()
    {
        Allocate(10).ShouldBe((Name(1), 0));
        Allocate(5).ShouldBe((Name(1), 10));
        Allocate(1).ShouldBe((Name(1), 15));
    }

    [Fact]
    public void AFileIsContinuedWhenItIsAsLongAsTheLedgerSays()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Allocate().ShouldBe((Name(1), 7));
    }

    [Fact]
    public void AnEmptyFileIsContinuedAsWell()
    {
        Stored(Name(1), 0);
        _ends[App] = new FileEnd(Name(1), 0);
        Allocate().ShouldBe((Name(1), 0));
    }

    [Fact]
    public void AFileThatTheLedgerDoesNotKnowIsLeftAloneAndNotTold()
    {
        Stored(Name(1), 7);
        Allocate().ShouldBe((Name(2), 0));
        _events.Changed.ShouldBeEmpty();
    }

    [Fact]
    public void AFileOfAnotherLengthIsLeftAloneAndTold()
    {
        Stored(Name(1), 6);
        _ends[App] = new FileEnd(Name(1), 7);
        Allocate().ShouldBe((Name(2), 0));
        _events.Changed.ShouldBe([(Name(1), 7, 6, Name(2))]);
    }

    [Fact]
    public void TheNameOfAFileThatIsGoneIsNotUsedAgain()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(2), 7);
        Allocate().ShouldBe((Name(3), 0));
        _events.Changed.ShouldBe([(Name(2), 7, null, Name(3))]);
    }

    [Fact]
    public void AFileThatIsNewerThanTheLedgersIsPassed()
    {
        Stored(Name(1), 7);
        Stored(Name(2), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Allocate().ShouldBe((Name(3), 0));
    }

    [Fact]
    public void AFileOfAnEarlierDayThatIsGoneIsNotTold()
    {
        _ends[App] = new FileEnd(Name(4, Today.AddDays(-1)), 7);
        Allocate().ShouldBe((Name(1), 0));
        _events.Changed.ShouldBeEmpty();
    }

    [Fact]
    public void AFileThatWasFullIsNotTold()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Allocator.Allocate("app", int.MaxValue, Today, LogFormat.Clef).ShouldBe((Name(2), 0));
        _events.Changed.ShouldBeEmpty();
    }

    [Fact]
    public void AFileThatWasCutBetweenTwoGroupsIsLeftAlone()
    {
        Allocate();
        Stored(Name(1), 9);
        Allocator.BeginGroup();
        Allocate().ShouldBe((Name(2), 0));
    }

    [Fact]
    public void ATodayThatHasFilesGoesOnCountingAfterAClockThatWasDaysAhead()
    {
        Stored(Name(1), 7);
        Stored(Name(3), 7);
        _ends[App] = new FileEnd(Name(1, Today.AddDays(9)), 7);
        Allocate().ShouldBe((Name(4), 0));
    }

    [Fact]
    public void AfterAFileOfTomorrowThatTheLedgerDoesNotKnowComesTomorrowsNext()
    {
        Stored(Name(1, Today.AddDays(1)), 7);
        Allocate().ShouldBe((Name(2, Today.AddDays(1)), 0));
    }

    [Fact]
    public void ANameThatSomethingElseHasIsPassedOver()
    {
        Stored(Name(1), 6);
        _ends[App] = new FileEnd(Name(1), 7);
        _disk.Root.Directory("app").Directory(Name(2).FileName);
        Allocate().ShouldBe((Name(3), 0));
    }

    [Fact]
    public void ANewRangeIsAtTheHeadOfTheNextFileAndTheNextLinesLieBehindIt()
    {
        Allocate();
        Allocator.AllocateNew(App, 20, Today, LogFormat.Clef).ShouldBe((Name(2), 0));
        Allocate(5).ShouldBe((Name(2), 20));
    }

    [Fact]
    public void ANewRangeOnALaterDayIsInThatDaysFirstFile()
    {
        Allocate();
        var tomorrow = Today.AddDays(1);
        Allocator.AllocateNew(App, 20, tomorrow, LogFormat.Clef).ShouldBe((Name(1, tomorrow), 0));
    }

    [Fact]
    public void ANewRangeCountsOnAfterWhatTheDayHas()
    {
        var tomorrow = Today.AddDays(1);
        Allocate();
        Stored(Name(4, tomorrow), 7);
        Allocator.AllocateNew(App, 20, tomorrow, LogFormat.Clef).ShouldBe((Name(5, tomorrow), 0));
    }

    [Fact]
    public void ANewRangeIsOfTheFormatThatIsAsked()
    {
        Allocate();
        Allocator.AllocateNew(App, 20, Today, LogFormat.Json).Name.Format.ShouldBe(LogFormat.Json);
    }

    [Fact]
    public void AChannelWhoseNameAFileHasIsInOverflowAndToldOnce()
    {
        _disk.Root.WriteAll("app", [1]);
        Allocate().Name.Channel.ShouldBe(ChannelName.Overflow);
        Allocate().Name.Channel.ShouldBe(ChannelName.Overflow);
        _events.Obstructed.ShouldBe([App]);
    }

    [Fact]
    public void AChannelThatIsObstructedOnceMoreIsToldOnceMore()
    {
        _disk.Root.WriteAll("app", [1]);
        Allocate();
        _disk.Root.Delete("app");
        Allocator.BeginGroup();
        Allocate().Name.ShouldBe(Name(1));
        _disk.Root.WriteAll("app", [1]);
        Allocator.BeginGroup();
        Allocate();
        _events.Obstructed.Count.ShouldBe(2);
    }
}
