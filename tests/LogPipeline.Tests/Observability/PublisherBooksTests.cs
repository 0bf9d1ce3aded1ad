using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Tests.Web;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Observability;

public sealed class PublisherBooksTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly PublisherBooks _books;

    public PublisherBooksTests() => _books = new PublisherBooks(_time);

    [Fact]
    public void TheNewestReportHoldsInWhateverOrderTheyCome()
    {
        var newest = SomeReport.Of(at: _time.GetUtcNow() - TimeSpan.FromSeconds(1));
        _books.Reported(newest);
        _books.Reported(SomeReport.Of(at: _time.GetUtcNow() - TimeSpan.FromSeconds(2)) with { Host = "older" });
        _books.Read().ShouldHaveSingleItem().Report.ShouldBe(newest);
    }

    [Fact]
    public void AClockThatIsAheadDoesNotKeepOutWhatComesAfterIt()
    {
        _books.Reported(SomeReport.Of(at: _time.GetUtcNow() + TimeSpan.FromDays(365)) with { Host = "ahead" });
        _books.Read().Single().Report!.ReportedAt.ShouldBe(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromSeconds(1));
        _books.Reported(SomeReport.Of(at: _time.GetUtcNow()) with { Host = "right" });
        _books.Read().Single().Report!.Host.ShouldBe("right");
    }

    [Fact]
    public void TheyAreBoundedAndTheOneUnheardOfForTheLongestGoes()
    {
        for (var i = 0; i < PublisherBooks.CountMax; i++) _books.Reported(SomeReport.Of(instance: $"i{i}"));
        _books.Written("shop", "i0", 1, 0);
        _books.Reported(SomeReport.Of(instance: "new"));
        var kept = _books.Read().Select(one => one.Instance).ToList();
        kept.Count.ShouldBe(PublisherBooks.CountMax);
        kept[..2].ShouldBe(["new", "i0"]);
        kept.ShouldNotContain("i1");
    }

    [Fact]
    public async Task WhatTheWriterWritesIsCountedForItsPublisher()
    {
        var disk = new InMemoryDisk(_time);
        var reporter = new WriterReporter(NullLogger.Instance, _time, new Readiness("/logs", _time),
            new ServiceStatus(new Told(), NullLogger<ServiceStatus>.Instance), new WorkerBooks(_time), publishers: _books);
        await using (var writer = new LogWriter(disk.Root, new LogWriterOptions(), _time, reporter))
        {
            writer.Start();
            await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            await writer.WriteAsync(SomeBatch.Prepared(1, "app", "web"));
            await writer.WriteAsync(SomeBatch.Prepared(3, "app") with { Filtered = 2 });
        }
        _books.Read().ShouldBe([new PublisherEntry("shop", "i1", null, 3, 2, 0)]);
    }

    [Fact]
    public async Task TheAnswerHasTheReportAndWhatTheWorkerKnows()
    {
        _books.Written("old", "i7", 4, 0);
        _books.Reported(SomeReport.Of());
        _books.Written("shop", "i1", 5, 1);
        _books.DeadLettered("shop", "i1", 1);
        await using var web = await WebFixture.StartAsync(new WebOptions { Port = 0 }, more: new PublisherEndpoints(_books));
        using var http = new HttpClient();
        var answer = JsonDocument.Parse(await http.GetStringAsync(web.Address + "/api/publishers")).RootElement;
        var publishers = answer.GetProperty("publishers");
        publishers[0].GetRawText().ShouldBe("""
            {"source":"shop","instance":"i1","host":"host-1","version":"1.2.3",
            "startedAt":"2026-11-21T09:00:00+00:00","reportedAt":"2026-11-21T10:00:00+00:00","ended":false,
            "counts":{"emitted":10,"notices":0,"adopted":0,"filtered":0,"queued":0,"spooled":2,"inTemporal":7,"written":5,
            "filteredByWorker":1,"deadLettered":1,"dropped":{"shed":1},"setAside":0,"fallbackFile":0},
            "breaker":{"state":"open","since":null,"reason":"Nobody is there."},"spool":{"bytes":512,"oldest":null}}
            """.ReplaceLineEndings(""));
        publishers[1].GetProperty("source").GetString().ShouldBe("old");
        publishers[1].GetProperty("reportedAt").ValueKind.ShouldBe(JsonValueKind.Null);
        publishers[1].GetProperty("counts").GetProperty("written").GetInt64().ShouldBe(4);
    }
}
