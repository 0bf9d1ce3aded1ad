namespace Temporalio.Common;

/// <summary>A named measure, made by a <see cref="MetricMeter"/>.</summary>
public abstract class Metric
{
    internal Metric(string name, string? unit, string? description)
    {
        Name = name;
        Unit = unit;
        Description = description;
    }

    public string Name { get; }

    public string? Unit { get; }

    public string? Description { get; }
}

/// <summary>A measure with values of one type.</summary>
public abstract class Metric<T> : Metric
    where T : struct
{
    internal Metric(string name, string? unit, string? description) : base(name, unit, description) { }
}

/// <summary>A number that only grows.</summary>
public abstract class MetricCounter<T> : Metric<T>
    where T : struct
{
    protected MetricCounter(string name, string? unit = null, string? description = null) : base(name, unit, description) { }

    public abstract void Add(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    public abstract MetricCounter<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>Values whose distribution is of interest.</summary>
public abstract class MetricHistogram<T> : Metric<T>
    where T : struct
{
    protected MetricHistogram(string name, string? unit = null, string? description = null) : base(name, unit, description) { }

    public abstract void Record(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    public abstract MetricHistogram<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>A number that is set.</summary>
public abstract class MetricGauge<T> : Metric<T>
    where T : struct
{
    protected MetricGauge(string name, string? unit = null, string? description = null) : base(name, unit, description) { }

    public abstract void Set(T value, IEnumerable<KeyValuePair<string, object>>? extraTags = null);

    public abstract MetricGauge<T> WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}

/// <summary>Makes metrics. Numbers may be of the types that the runtime's exporter knows: integers, double, TimeSpan.</summary>
public abstract class MetricMeter
{
    /// <exception cref="ArgumentException">T is not an integer.</exception>
    public abstract MetricCounter<T> CreateCounter<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <exception cref="ArgumentException">T is not an integer, a floating-point number or a TimeSpan.</exception>
    public abstract MetricHistogram<T> CreateHistogram<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <exception cref="ArgumentException">T is not an integer or a floating-point number.</exception>
    public abstract MetricGauge<T> CreateGauge<T>(string name, string? unit = null, string? description = null)
        where T : struct;

    /// <summary>A meter whose metrics all carry these tags too.</summary>
    public abstract MetricMeter WithTags(IEnumerable<KeyValuePair<string, object>> tags);
}
