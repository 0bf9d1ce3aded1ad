using System.Collections.Concurrent;
using System.Globalization;
using Temporalio.Runtime;

namespace Temporalio.Tests.Workflows;

/// <summary>A meter that keeps every value with its tags.</summary>
sealed class RecordingMeter : ICustomMetricMeter
{
    readonly ConcurrentQueue<(string Name, double Value, Dictionary<string, object> Tags)> _values = new();

    public IEnumerable<string> Names => _values.Select(v => v.Name).Distinct();

    public double Sum(string name, params (string Key, object Value)[] tags) => Of(name, tags).Sum();

    public double Last(string name, params (string Key, object Value)[] tags) => Of(name, tags).Last();

    public ICustomMetricCounter<T> CreateCounter<T>(string name, string? unit, string? description)
        where T : struct => new Metric<T>(this, name);

    public ICustomMetricHistogram<T> CreateHistogram<T>(string name, string? unit, string? description)
        where T : struct => new Metric<T>(this, name);

    public ICustomMetricGauge<T> CreateGauge<T>(string name, string? unit, string? description)
        where T : struct => new Metric<T>(this, name);

    public object CreateTags(object? appendFrom, IReadOnlyCollection<KeyValuePair<string, object>> tags)
    {
        var all = new Dictionary<string, object>((Dictionary<string, object>?)appendFrom ?? []);
        foreach (var (name, value) in tags) all[name] = value;
        return all;
    }

    IEnumerable<double> Of(string name, (string Key, object Value)[] tags) => _values
        .Where(v => v.Name == name && tags.All(t => v.Tags.TryGetValue(t.Key, out var value) && value.Equals(t.Value)))
        .Select(v => v.Value);

    sealed class Metric<T>(RecordingMeter meter, string name) : ICustomMetricCounter<T>, ICustomMetricHistogram<T>, ICustomMetricGauge<T>
        where T : struct
    {
        public void Add(T value, object tags) => Keep(value, tags);

        public void Record(T value, object tags) => Keep(value, tags);

        public void Set(T value, object tags) => Keep(value, tags);

        void Keep(T value, object tags) =>
            meter._values.Enqueue((name, Convert.ToDouble(value, CultureInfo.InvariantCulture), (Dictionary<string, object>)tags));
    }
}
