using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Observability;

/// <summary>The books against a recount of what is on the disk.</summary>
public sealed class WorkerBooksTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WorkerBooks _books;
    readonly WriterReporter _reporter;

    public WorkerBooksTests()
    {
        _disk = new InMemoryDisk(_time);
        _books = new WorkerBooks(_time);
        _reporter = new WriterReporter(NullLogger.Instance, _time, new Readiness("/logs", _time),
            new ServiceStatus(new Told(), NullLogger<ServiceStatus>.Instance), _books);
    }

    [Fact]
    public async Task TheyAreARecountOfTheLinesAndARetryAddsNothing()
    {
        await using (var writer = Open())
            for (var attempt = 0; attempt < 3; attempt++)
                foreach (var batch in (PreparedBatch[])[SomeBatch.Prepared(1, "app", "web", "app"), SomeBatch.Prepared(4, "web"),
                    SomeBatch.Prepared(5, "app") with { Filtered = 2 }])
                    await writer.WriteAsync(batch);
        var stats = _books.Read();
        var files = SomeBatch.Files(_disk.Root).Values;
        (stats.Batches, stats.Written, stats.Bytes, stats.Filtered).ShouldBe(
            (3, files.Sum(text => text.Count(c => c == '\n')), files.Sum(text => text.Length), 2));
        stats.Volume.ShouldBe([new VolumeStats("app", "info", 3), new VolumeStats("web", "info", 2)], ignoreOrder: true);
        // The second and the third name none before them.
        (stats.FailedAttempts, stats.OutOfOrder, stats.Overflowed, stats.Letters).ShouldBe((0, 2, 0, 0));
    }

    [Fact]
    public async Task TheLedgersTotalsOutliveTheProcessAndCountEachBatchOnce()
    {
        await using (var first = Open())
        {
            await first.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            await first.WriteAsync(SomeBatch.Prepared(3, "app") with { Filtered = 1 });
        }
        await using var second = Open();
        await second.WriteAsync(SomeBatch.Prepared(3, "app") with { Filtered = 1 });
        await second.WriteAsync(SomeBatch.Prepared(4, "app"));
        var bytes = SomeBatch.Files(_disk.Root).Values.Sum(text => text.Length);
        second.Totals.ShouldBe(new LedgerTotals(3, 4, bytes, 1));
    }

    [Fact]
    public async Task ALetterCountsOnceHoweverOftenItsBatchIsTried()
    {
        var letters = new DeadLetterBox(() => _disk.Root.Directory("letters"), 1 << 20, _time,
            letter => _books.DeadLettered(letter.Head.RecordCount));
        await using var writer = Open();
        var batches = new BatchWriter(writer, letters, "w", _time);
        var (header, array) = SomeBatch.Of(1, "app", "app", "app");
        // The second is of another batch.
        array = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace("\"seq\":2", "\"seq\":9", StringComparison.Ordinal));
        for (var attempt = 0; attempt < 3; attempt++) await batches.WriteAsync(header.Id.ToString(), header, array);
        var stats = _books.Read();
        (stats.Written, stats.DeadLettered, stats.Letters).ShouldBe((2, 1, 1));
        letters.Count.ShouldBe(1);
    }

    [Fact]
    public void LatencyIsSinceTheFirstEventAndNeverNegative()
    {
        Report(SomeBatch.Prepared(1, "app") with { LoggedAt = _time.GetUtcNow() - TimeSpan.FromSeconds(3) });
        _books.Read().LatencyMedian.ShouldBe(3);
        Report(SomeBatch.Prepared(2, "app") with { LoggedAt = _time.GetUtcNow() + TimeSpan.FromHours(1) });
        Report(SomeBatch.Prepared(3, "app") with { LoggedAt = null });
        (_books.Read().LatencyMedian, _books.Read().Latency95).ShouldBe((0, 3));
    }

    void Report(PreparedBatch batch) => _reporter.OnWritten([(WriterReporterTests.EntryOf("app", 1), batch)], TimeSpan.Zero);

    [Fact]
    public void WhatGoesWrongIsCounted()
    {
        _reporter.OnFailed(3, new IOException("no"));
        _reporter.OnDisorder(SomeBatch.Prepared(1, "app"));
        _reporter.OnCopied(["a", "b"]);
        _reporter.OnWritten([(WriterReporterTests.EntryOf("overflow", 4), SomeBatch.Prepared(1, "app"))], TimeSpan.Zero);
        var stats = _books.Read();
        (stats.FailedAttempts, stats.OutOfOrder, stats.Copied, stats.Overflowed).ShouldBe((3, 1, 2, 4));
    }

    [Fact]
    public void ChannelsBeyondTheBoundAreOneLabel()
    {
        for (var i = 0; i < WorkerBooks.ChannelsMax + 5; i++) _books.WrittenOf($"c{i}", "info", 1);
        _books.WrittenOf("c0", "error", 1);
        var volume = _books.Read().Volume;
        volume.Select(one => one.Channel).Distinct().Count().ShouldBe(WorkerBooks.ChannelsMax + 1);
        volume.ShouldContain(new VolumeStats(WorkerBooks.Others, "info", 5));
        volume.ShouldContain(new VolumeStats("c0", "error", 1));
    }

    LogWriter Open()
    {
        var writer = new LogWriter(_disk.Root, new LogWriterOptions(), _time, _reporter);
        writer.Start();
        return writer;
    }
}
