using LogPipeline.TestSupport;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Worker;

public sealed class WriterReporterTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly LinesLogger _log = new();
    readonly WriterReporter _reporter;
    readonly WorkerBooks _books;

    public WriterReporterTests()
    {
        _books = new WorkerBooks(_time);
        _reporter = new WriterReporter(_log, _time, new Readiness("/logs", _time),
            new ServiceStatus(new Told(), NullLogger<ServiceStatus>.Instance), _books);
    }

    [Fact]
    public void TroubleIsToldOnceWhenItComesAndOnceWhenItIsOver()
    {
        for (var i = 0; i < 5; i++)
        {
            _reporter.OnFailed(i, new IOException($"No space left, {i}"));
            _time.Advance(TimeSpan.FromSeconds(1));
        }
        _reporter.OnOpened(1, 0, 0);
        _log.Lines.ShouldBe(
        [
            (LogLevel.Error, "/logs cannot be written since 2026-11-21T12:00:00Z: No space left, 0. Batches wait in Temporal until it can"),
            (LogLevel.Warning, "/logs can be written again, after 5.0 s"),
        ]);
    }

    [Fact]
    public void CanariesAreInNoFigureOfRecordsOrBatches()
    {
        _reporter.OnWritten(Wrote(".canary", 1), default);
        (_books.Read().Batches, _books.Read().Written, _books.Read().Volume.Count).ShouldBe((0, 0, 0));
        _reporter.OnWritten(Wrote("app", 1), default);
        _books.Read().Batches.ShouldBe(1);
    }

    [Fact]
    public void RecordsInOverflowAreCountedAndToldOnceAnHour()
    {
        for (var i = 0; i < 3; i++) _reporter.OnWritten(Wrote("overflow", 4), default);
        _time.Advance(TimeSpan.FromHours(1));
        _reporter.OnWritten(Wrote("overflow", 4), default);
        _reporter.OnWritten(Wrote("app", 4), default);
        _log.Lines.Where(line => line.Text.Contains("overflow", StringComparison.Ordinal)).Select(line => line.Text.Split(' ')[0])
            .ShouldBe(["4", "16"]);
    }

    [Fact]
    public async Task TheSumAtTheEndIsARecountOfTheLinesAndARetryAddsNothing()
    {
        var disk = new InMemoryDisk(_time);
        await using (var writer = new LogWriter(disk.Root, new LogWriterOptions(), _time, _reporter))
        {
            writer.Start();
            for (var attempt = 0; attempt < 3; attempt++)
                foreach (var batch in (PreparedBatch[])[SomeBatch.Prepared(1, "app", "web", "app"), SomeBatch.Prepared(4, "web"),
                    SomeBatch.Prepared(5, "app") with { Filtered = 2 }])
                    await writer.WriteAsync(batch);
        }
        _reporter.Stopped();
        var files = SomeBatch.Files(disk.Root).Values;
        _log.Lines.Select(line => line.Text)
            .ShouldContain($"Stopped: 3 batches, {files.Sum(text => text.Count(c => c == '\n'))} records, "
                + $"{files.Sum(text => text.Length)} bytes written since the start");
        _log.Lines[^1].Text.ShouldStartWith("2 records since the start were not written");
    }

    static IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> Wrote(string channel, int records) =>
        [(EntryOf(channel, records), SomeBatch.Prepared(1, "app"))];

    internal static LedgerEntry EntryOf(string channel, int records)
    {
        var part = new LedgerPart { File = $"{channel}/2026-11-21.001.clef", Offset = 0, Length = 1, RecordCount = records, Crc = 0 };
        return new LedgerEntry { Batch = "logs/shop/i1/000000000001", At = default, Parts = [part] };
    }
}
