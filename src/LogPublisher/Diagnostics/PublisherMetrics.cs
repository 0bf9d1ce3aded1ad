using System.Diagnostics.Metrics;

namespace LogPipeline.Publisher.Diagnostics;

/// <summary>
/// The books as metrics, named as OpenTelemetry names them. Every instrument is observed: a collection costs one
/// snapshot an instrument, and logging an event costs nothing more. Each value has the tags <c>logpipeline.source</c>
/// and <c>logpipeline.instance</c>, which distinguish the sinks of a process; the meter ends with its sink.
/// </summary>
sealed class PublisherMetrics : IDisposable
{
    public const string MeterName = "LogPipeline.Publisher";

    const string Prefix = "logpipeline.publisher.";
    const string Events = "{event}";

    readonly Meter _meter = new(MeterName);
    readonly Func<PublisherStats> _stats;
    readonly KeyValuePair<string, object?>[] _tags;

    public PublisherMetrics(string source, string instance, Func<PublisherStats> stats)
    {
        _stats = stats;
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
