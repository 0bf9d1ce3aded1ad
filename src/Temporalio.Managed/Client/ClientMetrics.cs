using System.Collections.Concurrent;
using Temporalio.Common;
using Temporalio.Exceptions;
using Temporalio.Runtime;

namespace Temporalio.Client;

/// <summary>The metrics of one connection's calls: each attempt, by the names that Temporal's SDKs share.</summary>
sealed class ClientMetrics(TemporalRuntime runtime)
{
    readonly ConcurrentDictionary<(string? Namespace, string Rpc), Calls> _calls = new();

    public bool Enabled => runtime.HasMetrics;

    public void Called(string? @namespace, string rpc, bool isLong, TimeSpan took, RpcException.StatusCode status)
    {
        var calls = _calls.GetOrAdd((@namespace, rpc), key => new(runtime.SdkMeter.WithTags(
            key.Namespace == null ? [new("operation", key.Rpc)] : [new("namespace", key.Namespace), new("operation", key.Rpc)]), isLong ? "long_" : ""));
        calls.Requests.Add(1);
        calls.Latency.Record(took);
        // A long poll that ends with nothing is no failure.
        if (status != RpcException.StatusCode.OK && !(isLong && status is RpcException.StatusCode.Cancelled or RpcException.StatusCode.DeadlineExceeded))
            calls.Failures.Add(1, [new("status_code", Screaming(status))]);
    }

    static string Screaming(RpcException.StatusCode status) => status == RpcException.StatusCode.OK
        ? "OK"
        : string.Concat(status.ToString().Select((c, i) => i > 0 && char.IsUpper(c) ? $"_{c}" : char.ToUpperInvariant(c).ToString()));

    sealed class Calls(MetricMeter meter, string prefix)
    {
        public MetricCounter<long> Requests { get; } = meter.CreateCounter<long>(prefix + "request");

        public MetricCounter<long> Failures { get; } = meter.CreateCounter<long>(prefix + "request_failure");

        public MetricHistogram<TimeSpan> Latency { get; } = meter.CreateHistogram<TimeSpan>(prefix + "request_latency", "duration");
    }
}
