using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>
/// What the worker tells of itself, against what lies on the disk: to the real Prometheus, to OpenTelemetry's real collector, as JSON,
/// and to <c>logworker verify</c>, over two kills.
/// </summary>
public sealed class MetricsTests(ITestOutputHelper output)
{
    static readonly int Events = LongRuns.Choose(20_000, 200_000);
    static readonly TimeSpan Wait = TimeSpan.FromMinutes(4);

    [SkippableFact]
    public async Task AllTellTheSameCountsAlsoOverKills()
    {
        RealServers.SkipIfMissing();
        PrometheusServer.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        await pipeline.Worker.StopAsync();
        await using var collector = await OtelCollector.StartNewAsync(pipeline.File("otelcol.yaml"));
        var port = FreePort.Next();
        await using var prometheus = await PrometheusServer.StartNewAsync(pipeline.File("prometheus"), $"127.0.0.1:{port}");
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        void Start() => pipeline.StartWorker(new Dictionary<string, string>
        {
            ["LOG_HTTP_PORT"] = $"{port}", ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint,
            ["OTEL_METRIC_EXPORT_INTERVAL"] = "1000",
        });

        Start();
        await using (var logger = pipeline.NewLogger())
            for (var i = 0; i < Events; i++)
            {
                logger.Information("event {Number}", i);
                if ((i + 1) % (Events / 3) != 0 || i > Events * 0.8) continue;
                await pipeline.Worker.KillAsync();
                await pipeline.Worker.DisposeAsync();
                Start();
            }
        await pipeline.LinesReachAsync(Events, Wait);

        var verified = await Verification.RunAsync(pipeline.LogDirectory);
        (verified.IsClean, verified.Records).ShouldBe((true, Events), verified.Text);
        var stats = await JsonAsync(http, "/api/stats");
        stats.GetProperty("ledger").GetProperty("records").GetInt64().ShouldBe(Events);
        var written = stats.GetProperty("records").GetProperty("written").GetInt64();
        written.ShouldBeInRange(1, Events);
        (await JsonAsync(http, "/api/activity-logs/performance")).GetProperty("data").GetProperty("total_processed").GetInt64()
            .ShouldBe(written);

        var exposition = await http.GetStringAsync("/metrics");
        (await PrometheusServer.ComplaintsAsync(exposition)).ShouldBe("");
        await Eventually.TrueAsync(async () =>
            await prometheus.SumAsync("logpipeline_worker_records_written_total") == written
            && await prometheus.SumAsync("logpipeline_worker_ledger_records") == Events, TimeSpan.FromSeconds(30),
            explain: () => exposition);
        await Eventually.TrueAsync(() => Task.FromResult(collector.LastSum("logpipeline.worker.records.written") == written
            && collector.LastSum("logpipeline.worker.ledger.records") == Events), TimeSpan.FromSeconds(30),
            explain: () => collector.Everything[^Math.Min(5_000, collector.Everything.Length)..]);
        // The worker's own log goes there too.
        await Eventually.TrueAsync(() => Task.FromResult(
            collector.Everything.Contains($"Connected to Temporal at {pipeline.Temporal.Address}", StringComparison.Ordinal)),
            TimeSpan.FromSeconds(30));
        output.WriteLine($"{Events} events, {written} of them written since the last of two kills");
    }

    static async Task<JsonElement> JsonAsync(HttpClient http, string path) =>
        JsonDocument.Parse(await http.GetStringAsync(path)).RootElement;
}
