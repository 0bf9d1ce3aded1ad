using System.Net;
using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using Temporalio.Client;

namespace LogPipeline.Tests.Web;

public sealed class StatsTests : IAsyncLifetime
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WorkerBooks _books;
    readonly Readiness _readiness;
    readonly TemporalLink _temporal;
    readonly HttpClient _http = new();
    WebFixture _web = null!;

    public StatsTests()
    {
        _disk = new InMemoryDisk(_time);
        _books = new WorkerBooks(_time);
        _readiness = new Readiness("/logs", _time);
        _temporal = new TemporalLink(new TemporalClientConnectOptions("temporal:7233") { Namespace = "logs" }, "queue", _time);
    }

    public async Task InitializeAsync()
    {
        var letters = new DeadLetterBox(() => _disk.Root.Directory("letters"), 1 << 20, _time);
        _web = await WebFixture.StartAsync(new WebOptions { Port = 0 }, more: new StatsEndpoints(_books,
            new WorkerIdentity("me", "1.2.3", "abc"), _temporal, _readiness, () => new LedgerTotals(9, 8, 7, 6), letters, () => 4096,
            _time, temporalUiUrl: "http://ui:8233"));
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
    }

    async Task<JsonElement> GetAsync(string path)
    {
        using var answer = await _http.GetAsync(_web.Address + path);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK);
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
    }

    [Fact]
    public async Task TheFiguresAreTheBooks()
    {
        _books.Written(5, 500, 2, 1, TimeSpan.FromSeconds(3));
        _books.WrittenOf("app", "error", 5);
        _books.DeadLettered(3);
        _time.Advance(TimeSpan.FromSeconds(90));
        var stats = await GetAsync("/api/stats");
        stats.GetProperty("worker").GetRawText().ShouldBe("""{"identity":"me","version":"1.2.3","commit":"abc","star"""
            + """tedAt":"2026-11-21T12:00:00+00:00","uptimeSeconds":90}""");
        stats.GetProperty("records").GetRawText().ShouldBe("""{"written":5,"filtered":2,"deadLettered":3,"overflowed":1}""");
        stats.GetProperty("batches").GetRawText().ShouldBe("""{"written":1,"failedAttempts":0,"outOfOrder":0,"copied":0}""");
        stats.GetProperty("latency").GetRawText().ShouldBe("""{"median":3,"percentile95":3}""");
        stats.GetProperty("ledger").GetRawText().ShouldBe("""{"batches":9,"records":8,"bytes":7,"filtered":6}""");
        stats.GetProperty("volume").GetRawText().ShouldBe("""[{"channel":"app","level":"error","records":5}]""");
        stats.GetProperty("writer").GetRawText()
            .ShouldBe("""{"directory":"/logs","isReady":true,"problem":null,"since":null,"freeBytes":4096}""");
        stats.GetProperty("bytes").GetInt64().ShouldBe(500);
    }

    [Fact]
    public async Task TroubleIsToldWithSinceWhen()
    {
        _readiness.Failed("No space left on device.");
        _time.Advance(TimeSpan.FromSeconds(5));
        _temporal.Failed("Nobody is there.");
        _time.Advance(TimeSpan.FromSeconds(5));
        _temporal.Failed("Still nobody.");
        var stats = await GetAsync("/api/stats");
        stats.GetProperty("writer").GetProperty("isReady").GetBoolean().ShouldBeFalse();
        stats.GetProperty("writer").GetProperty("since").GetDateTimeOffset().ShouldBe(_time.GetUtcNow() - TimeSpan.FromSeconds(10));
        var temporal = stats.GetProperty("temporal");
        temporal.GetProperty("uiUrl").GetString().ShouldBe("http://ui:8233");
        temporal.GetProperty("isReached").GetBoolean().ShouldBeFalse();
        temporal.GetProperty("problem").GetString().ShouldBe("Still nobody.");
        // Not connected since the start.
        temporal.GetProperty("since").GetDateTimeOffset().ShouldBe(_time.GetUtcNow() - TimeSpan.FromSeconds(10));
        temporal.GetProperty("pendingBatches").ValueKind.ShouldBe(JsonValueKind.Null);
    }

    [Fact]
    public async Task APerformancePageFindsTheFieldsThatItKnows()
    {
        _books.Written(6, 500, 1, 0, null);
        _books.DeadLettered(3);
        _temporal.Failed("Nobody is there.");
        var answer = await GetAsync("/api/activity-logs/performance");
        answer.GetProperty("success").GetBoolean().ShouldBeTrue();
        var data = answer.GetProperty("data");
        data.EnumerateObject().Select(field => field.Name).ShouldBe(["queue_size", "processing_rate", "error_rate", "total_processed",
            "pending_jobs", "failed_jobs", "memory_usage", "circuit_breaker"]);
        data.GetProperty("total_processed").GetInt64().ShouldBe(10);
        data.GetProperty("error_rate").GetDouble().ShouldBe(30);
        data.GetProperty("processing_rate").GetDouble().ShouldBe(6);
        data.GetProperty("memory_usage").GetInt64().ShouldBeGreaterThan(1 << 20);
        data.GetProperty("circuit_breaker").GetRawText().ShouldBe("""{"state":"open","failure_count":1,"is_allowed":false}""");
    }

    [Fact]
    public async Task NothingIsToldWithoutTheToken()
    {
        await using var guarded = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token },
            more: new StatsEndpoints(_books, new WorkerIdentity("me", "1", "a"), _temporal, _readiness, () => null,
                new DeadLetterBox(() => _disk.Root, 1, _time), () => null, _time));
        foreach (var path in (string[])["/api/stats", "/api/activity-logs/performance"])
            (await _http.GetAsync(guarded.Address + path)).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }
}
