using System.Diagnostics.Metrics;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// The books as metrics, named as OpenTelemetry names them; docs/metrics.md has the table. All but the latency are
/// observed: a collection costs one snapshot an instrument, a batch one value, and logging an event nothing more. Each
/// value has the tags <c>logpipeline.source</c> and <c>logpipeline.instance</c>, which distinguish the sinks of a
/// process; the meter ends with its sink.
/// </summary>
sealed class PublisherMetrics : IDisposable
{
    public const string MeterName = "LogPipeline.Publisher";

    const string Prefix = "logpipeline.publisher.";
    const string Events = "{event}";

    // From a flush at once to an outage of hours.
    static readonly double[] LatencyBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

    readonly Meter _meter = new(MeterName);
    readonly Histogram<double> _latency;
    readonly Func<PublisherStats> _stats;
    readonly TimeProvider _time;
    readonly KeyValuePair<string, object?>[] _tags;

    public PublisherMetrics(string source, string instance, Func<PublisherStats> stats, TimeProvider time)
    {
        _stats = stats;
        _time = time;
        _tags = [new("logpipeline.source", source), new("logpipeline.instance", instance)];
        Counter("events.emitted", "Events handed to the sink.", s => s.Emitted);
        Counter("events.notices", "Events that the sink made itself.", s => s.Notices);
        Counter("events.adopted", "Records of earlier processes found in the spool.", s => s.Adopted);
        Counter("events.filtered", "Events kept back by sampling and repeat suppression.", s => s.FilteredByReason);
        Counter("events.dropped", "Events lost.", s => s.DroppedByReason);
        Counter("events.accepted", "Events in batches that Temporal has taken.", s => s.Accepted);
        Counter("events.written_to_files", "Events in final files on this host.", s => s.WrittenToFiles);
        Counter("events.set_aside", "Events in batches that Temporal refuses for good.", s => s.SetAside);
        Counter("events.truncated", "Events that were larger than the limits.", s => s.Truncated);
        Counter("events.redacted", "Events in which something secret was masked.", s => s.Redacted);
        Counter("events.render_failures", "Events with a placeholder for what their own code failed to render.", s =>
            s.RenderFailures);
        Counter("batches.accepted", "Batches that Temporal has taken.", s => s.Batches, "{batch}");
        _meter.CreateObservableUpDownCounter(Prefix + "events.queued", () =>
            Value(_stats().Queued), Events, "Events in memory.");
        _meter.CreateObservableUpDownCounter(Prefix + "events.spooled", () =>
            Value(_stats().Spooled), Events, "Events on this host's disk, waiting for Temporal.");
        _meter.CreateObservableUpDownCounter(Prefix + "spool.size", () =>
            Value(_stats().SpooledBytes), "By", "What the spool takes on disk.");
        _meter.CreateObservableGauge(Prefix + "spool.oldest_age", OldestAge, "s",
            "How long ago the oldest event in the spool was logged; none: nothing is there.");
        _meter.CreateObservableGauge(Prefix + "breaker.failures", () =>
            Value(_stats().FailuresInRow), "{start}", "Starts in a row that did not reach Temporal.");
        _meter.CreateObservableUpDownCounter(Prefix + "breaker.state", BreakerStates, "1",
            "1 for the state the circuit breaker is in, 0 for the others.");
        _meter.CreateObservableGauge(Prefix + "room.utilization", () =>
            new Measurement<double>(_stats().Fill, _tags), "1", "How much of the room for events that wait is taken, from 0 to 1.");
        _meter.CreateObservableGauge(Prefix + "disk.up", () =>
            Value(_stats().DiskError is null ? 1 : 0), "1", "1 while the spool, or the fallback's files, can be written.");
        _latency = _meter.CreateHistogram(Prefix + "batch.latency", "s", "From the first event of a batch to Temporal's answer.",
            tags: null, new InstrumentAdvice<double> { HistogramBucketBoundaries = LatencyBounds });
    }

    /// <summary>Temporal has taken a batch.</summary>
    /// <param name="from">When its first event was logged, by a clock that may have been set since.</param>
    public void Accepted(DateTimeOffset from)
    {
        if (_latency.Enabled) _latency.Record(Math.Max(0, (_time.GetUtcNow() - from).TotalSeconds), _tags);
    }

    public void Dispose() => _meter.Dispose();

    void Counter(string name, string description, Func<PublisherStats, long> read, string unit = Events) =>
        _meter.CreateObservableCounter(Prefix + name, () => Value(read(_stats())), unit, description);

    void Counter<T>(string name, string description, Func<PublisherStats, IReadOnlyDictionary<T, long>> read) where T
        : struct, Enum =>
        _meter.CreateObservableCounter(Prefix + name,
            () =>
                read(_stats()).Select(count =>
                    new Measurement<long>(count.Value, [.. _tags, new("reason", StateNames.Of(count.Key))])),
                    Events, description);

    Measurement<long> Value(long value) => new(value, _tags);

    IEnumerable<Measurement<double>> OldestAge() =>
        _stats().OldestSpooledAge is { } age ? [new Measurement<double>(age.TotalSeconds, _tags)] : [];

    IEnumerable<Measurement<int>> BreakerStates()
    {
        var now = _stats().Breaker;
        return Enum.GetValues<BreakerState>()
            .Select(state => new Measurement<int>(state == now ? 1 : 0, [.. _tags, new("state", StateNames.Of(state))]));
    }
}
