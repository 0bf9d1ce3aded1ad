namespace Temporalio.Runtime;

/// <summary>
/// Where metrics go; implemented by the program. Counters are of <see cref="long"/>, gauges and histograms of
/// <see cref="long"/> or <see cref="double"/>, durations as <see cref="CustomMetricMeterOptions"/> says.
/// </summary>
public interface ICustomMetricMeter
{
    ICustomMetricCounter<T> CreateCounter<T>(string name, string? unit, string? description)
        where T : struct;

    ICustomMetricHistogram<T> CreateHistogram<T>(string name, string? unit, string? description)
        where T : struct;

    ICustomMetricGauge<T> CreateGauge<T>(string name, string? unit, string? description)
        where T : struct;

    /// <summary>Makes the object that values are given with.</summary>
    /// <param name="appendFrom">An object of this method whose tags come first; null: none. It must not be changed.</param>
    /// <param name="tags">Values are string, bool, long or double. A tag replaces one of the same name.</param>
    object CreateTags(object? appendFrom, IReadOnlyCollection<KeyValuePair<string, object>> tags);
}

/// <summary>Any metric that a program's <see cref="ICustomMetricMeter"/> makes.</summary>
public interface ICustomMetric<T>
    where T : struct;

/// <summary>A number that only grows.</summary>
public interface ICustomMetricCounter<T> : ICustomMetric<T>
    where T : struct
{
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Add(T value, object tags);
}

/// <summary>Values whose distribution is of interest.</summary>
public interface ICustomMetricHistogram<T> : ICustomMetric<T>
    where T : struct
{
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Record(T value, object tags);
}

/// <summary>A number that is set.</summary>
public interface ICustomMetricGauge<T> : ICustomMetric<T>
    where T : struct
{
    /// <param name="value">Not negative.</param>
    /// <param name="tags">From <see cref="ICustomMetricMeter.CreateTags"/>.</param>
    void Set(T value, object tags);
}
