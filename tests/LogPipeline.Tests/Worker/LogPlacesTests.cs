using LogPipeline.DurableFiles;
using LogPipeline.Tests.DurableFiles;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Worker;

/// <summary>Where the next lines go, without a writer around it.</summary>
public sealed class LogPlacesTests : IDisposable
{
    static readonly DateOnly Today = new(2026, 11, 21);
    static readonly ChannelName App = ChannelName.Of("app");

    readonly InMemoryDisk _disk = new();
    readonly Dictionary<ChannelName, FileEnd> _ends = [];
    readonly List<WriterEvent> _events = [];
    readonly OpenLogFiles _files;
    LogPlaces? _places;

    public LogPlacesTests() => _files = new OpenLogFiles(_disk.Root, openFilesMax: 10);

    public void Dispose() => _files.Dispose();

    LogPlaces Places => _places ??= new LogPlaces(_disk.Root, _files, new LogWriterOptions(), _ends, _events.Add);

    static LogFileName Name(int number, DateOnly? day = null) => new(App, day ?? Today, number);

    void Stored(LogFileName name, int length) => _disk.Root.Directory("app").WriteAll(name.FileName, new byte[length]);

    (LogFileName Name, long Offset) Place(int length = 10) => Places.Place("app", length, Today, LogFormat.Clef);

    [Fact]
    public void LinesOfOneGroupLieBehindEachOther()
    {
        Place(10).ShouldBe((Name(1), 0));
        Place(5).ShouldBe((Name(1), 10));
        Place(1).ShouldBe((Name(1), 15));
    }

    [Fact]
    public void AFileIsContinuedWhenItIsAsLongAsTheLedgerSays()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Place().ShouldBe((Name(1), 7));
    }

    [Fact]
    public void AnEmptyFileIsContinuedAsWell()
    {
        Stored(Name(1), 0);
        _ends[App] = new FileEnd(Name(1), 0);
        Place().ShouldBe((Name(1), 0));
    }

    [Fact]
    public void AFileThatTheLedgerDoesNotKnowIsLeftAloneAndNotTold()
    {
        Stored(Name(1), 7);
        Place().ShouldBe((Name(2), 0));
        _events.ShouldBeEmpty();
    }

    [Fact]
    public void AFileOfAnotherLengthIsLeftAloneAndTold()
    {
        Stored(Name(1), 6);
        _ends[App] = new FileEnd(Name(1), 7);
        Place().ShouldBe((Name(2), 0));
        _events.ShouldBe([new WriterEvent.ForeignHand(Name(1), 7, 6, Name(2))]);
    }

    [Fact]
    public void TheNameOfAFileThatIsGoneIsNotUsedAgain()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(2), 7);
        Place().ShouldBe((Name(3), 0));
        _events.ShouldBe([new WriterEvent.ForeignHand(Name(2), 7, null, Name(3))]);
    }

    [Fact]
    public void AFileThatIsNewerThanTheLedgersIsPassed()
    {
        Stored(Name(1), 7);
        Stored(Name(2), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Place().ShouldBe((Name(3), 0));
    }

    [Fact]
    public void AFileOfAnEarlierDayThatIsGoneIsNotTold()
    {
        _ends[App] = new FileEnd(Name(4, Today.AddDays(-1)), 7);
        Place().ShouldBe((Name(1), 0));
        _events.ShouldBeEmpty();
    }

    [Fact]
    public void AFileThatWasFullIsNotTold()
    {
        Stored(Name(1), 7);
        _ends[App] = new FileEnd(Name(1), 7);
        Places.Place("app", int.MaxValue, Today, LogFormat.Clef).ShouldBe((Name(2), 0));
        _events.ShouldBeEmpty();
    }

    [Fact]
    public void AFileThatWasCutBetweenTwoGroupsIsLeftAlone()
    {
        Place();
        Stored(Name(1), 9);
        Places.BeginGroup();
        Place().ShouldBe((Name(2), 0));
    }

    [Fact]
    public void ATodayThatHasFilesGoesOnCountingAfterAClockThatWasDaysAhead()
    {
        Stored(Name(1), 7);
        Stored(Name(3), 7);
        _ends[App] = new FileEnd(Name(1, Today.AddDays(9)), 7);
        Place().ShouldBe((Name(4), 0));
    }

    [Fact]
    public void AfterAFileOfTomorrowThatTheLedgerDoesNotKnowComesTomorrowsNext()
    {
        Stored(Name(1, Today.AddDays(1)), 7);
        Place().ShouldBe((Name(2, Today.AddDays(1)), 0));
    }

    [Fact]
    public void ANameThatSomethingElseHasIsPassedOver()
    {
        Stored(Name(1), 6);
        _ends[App] = new FileEnd(Name(1), 7);
        _disk.Root.Directory("app").Directory(Name(2).FileName);
        Place().ShouldBe((Name(3), 0));
    }

    [Fact]
    public void APlaceAnewIsAtTheHeadOfTheNextFileAndTheNextLinesLieBehindIt()
    {
        Place();
        Places.PlaceAnew(App, 20, Today, LogFormat.Clef).ShouldBe((Name(2), 0));
        Place(5).ShouldBe((Name(2), 20));
    }

    [Fact]
    public void APlaceAnewOnALaterDayIsInThatDaysFirstFile()
    {
        Place();
        var tomorrow = Today.AddDays(1);
        Places.PlaceAnew(App, 20, tomorrow, LogFormat.Clef).ShouldBe((Name(1, tomorrow), 0));
    }

    [Fact]
    public void APlaceAnewCountsOnAfterWhatTheDayHas()
    {
        var tomorrow = Today.AddDays(1);
        Place();
        Stored(Name(4, tomorrow), 7);
        Places.PlaceAnew(App, 20, tomorrow, LogFormat.Clef).ShouldBe((Name(5, tomorrow), 0));
    }

    [Fact]
    public void APlaceAnewIsOfTheFormatThatIsAsked()
    {
        Place();
        Places.PlaceAnew(App, 20, Today, LogFormat.Json).Name.Format.ShouldBe(LogFormat.Json);
    }

    [Fact]
    public void AChannelWhoseNameAFileHasIsInOverflowAndToldOnce()
    {
        _disk.Root.WriteAll("app", [1]);
        Place().Name.Channel.ShouldBe(ChannelName.Overflow);
        Place().Name.Channel.ShouldBe(ChannelName.Overflow);
        _events.ShouldBe([new WriterEvent.Obstructed(App)]);
    }

    [Fact]
    public void AChannelThatIsObstructedOnceMoreIsToldOnceMore()
    {
        _disk.Root.WriteAll("app", [1]);
        Place();
        _disk.Root.Delete("app");
        Places.BeginGroup();
        Place().Name.ShouldBe(Name(1));
        _disk.Root.WriteAll("app", [1]);
        Places.BeginGroup();
        Place();
        _events.OfType<WriterEvent.Obstructed>().Count().ShouldBe(2);
    }
}
