using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace TemporalDevServer.Observability;

/// <summary>
/// What the servers of this process do, in one meter. Calls have the names and tags of a
/// Temporal cluster's metrics (<see href="https://docs.temporal.io/references/cluster-metrics"/>), so that one chart shows
/// either.
/// </summary>
static class ServerMetrics
{
    public const string MeterName = "TemporalDevServer";

    // A call that waits for a task takes up to a minute.
    static readonly double[] CallBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60];
    static readonly double[] SyncBounds = [0.0001, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5];

    static readonly Meter Meter = new(MeterName);

    static readonly Counter<long> Requests =
        Meter.CreateCounter<long>("service_requests", "{request}", "Calls, by operation.");

    static readonly Counter<long> Errors =
        Meter.CreateCounter<long>("service_error_with_type", "{request}", "Calls answered with an error, by operation and gRPC code.");

    static readonly UpDownCounter<long> Pending = Meter.CreateUpDownCounter<long>(
        "service_pending_requests", "{request}", "Calls under way, those that wait for a task or an event among them.");

    static readonly Histogram<double> Latency = Meter.CreateHistogram("service_latency", "s",
        "How long calls took, by operation; those that wait for a task or an event with their wait.",
        advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = CallBounds });

    static readonly Histogram<double> Sync = Meter.CreateHistogram("journal_sync_latency", "s",
        "How long a sync of the journal took.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = SyncBounds });

    static readonly Counter<long> Bytes = Meter.CreateCounter<long>("journal_size", "By", "Bytes written to the journal.");

    /// <summary>A call begins.</summary>
    /// <returns>For <see cref="End"/>.</returns>
    public static long Begin(string operation)
    {
        Requests.Add(1, new KeyValuePair<string, object?>("operation", operation));
        Pending.Add(1);
        return Stopwatch.GetTimestamp();
    }

    /// <param name="begun">What <see cref="Begin"/> returned.</param>
    /// <param name="error">Null: it was answered.</param>
    public static void End(string operation, long begun, StatusCode? error)
    {
        Pending.Add(-1);
        Latency.Record(Stopwatch.GetElapsedTime(begun).TotalSeconds, new KeyValuePair<string, object?>("operation", operation));
        if (error is { } code) Errors.Add(1, new("operation", operation), new("error_type", code.ToString()));
    }

    public static void Appended(long bytes) => Bytes.Add(bytes);

    public static void Synced(TimeSpan duration) => Sync.Record(duration.TotalSeconds);
}
