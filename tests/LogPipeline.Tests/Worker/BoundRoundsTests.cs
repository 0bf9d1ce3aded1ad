using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

/// <summary>Each bound reached, relieved, and reached again: what is counted for one must be given back, and only once.</summary>
public sealed class BoundRoundsTests
{
    const int Rounds = 3;

    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;

    public BoundRoundsTests() => _disk = new InMemoryDisk(_time);

    [Theory]
    [InlineData(null, 3, null)]
    [InlineData(2.5, null, null)]
    [InlineData(null, null, 400L)]
    public async Task AsManyFilesStayInEveryRoundAsInTheFirst(double? days, int? files, long? bytes)
    {
        var retention = new RetentionOptions(days is { } age ? TimeSpan.FromDays(age) : null, files, bytes, TimeSpan.FromHours(1));
        var writer = new LogWriter(_disk.Root, new LogWriterOptions { Retention = retention }, _time);
        await using var closing = writer;
        writer.Start();
        for (var number = 1; number <= 4 * Rounds; number++)
        {
            var day = number;
            await writer.WriteAsync(SomeBatch.Prepared(day, "app"));
            // The files are looked at each minute; the loop may not wait for the minute yet when the first one passes.
            var minutes = 0;
            await Eventually.TrueAsync(() =>
            {
                if (minutes < 600) _time.Advance(TimeSpan.FromMinutes(1));
                minutes++;
                return Task.FromResult(Files().Count == Math.Min(day, 3));
            }, TimeSpan.FromMinutes(1), TimeSpan.FromMilliseconds(2), () => $"Day {day}: {string.Join(", ", Files().Keys)}");
            _time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromMinutes(Math.Min(minutes, 600)));
        }
        Files().Keys.Last().ShouldBe("app/2026-12-02.001.clef");
    }

    [Fact]
    public async Task TheRoomThatStaysFreeIsKeptInEveryRound()
    {
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions { FreeBytesMin = 900 }, _time);
        writer.Start();
        for (var round = 1; round <= Rounds; round++)
        {
            _disk.FreeBytes = 1_000;
            await Should.ThrowAsync<BatchNotWrittenException>(() => writer.WriteAsync(SomeBatch.Prepared(round, "app")));
            SomeBatch.Lines(_disk.Root, "app").Count.ShouldBe(round - 1);
            _disk.FreeBytes = 1_000_000;
            var current = round;
            await Eventually.TrueAsync(async () =>
            {
                // Longer than the longest pause between two recoveries.
                _time.Advance(TimeSpan.FromSeconds(3));
                try
                {
                    await writer.WriteAsync(SomeBatch.Prepared(current, "app"));
                    return true;
                }
                catch (BatchNotWrittenException)
                {
                    return false;
                }
            }, TimeSpan.FromSeconds(30));
        }
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task ReceiptsAreForgottenInEveryRoundAndTheNewestAreKnown()
    {
        var options = new LogWriterOptions { ReceiptsMax = 16, IntentBytesMax = 1 };
        var next = 1;
        for (var round = 1; round <= Rounds; round++)
        {
            await using var writer = new LogWriter(_disk.Root, options, _time);
            writer.Start();
            for (var i = 0; i < 40; i++) await writer.WriteAsync(SomeBatch.Prepared(next++, "app"));
            var known = Enumerable.Range(1, next - 1).Where(first => writer.HasWritten(SomeBatch.Prepared(first, "app").Id)).ToList();
            known.Count.ShouldBeInRange(8, 16, $"round {round}");
            known.ShouldBe(Enumerable.Range(next - known.Count, known.Count), $"round {round}");
        }
    }

    [Fact]
    public async Task NoMoreFilesAreOpenInAnyRoundAndEveryLineIsThere()
    {
        using var directory = new TempDirectory();
        var root = new PhysicalDirectory(directory.Path);
        await using var writer = new LogWriter(root, new LogWriterOptions { OpenFilesMax = 2 }, _time);
        writer.Start();
        string[] channels = ["a", "b", "c", "d", "e"];
        for (var round = 0; round < Rounds; round++)
        {
            await writer.WriteAsync(SomeBatch.Prepared(1 + round * channels.Length, channels));
            OpenFiles.Under(directory.Path).Count(path => path.EndsWith(".clef", StringComparison.Ordinal)).ShouldBeLessThanOrEqualTo(2);
        }
        foreach (var channel in channels) SomeBatch.Lines(root, channel).Count.ShouldBe(Rounds, channel);
    }

    [Fact]
    public async Task ChannelsBeyondTheBoundStayInOverflowInEveryLifeAndNoLifeGivesTheBoundAnew()
    {
        for (var life = 0; life < Rounds; life++)
        {
            await using var writer = new LogWriter(_disk.Root, new LogWriterOptions { ChannelsMax = 2 }, _time);
            writer.Start();
            await writer.WriteAsync(SomeBatch.Prepared(1 + 4 * life, "a", $"b{life}", $"c{life}", "a"));
        }
        _disk.Root.ListDirectories().ShouldBe([".ledger", "a", "b0", "overflow"]);
        SomeBatch.Lines(_disk.Root, "overflow").Count.ShouldBe(1 + 2 + 2);
    }

    SortedDictionary<string, string> Files() => SomeBatch.Files(_disk.Root);
}
