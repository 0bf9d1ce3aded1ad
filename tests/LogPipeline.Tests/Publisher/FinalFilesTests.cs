using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

public sealed class FinalFilesTests
{
    [Fact]
    public async Task TheOtherFallbackWritesFinalLinesAndNeverSendsThem()
    {
        using var folder = new TempDirectory();
        var rig = new SinkRig();
        rig.Options.Fallback.Mode = TemporalFallback.WriteFile;
        rig.Options.Fallback.Directory = folder.Path;
        rig.Options.Fallback.FileBytesMax = 64 * 1024;
        var sink = rig.Open();
        rig.Temporal.Instead = FakeTemporal.Away;
        for (var i = 1; i <= 2_000; i++) sink.Emit(SomeEvent.Of($"m{i}"));
        await rig.UntilAsync(sink, stats => stats.WrittenToFiles == 2_000);
        rig.Temporal.Instead = null;
        sink.Emit(SomeEvent.Of("after"));
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);

        rig.Temporal.Messages.ShouldBe(["after"]);
        var files = Directory.GetFiles(folder.File("fallback")).Order(StringComparer.Ordinal).ToList();
        files.Count.ShouldBeGreaterThan(3);
        files.ShouldAllBe(file => new FileInfo(file).Length < 70 * 1024);
        var lines = files.SelectMany(File.ReadAllLines).ToList();
        lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("@mt").GetString())
            .ShouldBe(Enumerable.Range(1, 2_000).Select(i => $"m{i}"));
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public void OfManyFilesTheNewestThirtyOneAreKept()
    {
        using var folder = new TempDirectory();
        using (var files = new FinalFiles(folder.Path, "orders", "i1", fileBytesMax: 1, new TestClock()))
            for (var i = 1; i <= 40; i++)
            {
                files.Append(SomeQueued.Records(i, count: 1)).ShouldBe((1, default, null));
                Directory.GetFiles(folder.File("fallback")).Length.ShouldBe(Math.Min(i, 31));
            }
        Directory.GetFiles(folder.File("fallback")).Select(Path.GetFileName).Order(StringComparer.Ordinal)
            .ShouldBe(Enumerable.Range(10, 31).Select(number => $"orders.i1.2026-11-21.{number:d3}.clef"));
    }

    [Fact]
    public void AFileIsOfOneDayOfUtc()
    {
        using var folder = new TempDirectory();
        var clock = new TestClock(new DateTimeOffset(2026, 11, 21, 23, 59, 59, 999, TimeSpan.Zero));
        clock.SetLocalTimeZone(TimeZoneInfo.CreateCustomTimeZone("ahead", TimeSpan.FromHours(9), "ahead", "ahead"));
        using (var files = new FinalFiles(folder.Path, "orders", "i1", fileBytesMax: 1 << 20, clock))
        {
            files.Append(SomeQueued.Records(1)).ShouldBe((3, default, null));
            clock.Advance(TimeSpan.FromMilliseconds(1));
            files.Append(SomeQueued.Records(4)).ShouldBe((3, default, null));
        }
        File.ReadAllLines(folder.File("fallback", "orders.i1.2026-11-21.001.clef")).Length.ShouldBe(3);
        File.ReadAllLines(folder.File("fallback", "orders.i1.2026-11-22.002.clef")).Length.ShouldBe(3);
    }

    [Theory, InlineData(true), InlineData(false)]
    public void RecordsInWhoseMiddleTheDiskFailedAreWrittenOnce(bool wereTried)
    {
        using var folder = new TempDirectory();
        var clock = new TestClock();
        var books = new Books();
        var options = new TemporalSinkOptions
        {
            Source = "orders",
            Limits = { QueueCountMax = 100, QueueBytesMax = 1 << 20, BatchRecordsMax = 3, BatchBytesMax = 100_000 },
            Timeouts = { BackPressure = TimeSpan.Zero },
            Fallback = { Directory = folder.Path, FileBytesMax = 1 },
        };
        var queue = new EventQueue(options, "i1", books, clock);
        using (var overflow = new Overflow(options, "i1", queue, spool: null, books, new Reporter(clock, _ => { }), clock))
        {
            for (var i = 1; i <= 6; i++) queue.TryEnqueue(JournalRig.Record(i), urgent: false, out _).ShouldBeTrue();
            // In the way of the second file.
            var obstacle = Directory.CreateDirectory(folder.File("fallback", "orders.i1.2026-11-21.002.clef"));
            Func<bool> put = overflow.TryPutPending;
            if (wereTried)
            {
                var batch = queue.Next(null, (_, _) => { })!;
                put = () => overflow.TryPut(batch);
            }
            for (var i = 0; i < 3; i++) put().ShouldBeFalse();
            obstacle.Delete();
            put().ShouldBeTrue();
            while (queue.GetSnapshot().Count > 0) overflow.TryPutPending().ShouldBeTrue();
        }
        Directory.GetFiles(folder.File("fallback")).Order(StringComparer.Ordinal).SelectMany(File.ReadAllLines)
            .Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("seq").GetInt64())
            .ShouldBe([1, 2, 3, 4, 5, 6]);
        books.GetSnapshot().WrittenToFiles.ShouldBe(6);
        books.GetSnapshot().Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task ABatchThatTemporalMayHaveIsNotWrittenToAFile()
    {
        using var folder = new TempDirectory();
        var rig = new SinkRig();
        rig.Options.Fallback.Mode = TemporalFallback.WriteFile;
        rig.Options.Fallback.Directory = folder.Path;
        var sink = rig.Open();
        rig.Temporal.Instead = rig.Temporal.LoseAnswer;
        sink.Emit(SomeEvent.Of("once"));
        await rig.Temporal.UntilAsync(() => rig.Temporal.Batches.Count == 1);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);
        Directory.Exists(folder.File("fallback")).ShouldBeFalse();
        rig.Temporal.ShouldBeWhole();
    }
}
