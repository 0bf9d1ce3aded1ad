using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;

namespace LogPipeline.Tests.Observability;

public sealed partial class WorkerMetricsTests : IDisposable
{
    const string Prefix = "logpipeline.worker.";

    readonly WorkerBooks _books = new(TimeProvider.System);
    readonly WorkerMetrics _metrics;
    readonly MeterListener _listener = new();
    readonly List<Instrument> _instruments = [];
    readonly Dictionary<string, double> _seen = [];
    bool _isReady = true;
    long? _free = 7;

    public WorkerMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != WorkerMetrics.MeterName) return;
            _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
        _metrics = new WorkerMetrics(_books.Read,
            new WorkerGauges(() => _isReady, () => _free is { } free ? [new(free)] : [], () => 11, () => 12));
    }

    public void Dispose()
    {
        _listener.Dispose();
        _metrics.Dispose();
    }

    [Fact]
    public void TheMetricsAreTheBooks()
    {
        _books.Written(5, 500, 2, 1, TimeSpan.FromSeconds(3));
        _books.WrittenOf("app", "error", 4);
        _books.WrittenOf("app", "info", 1);
        _books.DeadLettered(3);
        _books.Failed(6);
        _books.OutOfOrder();
        _books.Copied(8);
        _books.Canary(new CanaryResult("logs/a/b/1", Some.Instant));
        _books.Canary(new CanaryResult("logs/a/b/2", Some.Instant) { Problem = "It is missing." });
        Look();
        Values("canaries.sent", "canaries.missing").ShouldBe([2, 1]);
        Values("batches.written", "records.filtered", "records.overflowed", "records.dead_lettered", "dead_letters.written", "lines.size",
            "batches.failed_attempts", "batches.out_of_order", "batches.copied", "ledger.batches", "ledger.records", "disk.free",
            "writer.up").ShouldBe([1, 2, 1, 3, 1, 500, 6, 1, 8, 11, 12, 7, 1]);
        Values("records.written channel=app level=error", "records.written channel=app level=info").ShouldBe([4, 1]);
        (_isReady, _free) = (false, null);
        Look();
        Values("writer.up").ShouldBe([0]);
        _seen.ShouldNotContainKey("disk.free");
    }

    [Fact]
    public void WhatTakesTimeIsAHistogram()
    {
        _metrics.Written(500, TimeSpan.FromMilliseconds(250));
        _metrics.Written(600, null);
        _metrics.GroupWritten(9, TimeSpan.FromMilliseconds(4));
        _metrics.Canary(new CanaryResult("logs/a/b/1", Some.Instant) { AcceptedSeconds = 0.5, LokiSeconds = 2 });
        Values("canary.latency stage=accepted", "canary.latency stage=loki").ShouldBe([0.5, 2]);
        Values("batch.size", "batch.latency", "writer.group.size", "writer.group.duration").ShouldBe([600, 0.25, 9, 0.004]);
    }

    /// <summary>Each name stands once in docs/metrics.md, with its unit; and no other stands there.</summary>
    [Fact]
    public void TheDocumentHasEveryMetric()
    {
        var told = Row().Matches(File.ReadAllText(Repository.PathOf("docs", "metrics.md")))
            .Select(row => (row.Groups["name"].Value, row.Groups["unit"].Value));
        told.ShouldBe(_instruments.Select(instrument => (instrument.Name, instrument.Unit ?? "")), ignoreOrder: true);
    }

    [Fact]
    public void NamesAndUnitsAreThoseOfOpenTelemetry()
    {
        foreach (var instrument in _instruments)
        {
            instrument.Name.ShouldMatch("^logpipeline\\.worker(\\.[a-z_]+)+$");
            (instrument.Unit ?? "").ShouldMatch("^(s|By|\\{[a-z]+\\}|)$");
            instrument.Description.ShouldNotBeNullOrEmpty();
        }
    }

    void Look()
    {
        _seen.Clear();
        _listener.RecordObservableInstruments();
    }

    double[] Values(params string[] names) => [.. names.Select(name => _seen[name])];

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        var name = instrument.Name[Prefix.Length..];
        foreach (var (key, tag) in tags) name += $" {key}={tag}";
        _seen[name] = value;
    }

    [GeneratedRegex(@"^\| `(?<name>logpipeline\.worker\.[a-z._]+)` \| [a-z]+ \| (?:`(?<unit>[^`]+)`)? ?\|", RegexOptions.Multiline)]
    private static partial Regex Row();
}
