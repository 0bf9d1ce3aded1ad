using System.Collections.Concurrent;
using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>A batch's trace, through a real Temporal to OpenTelemetry's real collector.</summary>
public sealed class TraceTests
{
    [SkippableFact]
    public async Task TheCollectorHasTheWorkersSpanBelowTheApplications()
    {
        RealServers.SkipIfMissing();
        var published = new ConcurrentQueue<Activity>();
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == TemporalSink.ActivitySourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = published.Enqueue,
        };
        ActivitySource.AddActivityListener(listener);
        await using var pipeline = await Pipeline.StartNewAsync();
        await pipeline.Worker.StopAsync();
        await using var collector = await OtelCollector.StartNewAsync(pipeline.File("otelcol.yaml"));
        pipeline.StartWorker(new Dictionary<string, string> { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Endpoint });
        await using (var logger = pipeline.NewLogger()) logger.Information("one event");
        await pipeline.LinesReachAsync(1, TimeSpan.FromMinutes(1));

        // Another test's sink may publish at the same time.
        var span = published.First(one => one.GetTagItem("logpipeline.source") is Pipeline.Source);
        string[] told = ["Name           : LogProcessingActivity", $"Trace ID       : {span.TraceId}", $"Parent ID      : {span.SpanId}"];
        await Eventually.TrueAsync(() => Task.FromResult(told.All(line => collector.Everything.Contains(line, StringComparison.Ordinal))),
            TimeSpan.FromSeconds(30), explain: () => collector.Everything[^Math.Min(5_000, collector.Everything.Length)..]);
    }
}
