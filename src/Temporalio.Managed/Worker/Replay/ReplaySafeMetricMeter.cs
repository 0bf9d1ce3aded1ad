using Temporalio.Common;

namespace Temporalio.Worker.Replay;

/// <summary>A workflow's meter: silent on replay, so that everything is counted once.</summary>
sealed class ReplaySafeMetricMeter(MetricMeter inner, Func<bool> isLive) : MetricMeter
{
    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null) =>
        new Counter<T>(inner.CreateCounter<T>(name, unit, description), isLive);

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null) =>
        new Histogram<T>(inner.CreateHistogram<T>(name, unit, description), isLive);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null) =>
        new Gauge<T>(inner.CreateGauge<T>(name, unit, description), isLive);

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new ReplaySafeMetricMeter(inner.WithTags(tags), isLive);

    sealed class Counter<T>(MetricCounter<T> inner, Func<bool> isLive) : MetricCounter<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (isLive()) inner.Add(value, extraTags);
        }

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Counter<T>(inner.WithTags(tags), isLive);
    }

    sealed class Histogram<T>(MetricHistogram<T> inner, Func<bool> isLive) : MetricHistogram<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (isLive()) inner.Record(value, extraTags);
        }

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Histogram<T>(inner.WithTags(tags), isLive);
    }

    sealed class Gauge<T>(MetricGauge<T> inner, Func<bool> isLive) : MetricGauge<T>(inner.Name, inner.Unit, inner.Description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null)
        {
            if (isLive()) inner.Set(value, extraTags);
        }

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags) => new Gauge<T>(inner.WithTags(tags), isLive);
    }
}
