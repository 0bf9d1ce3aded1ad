using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;




namespace LogPipeline.Tests.Worker;

public sealed class RetentionPolicyTests
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void AnOldFileGoesAndAYoungOneStays() =>
        Gone(new(AgeMax: TimeSpan.FromDays(7)), File("app/2026-11-01.001.clef", 10, days: 20), File("app/2026-11-20.001.clef", 10, days: 1))
            .ShouldBe(["app/2026-11-01.001.clef Age"]);

    [Fact]
    public void AChannelThatFellSilentLosesItsLastFileToo() =>
        Gone(new(AgeMax: TimeSpan.FromDays(7)), File("quiet/2026-11-01.001.clef", 10, days: 20))
            .ShouldBe(["quiet/2026-11-01.001.clef Age"]);

    [Fact]
    public void OfEachChannelTheNewestFilesStay() =>
        Gone(new(FilesMax: 2), File("app/2026-11-18.001.clef", 10, days: 3), File("app/2026-11-19.001.clef", 10, days: 2),
            File("app/2026-11-19.002.clef", 10, days: 2), File("web/2026-11-01.001.clef", 10, days: 20))
            .ShouldBe(["app/2026-11-18.001.clef Count"]);

    [Fact]
    public void OfTheCanariesTwoFilesStayWhateverHoldsForOthers()
    {
        LogFileStat[] files = [File(".canary/2026-11-18.001.clef", 10, days: 3), File(".canary/2026-11-19.001.clef", 10, days: 2),
            File(".canary/2026-11-20.001.clef", 10, days: 1), File("app/2026-11-01.001.clef", 10, days: 20)];
        foreach (var rules in (ChannelRules[])[ChannelRules.Plain.WithCanary(),
            new(new ChannelRule { RetentionFiles = 1, Format = LogPipeline.Worker.Formats.LogFormat.Text },
                new Dictionary<string, ChannelRule>())])
        {
            RetentionPolicy.Choose(files, new RetentionOptions(), Now, rules).ShouldHaveSingleItem().File.Name.ToString()
                .ShouldBe(".canary/2026-11-18.001.clef");
            rules.Of(ChannelName.Canary).IsPlain.ShouldBeTrue();
        }
        (ChannelRules.Plain.HaveRetention, ChannelRules.Plain.WithCanary().HaveRetention).ShouldBe((false, true));
    }

    [Fact]
    public void TheOldestGoUntilTheRestFits() =>
        Gone(new(BytesMax: 50), File("app/2026-11-17.001.clef", 20, days: 4), File("web/2026-11-16.001.clef", 30, days: 5),
            File("app/2026-11-19.001.clef", 40, days: 2)).ShouldBe(["web/2026-11-16.001.clef Bytes", "app/2026-11-17.001.clef Bytes"]);

    [Fact]
    public void WhatAnotherBoundRemovesMakesRoomAndWhatMustStayTakesIt()
    {
        LogFileStat[] rest =
            [File("app/2026-11-19.001.clef", 20, days: 2), File("web/2026-11-19.001.clef", 30, days: 2)];
        Gone(new(AgeMax: TimeSpan.FromDays(7), BytesMax: 50), [File("app/2026-11-01.001.clef", 100, days: 20), .. rest])
            .ShouldBe(["app/2026-11-01.001.clef Age"]);
        Gone(new(FilesMax: 1, BytesMax: 50), [File("app/2026-11-18.001.clef", 100, days: 3), .. rest])
            .ShouldBe(["app/2026-11-18.001.clef Count"]);
        Gone(new(BytesMax: 50, AgeMin: TimeSpan.FromDays(1)), [File("app/2026-11-20.001.clef", 25, days: 0.9), .. rest])
            .ShouldBe(["app/2026-11-19.001.clef Bytes", "web/2026-11-19.001.clef Bytes"]);
        Gone(new(BytesMax: 50), rest).ShouldBeEmpty();
    }

    [Fact]
    public void TheOldestIsTheOneThatWasWrittenLongestAgoAndNotTheFirstByName() =>
        Gone(new(BytesMax: 20), File("a/2026-11-15.001.clef", 10, days: 1), File("b/2026-11-18.001.clef", 10, days: 2.5),
            File("b/2026-11-19.001.clef", 10, days: 2)).ShouldBe(["b/2026-11-18.001.clef Bytes"]);

    [Fact]
    public void AgesAreHeldToTheFractionAndInTheirOwnZone()
    {
        var old = new LogFileStat(Name("app/2026-11-20.001.clef"), 10, (Now - TimeSpan.FromHours(1.5)).ToOffset(TimeSpan.FromHours(13.75)));
        RetentionPolicy.Choose([old], new(AgeMax: TimeSpan.FromHours(1.4)), Now).ShouldHaveSingleItem();
        RetentionPolicy.Choose([old], new(AgeMax: TimeSpan.FromHours(1.6)), Now).ShouldBeEmpty();
        RetentionPolicy.Choose([old], new(AgeMax: TimeSpan.FromHours(1.5)), Now).ShouldBeEmpty("it is not older");
        RetentionPolicy.Choose([old], new(FilesMax: 0, AgeMin: TimeSpan.FromHours(1.6)), Now).ShouldBeEmpty();
        // Of the day that it still is in UTC, by a clock that shows the next one.
        RetentionPolicy.Choose([new LogFileStat(Name("app/2026-11-21.001.clef"), 10, Now)], new(FilesMax: 0),
            Now.ToOffset(TimeSpan.FromHours(13.75))).ShouldBeEmpty();
    }

    [Fact]
    public void NoFileGoesThatIsYoungerThanTheLeastAge() =>
        Gone(new(FilesMax: 1, BytesMax: 1, AgeMin: TimeSpan.FromDays(3)), File("app/2026-11-18.001.clef", 10, days: 2.9),
            File("app/2026-11-19.001.clef", 10, days: 2), File("app/2026-11-20.001.clef", 10, days: 1)).ShouldBeEmpty();

    [Fact]
    public void TheFileThatIsWrittenToNeverGoes() =>
        Gone(new(AgeMax: TimeSpan.Zero, FilesMax: 0, BytesMax: 0), File("app/2026-11-21.001.clef", 10, days: 0.2),
            File("app/2026-11-21.002.clef", 10, days: 0.1), File("late/2026-11-22.001.clef", 10, days: 0.3))
            .ShouldBe(["app/2026-11-21.001.clef Age"]);

    [Fact]
    public void WithoutBoundsNothingGoes() => Gone(new(), File("app/2020-01-01.001.clef", 1L << 40, days: 2000)).ShouldBeEmpty();

    static LogFileStat File(string name, long bytes, double days) => new(Name(name), bytes, Now - TimeSpan.FromDays(days));

    static LogFileName Name(string name) => LogFileName.TryParse(name, out var parsed) ? parsed : throw new FormatException(name);

    static string[] Gone(RetentionOptions options, params LogFileStat[] files) =>
        [.. RetentionPolicy.Choose(files, options, Now).Select(one => $"{one.File.Name} {one.Reason}")];
}
