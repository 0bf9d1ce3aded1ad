using System.Diagnostics.Metrics;
using System.Text.RegularExpressions;
using LogPipeline.Publisher;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

public sealed partial class PublisherMetricsTests : IDisposable
{
    const string Prefix = "logpipeline.publisher.";

    readonly SinkRig _rig = new();
    readonly MeterListener _listener = new();
    readonly HashSet<Instrument> _instruments = [];
    // What the last look saw: by instrument and tags.
    readonly Dictionary<(string Name, string Instance, string? Kind), double> _seen = [];

    public PublisherMetricsTests()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Name != TemporalSink.MeterName) return;
            lock (_instruments) _instruments.Add(instrument);
            listener.EnableMeasurementEvents(instrument);
        };
        _listener.MeasurementsCompleted = (instrument, _) => { lock (_instruments) _instruments.Remove(instrument); };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<int>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => See(instrument, value, tags));
        _listener.Start();
    }

    public void Dispose() => _listener.Dispose();

    [Fact]
    public async Task TheMetricsAreTheBooks()
    {
        _rig.Options.Sampling.Debug = 2;
        _rig.Options.Limits.EventBytesMax = 20_000;
        var sink = _rig.Open();
        for (var i = 0; i < 20; i++) sink.Emit(SomeEvent.Of("x"));
        for (var i = 0; i < 10; i++) sink.Emit(SomeEvent.Of(LogEventLevel.Debug, "d"));
        sink.Emit(SomeEvent.Of("{Long}", ("Long", new string('x', 30_000))));
        await sink.FlushAsync();
        _rig.Temporal.Instead = FakeTemporal.Away;
        for (var i = 0; i < 30; i++) sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 30, Breaker: BreakerState.Open });
        Look();
        var stats = sink.Stats;
        Value(sink, "events.emitted").ShouldBe(61);
        Value(sink, "events.filtered", "sampled").ShouldBe(5);
        Value(sink, "events.accepted").ShouldBe(26);
        Value(sink, "events.queued").ShouldBe(0);
        Value(sink, "events.spooled").ShouldBe(30);
        Value(sink, "events.truncated").ShouldBe(1);
        Value(sink, "batches.accepted").ShouldBe(stats.Batches);
        Value(sink, "spool.size").ShouldBe(stats.SpooledBytes);
        Value(sink, "spool.oldest_age").ShouldBe(stats.OldestSpooledAge!.Value.TotalSeconds);
        Value(sink, "breaker.failures").ShouldBe(stats.FailuresInRow);
        Value(sink, "breaker.state", "open").ShouldBe(1);
        foreach (var state in (string[])["closed", "half_open", "denied"]) Value(sink, "breaker.state", state).ShouldBe(0);
        _rig.Temporal.Instead = null;
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task DropsAreToldByReasonAndSinksByTheirInstance()
    {
        var one = _rig.Open();
        var other = _rig.Open(new FakeTemporal());
        one.Emit(SomeEvent.Of("x"));
        other.Emit(SomeEvent.Of("{Bad}", ("Bad", new LogsWhenPrinted(other))));
        Look();
        Value(one, "events.emitted").ShouldBe(1);
        _seen.Keys.ShouldNotContain(key => key.Name == Prefix + "events.dropped" && key.Instance == one.Instance);
        // The property is printed in the message and as a property.
        Value(other, "events.emitted").ShouldBe(3);
        Value(other, "events.dropped", "reentrant").ShouldBe(2);
        await _rig.CloseAsync(other);
        Look();
        _seen.Keys.ShouldNotContain(key => key.Instance == other.Instance, "its meter ended with it");
        _seen.Keys.ShouldContain(key => key.Instance == one.Instance);
        await _rig.CloseAsync(one);
    }

    [Fact]
    public async Task EveryInstrumentHasAUnitADescriptionAndItsPlaceInTheNames()
    {
        var sink = _rig.Open();
        lock (_instruments)
        {
            _instruments.Count.ShouldBeGreaterThanOrEqualTo(18);
            _instruments.ShouldAllBe(instrument => instrument.Name.StartsWith(Prefix, StringComparison.Ordinal)
                && !string.IsNullOrEmpty(instrument.Unit) && instrument.Description!.EndsWith('.'));
            // What is not observed is paid for by whoever does it; no event does.
            _instruments.Where(instrument => !instrument.IsObservable).Select(instrument => instrument.Name)
                .Distinct().ShouldBe([Prefix + "batch.latency"]);
        }
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task LatencyIsFromABatchsFirstEventToTemporalsAnswer()
    {
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        sink.Emit(new LogEvent(_rig.Clock.GetUtcNow(), LogEventLevel.Information, null, SomeEvent.Of("x").MessageTemplate, []));
        await _rig.UntilAsync(sink, stats => stats.FailuresInRow == 2);
        _rig.Clock.Advance(TimeSpan.FromMinutes(10));
        _rig.Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        Value(sink, "batch.latency").ShouldBeInRange(600, 660);
        // Of an event of tomorrow, as of a clock that was set back.
        var tomorrow = _rig.Clock.GetUtcNow() + TimeSpan.FromDays(1);
        sink.Emit(new LogEvent(tomorrow, LogEventLevel.Error, null, SomeEvent.Of("x").MessageTemplate, []));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 2);
        Value(sink, "batch.latency").ShouldBe(0);
        Look();
        (Value(sink, "room.utilization"), Value(sink, "disk.up")).ShouldBe((sink.Stats.Fill, 1));
        await _rig.CloseAsync(sink);
    }

    /// <summary>Each name stands once in docs/metrics.md, with its unit; and no other stands there.</summary>
    [Fact]
    public async Task TheDocumentHasEveryMetric()
    {
        var sink = _rig.Open();
        var told = Row().Matches(File.ReadAllText(LogPipeline.TestSupport.Repository.PathOf("docs", "metrics.md")))
            .Select(row => (row.Groups["name"].Value, row.Groups["unit"].Value));
        lock (_instruments)
            told.ShouldBe(_instruments.Select(one => (one.Name, one.Unit!)).Distinct(), ignoreOrder: true);
        await _rig.CloseAsync(sink);
    }

    [GeneratedRegex(@"^\| `(?<name>logpipeline\.publisher\.[a-z._]+)` \| [a-z]+ \| `(?<unit>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Row();

    void Look()
    {
        lock (_seen) _seen.Clear();
        _listener.RecordObservableInstruments();
    }

    double Value(TemporalSink sink, string name, string? kind = null)
    {
        lock (_seen) return _seen[(Prefix + name, sink.Instance, kind)];
    }

    void See(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        string? instance = null, kind = null;
        foreach (var (name, text) in tags)
        {
            if (name == "logpipeline.instance") instance = (string?)text;
            else if (name != "logpipeline.source") kind = (string?)text;
        }
        lock (_seen) _seen[(instrument.Name, instance!, kind)] = value;
    }

    sealed class LogsWhenPrinted(TemporalSink sink)
    {
        public override string ToString()
        {
            sink.Emit(SomeEvent.Of("printing"));
            return "printed";
        }
    }
}
