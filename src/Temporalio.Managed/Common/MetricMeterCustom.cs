using Temporalio.Runtime;
using DurationFormat = Temporalio.Runtime.CustomMetricMeterOptions.DurationFormat;

namespace Temporalio.Common;

/// <summary>A meter over the program's own: numbers are brought to the few types that one takes, tags to its objects.</summary>
sealed class MetricMeterCustom(ICustomMetricMeter meter, DurationFormat format, string prefix, object tags) : MetricMeter
{
    public override MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null)
    {
        if (!IsInteger(typeof(T))) throw new ArgumentException($"Invalid metric type of {typeof(T)}, must be integer");
        var counter = meter.CreateCounter<long>(prefix + name, unit, description);
        return new Counter<T>(name, unit, description, meter, (value, on) => counter.Add(Whole(value), on), tags);
    }

    public override MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null) =>
        new Histogram<T>(name, unit, description, meter, HistogramOf<T>(prefix + name, unit, description), tags);

    public override MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null)
    {
        if (IsInteger(typeof(T)))
        {
            var whole = meter.CreateGauge<long>(prefix + name, unit, description);
            return new Gauge<T>(name, unit, description, meter, (value, on) => whole.Set(Whole(value), on), tags);
        }
        if (!IsFloat(typeof(T))) throw new ArgumentException($"Invalid metric type of {typeof(T)}, must be integer or float");
        var real = meter.CreateGauge<double>(prefix + name, unit, description);
        return new Gauge<T>(name, unit, description, meter, (value, on) => real.Set(Real(value), on), tags);
    }

    public override MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
        new MetricMeterCustom(meter, format, prefix, Append(meter, tags, more));

    Action<T, object> HistogramOf<T>(string name, string? unit, string? description)
        where T : struct
    {
        if (IsInteger(typeof(T)))
        {
            var whole = meter.CreateHistogram<long>(name, unit, description);
            return (value, on) => whole.Record(Whole(value), on);
        }
        if (IsFloat(typeof(T)))
        {
            var real = meter.CreateHistogram<double>(name, unit, description);
            return (value, on) => real.Record(Real(value), on);
        }
        if (typeof(T) != typeof(TimeSpan)) throw new ArgumentException($"Invalid metric type of {typeof(T)}, must be integer, float, or TimeSpan");
        switch (format)
        {
            case DurationFormat.IntegerMilliseconds:
                var milliseconds = meter.CreateHistogram<long>(name, unit == "duration" ? "ms" : unit, description);
                return (value, on) => milliseconds.Record((long)Duration(value).TotalMilliseconds, on);
            case DurationFormat.FloatSeconds:
                var seconds = meter.CreateHistogram<double>(name, unit == "duration" ? "s" : unit, description);
                return (value, on) => seconds.Record(Duration(value).TotalSeconds, on);
            default:
                var spans = meter.CreateHistogram<TimeSpan>(name, unit, description);
                return (value, on) => spans.Record(Duration(value), on);
        }
    }

    static object Append(ICustomMetricMeter meter, object tags, IEnumerable<KeyValuePair<string, object>>? more) =>
        more == null ? tags : meter.CreateTags(tags, [.. more.Select(t => new KeyValuePair<string, object>(t.Key, Simple(t.Value)))]);

    static object Simple(object value) => value switch
    {
        string or bool or long or double => value,
        float number => (double)number,
        byte or sbyte or short or ushort or int or uint or ulong => Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    };

    static bool IsInteger(Type type) => Type.GetTypeCode(type) is >= TypeCode.SByte and <= TypeCode.UInt64 && !type.IsEnum;

    static bool IsFloat(Type type) => Type.GetTypeCode(type) is TypeCode.Single or TypeCode.Double;

    static long Whole<T>(T value)
        where T : struct
    {
        var number = value is ulong large && large > long.MaxValue
            ? long.MaxValue
            : Convert.ToInt64(value, System.Globalization.CultureInfo.InvariantCulture);
        return number >= 0 ? number : throw Negative();
    }

    static double Real<T>(T value)
        where T : struct
    {
        var number = Convert.ToDouble(value, System.Globalization.CultureInfo.InvariantCulture);
        return number >= 0 ? number : throw Negative();
    }

    static TimeSpan Duration<T>(T value)
        where T : struct =>
        value is TimeSpan span && span >= TimeSpan.Zero ? span : throw Negative();

    static ArgumentException Negative() => new("Value cannot be negative");

    sealed class Counter<T>(string name, string? unit, string? description, ICustomMetricMeter meter, Action<T, object> add, object tags)
        : MetricCounter<T>(name, unit, description)
        where T : struct
    {
        public override void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => add(value, Append(meter, tags, extraTags));

        public override MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new Counter<T>(Name, Unit, Description, meter, add, Append(meter, tags, more));
    }

    sealed class Histogram<T>(string name, string? unit, string? description, ICustomMetricMeter meter, Action<T, object> record, object tags)
        : MetricHistogram<T>(name, unit, description)
        where T : struct
    {
        public override void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => record(value, Append(meter, tags, extraTags));

        public override MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new Histogram<T>(Name, Unit, Description, meter, record, Append(meter, tags, more));
    }

    sealed class Gauge<T>(string name, string? unit, string? description, ICustomMetricMeter meter, Action<T, object> set, object tags)
        : MetricGauge<T>(name, unit, description)
        where T : struct
    {
        public override void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null) => set(value, Append(meter, tags, extraTags));

        public override MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> more) =>
            new Gauge<T>(Name, Unit, Description, meter, set, Append(meter, tags, more));
    }
}
