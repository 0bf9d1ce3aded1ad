using System.Diagnostics.Metrics;
using Temporalio.Runtime;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// The metrics of Temporal's SDK as .NET metrics, as the package for that cannot be had. Names and tags stay those of
/// the SDK (<c>temporal_request_latency</c>), times are in seconds.
/// </summary>
sealed class TemporalMeter : ICustomMetricMeter
{
    public const string MeterName = "Temporalio";

    /// <summary>From an answer at once to the wait of a long poll.</summary>
    public static readonly double[] SecondsBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 5, 30, 60, 600];

    // The core takes it for as long as the process lives.
    readonly Meter _meter = new(MeterName);

    public ICustomMetricCounter<T> CreateCounter<T>(string name, string? unit, string? description) where T : struct =>
        new Counter<T>(_meter.CreateCounter<T>(name, unit, description));

    public ICustomMetricHistogram<T> CreateHistogram<T>(string name, string? unit, string? description) where T : struct =>
        new Histogram<T>(_meter.CreateHistogram<T>(name, unit, description));

    public ICustomMetricGauge<T> CreateGauge<T>(string name, string? unit, string? description) where T : struct =>
        new Gauge<T>(_meter.CreateGauge<T>(name, unit, description));

    public object CreateTags(object? appendFrom, IReadOnlyCollection<KeyValuePair<string, object>> tags)
    {
        IEnumerable<KeyValuePair<string, object?>> given = tags.Select(tag => new KeyValuePair<string, object?>(tag.Key, tag.Value));
        return new Tags([.. appendFrom is Tags before ? before.All.Concat(given) : given]);
    }

    sealed record Tags(KeyValuePair<string, object?>[] All);

    sealed class Counter<T>(System.Diagnostics.Metrics.Counter<T> counter) : ICustomMetricCounter<T> where T : struct
    {
        public void Add(T value, object tags) => counter.Add(value, ((Tags)tags).All);
    }

    sealed class Histogram<T>(System.Diagnostics.Metrics.Histogram<T> histogram) : ICustomMetricHistogram<T> where T : struct
    {
        public void Record(T value, object tags) => histogram.Record(value, ((Tags)tags).All);
    }

    sealed class Gauge<T>(System.Diagnostics.Metrics.Gauge<T> gauge) : ICustomMetricGauge<T> where T : struct
    {
        public void Set(T value, object tags) => gauge.Record(value, ((Tags)tags).All);
    }
}
