using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

/// <summary>Days and times are UTC's, whatever the machine shows.</summary>
public sealed class UtcDayTests
{
    [Fact]
    public void TheTestsRunInAZoneThatShowsAnotherTime() =>
        TimeZoneInfo.Local.GetUtcOffset(DateTimeOffset.UnixEpoch)
            .ShouldNotBe(TimeSpan.Zero, "tests.runsettings sets it; without it a test here proves nothing.");

    [Theory]
    [InlineData("2026-11-21T23:59:59.9999999Z", "2026-11-21")]
    [InlineData("2026-11-22T00:00:00Z", "2026-11-22")]
    [InlineData("2026-11-21T10:14:59Z", "2026-11-21")]
    [InlineData("2026-11-21T10:15:01Z", "2026-11-21")]
    [InlineData("2026-02-28T23:59:59.5Z", "2026-02-28")]
    public async Task AFileIsOfTheUtcDay(string now, string day)
    {
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(),
            new TestClock(DateTimeOffset.Parse(now, CultureInfo.InvariantCulture)));
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        SomeBatch.Files(disk.Root).Keys.ShouldBe([$"app/{day}.001.clef"]);
    }

    [Theory]
    [InlineData(9)]
    [InlineData(-9)]
    public async Task AFileIsOfTheUtcDayWhateverZoneTheClockIsSetTo(int hoursAhead)
    {
        var disk = new InMemoryDisk();
        var time = new TestClock(new DateTimeOffset(2026, 11, 21, hoursAhead > 0 ? 20 : 4, 0, 0, TimeSpan.Zero));
        time.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("other", TimeSpan.FromHours(hoursAhead), "other", "other"));
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(), time);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        SomeBatch.Files(disk.Root).Keys.ShouldBe(["app/2026-11-21.001.clef"]);
    }

    [Fact]
    public async Task TheFileChangesAtMidnightToTheTick()
    {
        var disk = new InMemoryDisk();
        var time = new TestClock(new DateTimeOffset(2026, 12, 31, 23, 59, 59, 999, TimeSpan.Zero));
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(), time);
        writer.Start();
        await writer.WriteAsync(SomeBatch.Prepared(1, "app"));
        time.Advance(TimeSpan.FromMilliseconds(1) - TimeSpan.FromTicks(1));
        await writer.WriteAsync(SomeBatch.Prepared(2, "app"));
        time.Advance(TimeSpan.FromTicks(1));
        await writer.WriteAsync(SomeBatch.Prepared(3, "app"));
        SomeBatch.Files(disk.Root).Select(file => (file.Key, file.Value.Count(c => c == '\n')))
            .ShouldBe([("app/2026-12-31.001.clef", 2), ("app/2027-01-01.001.clef", 1)]);
    }

    [Fact]
    public void ARealFileIsAsOldAsItIsInAnyZone()
    {
        using var directory = new TempDirectory();
        var root = new PhysicalDirectory(directory.Path);
        File.WriteAllText(directory.File("x"), "");
        var written = new DateTimeOffset(2026, 11, 21, 8, 0, 0, 500, TimeSpan.Zero);
        root.SetLastWritten("x", written);
        root.LastWritten("x").ShouldBe(written);
        File.GetLastWriteTimeUtc(directory.File("x")).ShouldBe(written.UtcDateTime);
    }
}
