using Temporalio.Common;

namespace Temporalio.Runtime;

/// <summary>What connections and workers share: where their metrics go. Safe for any number of threads.</summary>
public sealed class TemporalRuntime
{
    static readonly Lazy<TemporalRuntime> LazyDefault = new(() => new(new()));

    public TemporalRuntime(TemporalRuntimeOptions options)
    {
        var metrics = options.Telemetry.Metrics;
        if (metrics?.CustomMetricMeter is not { } custom)
        {
            MetricMeter = SdkMeter = MetricMeterNoop.Instance;
            return;
        }
        var tags = new List<KeyValuePair<string, object>>();
        if (metrics.AttachServiceName) tags.Add(new("service_name", "temporal-core-sdk"));
        foreach (var (name, value) in metrics.GlobalTags ?? []) tags.Add(new(name, value));
        var format = (metrics.CustomMetricMeterOptions ?? new()).HistogramDurationFormat;
        MetricMeter = new MetricMeterCustom(custom, format, "", custom.CreateTags(null, tags));
        SdkMeter = new MetricMeterCustom(custom, format, metrics.MetricPrefix ?? "temporal_", custom.CreateTags(null, tags));
        HasMetrics = true;
    }

    /// <summary>Of connections whose options name none. Without metrics.</summary>
    public static TemporalRuntime Default => LazyDefault.Value;

    /// <summary>For metrics of one's own; they go where the SDK's go, without the SDK's prefix. Without metrics options it does nothing.</summary>
    public MetricMeter MetricMeter { get; }

    /// <summary>For the SDK's own metrics.</summary>
    internal MetricMeter SdkMeter { get; }

    internal bool HasMetrics { get; }
}

/// <summary>Options of a <see cref="TemporalRuntime"/>.</summary>
public class TemporalRuntimeOptions : ICloneable
{
    public TemporalRuntimeOptions()
    {
    }

    public TemporalRuntimeOptions(TelemetryOptions telemetry) => Telemetry = telemetry;

    public TelemetryOptions Telemetry { get; set; } = new();

    public virtual object Clone()
    {
        var copy = (TemporalRuntimeOptions)MemberwiseClone();
        copy.Telemetry = (TelemetryOptions)Telemetry.Clone();
        return copy;
    }
}

/// <summary>What a runtime tells about its work.</summary>
public class TelemetryOptions : ICloneable
{
    /// <summary>Null: no metrics.</summary>
    public MetricsOptions? Metrics { get; set; }

    public virtual object Clone()
    {
        var copy = (TelemetryOptions)MemberwiseClone();
        copy.Metrics = (MetricsOptions?)Metrics?.Clone();
        return copy;
    }
}
