namespace Temporalio.Runtime;

/// <summary>Where metrics go. Without a <see cref="CustomMetricMeter"/> there are none.</summary>
public class MetricsOptions : ICloneable
{
    /// <summary>Receives every metric of the SDK and of the program. Called from any thread, in the middle of the work: it must be quick and not throw.</summary>
    public ICustomMetricMeter? CustomMetricMeter { get; set; }

    /// <summary>Null: the defaults.</summary>
    public CustomMetricMeterOptions? CustomMetricMeterOptions { get; set; }

    /// <summary>Tag everything with <c>service_name</c>. Default: true.</summary>
    public bool AttachServiceName { get; set; } = true;

    /// <summary>Tags of every metric.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? GlobalTags { get; set; }

    /// <summary>Before the names of the SDK's own metrics. Null: <c>temporal_</c>.</summary>
    public string? MetricPrefix { get; set; }

    public virtual object Clone() => MemberwiseClone();
}

/// <summary>How a <see cref="ICustomMetricMeter"/> wants its values.</summary>
public class CustomMetricMeterOptions : ICloneable
{
    /// <summary>The form of durations: it decides the T of their histograms.</summary>
    public enum DurationFormat
    {
        /// <summary>Whole milliseconds as <see cref="long"/>.</summary>
        IntegerMilliseconds,

        /// <summary>Seconds as <see cref="double"/>.</summary>
        FloatSeconds,

        TimeSpan,
    }

    public DurationFormat HistogramDurationFormat { get; set; } = DurationFormat.IntegerMilliseconds;

    public virtual object Clone() => MemberwiseClone();
}
