using System.Diagnostics.Metrics;
using System.Numerics;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// The books as metrics, named as OpenTelemetry names them; docs/metrics.md has the table. What is counted is observed:
/// a collection costs a snapshot an instrument, and writing a batch costs three histograms.
/// </summary>
sealed class WorkerMetrics : IDisposable
{
    public const string MeterName = "LogPipeline.Worker";

    const string Prefix = "logpipeline.worker.";
    const string Records = "{record}";
    const string BatchUnit = "{batch}";

    // From a disk that answers at once to an outage of hours.
    static readonly double[] LatencyBounds =
        [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800, 7200];

    static readonly double[] DurationBounds = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5];
    static readonly double[] SizeBounds = [256, 1024, 4096, 16_384, 65_536, 262_144, 1_048_576, 2_097_152];
    static readonly double[] GroupBounds = [1, 2, 4, 8, 16, 32, 64, 128];

    readonly Meter _meter = new(MeterName, ProductVersion.Version);
    readonly Histogram<double> _latency;
    readonly Histogram<double> _canary;
    readonly Histogram<double> _duration;
    readonly Histogram<int> _group;
    readonly Histogram<long> _size;
    readonly Func<WorkerStats> _stats;

    /// <param name="stats">The books.</param>
    /// <param name="gauges">What is looked at when it is asked for.</param>
    public WorkerMetrics(Func<WorkerStats> stats, WorkerGauges gauges)
    {
        _stats = stats;
        Counter("batches.written", "Batches whose lines are on the disk.", s => s.Batches, BatchUnit);
        Counter("batches.failed_attempts", "Attempts to write a batch that failed and are repeated.", s => s.FailedAttempts, "{attempt}");
        Counter("batches.out_of_order", "Batches written without the one before them.", s => s.OutOfOrder, BatchUnit);
        Counter("batches.copied", "Batches whose lines are in another worker's files too.", s => s.Copied, BatchUnit);
        Counter("records.filtered", "Records under the least level that is written.", s => s.Filtered);
        Counter("records.overflowed", "Written records that went to the channel overflow.", s => s.Overflowed);
        Counter("records.dead_lettered", "Records in new dead letters.", s => s.DeadLettered);
        Counter("dead_letters.written", "New dead letters.", s => s.Letters, "{letter}");
        Counter("lines.size", "Bytes of the lines that are on the disk.", s => s.Bytes, "By");
        Counter("canaries.sent", "Canaries that were sent, or could not be.", s => s.Canaries, "{canary}");
        Counter("canaries.missing", "Canaries that did not come everywhere in time.", s => s.CanariesMissing, "{canary}");
        _meter.CreateObservableCounter(Prefix + "records.written", () => _stats().Volume.Select(one =>
            new Measurement<long>(one.Records, new("channel", one.Channel), new("level", one.Level))), Records,
            "Lines on the disk.");
        _meter.CreateObservableGauge(Prefix + "writer.up", () => gauges.IsReady() ? 1 : 0, "",
            "1 while the log directory can be written.");
        _meter.CreateObservableGauge(Prefix + "disk.free", gauges.FreeBytes, "By", "What the log directory's disk has left.");
        _meter.CreateObservableGauge(Prefix + "ledger.batches", () => gauges.LedgerBatches(), BatchUnit,
            "Batches that the ledger knows as written, also those of earlier processes.");
        _meter.CreateObservableGauge(Prefix + "ledger.records", () => gauges.LedgerRecords(), Records, "Their lines.");
        _latency = Histogram<double>("batch.latency", "s", "From the first event of a batch to its lines on the disk.", LatencyBounds);
        _canary = Histogram<double>("canary.latency", "s", "From a canary's event to each place on its way.", LatencyBounds);
        _size = Histogram<long>("batch.size", "By", "Bytes of a batch's lines.", SizeBounds);
        _duration = Histogram<double>("writer.group.duration", "s", "How long a group of batches took, with its syncs.", DurationBounds);
        _group = Histogram<int>("writer.group.size", BatchUnit, "Batches that share their syncs.", GroupBounds);
    }

    public void Written(long bytes, TimeSpan? latency)
    {
        _size.Record(bytes);
        if (latency is { } time) _latency.Record(time.TotalSeconds);
    }

    public void Canary(CanaryResult result)
    {
        foreach (var (stage, seconds) in result.Stages()) _canary.Record(seconds, new KeyValuePair<string, object?>("stage", stage));
    }

    public void GroupWritten(int batches, TimeSpan elapsed)
    {
        _group.Record(batches);
        _duration.Record(elapsed.TotalSeconds);
    }

    public void Dispose() => _meter.Dispose();

    void Counter(string name, string description, Func<WorkerStats, long> read, string unit = Records) =>
        _meter.CreateObservableCounter(Prefix + name, () => read(_stats()), unit, description);

    Histogram<T> Histogram<T>(string name, string unit, string description, double[] bounds)
        where T : struct, INumber<T> =>
        _meter.CreateHistogram(Prefix + name, unit, description, tags: null,
            new InstrumentAdvice<T> { HistogramBucketBoundaries = [.. bounds.Select(T.CreateChecked)] });
}

/// <summary>What a metric looks at when it is asked for.</summary>
/// <param name="IsReady">Whether the log directory can be written.</param>
/// <param name="FreeBytes">What its disk has left; none: that cannot be found out now.</param>
/// <param name="LedgerBatches">Batches with a receipt.</param>
/// <param name="LedgerRecords">Their lines.</param>
sealed record WorkerGauges(Func<bool> IsReady, Func<IEnumerable<Measurement<long>>> FreeBytes, Func<long> LedgerBatches,
    Func<long> LedgerRecords);
