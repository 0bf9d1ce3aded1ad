using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Filtering;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Redaction;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher;

/// <summary>What a sink is made of. Nothing of it runs yet.</summary>
sealed record SinkParts(TemporalSinkOptions Options, string Instance, EventReceiver Receiver, Intake Queue, PublishLoop Loop, StatsReader Stats, FailureReports Failures)
{
    static readonly TimeSpan SpillInterval = TimeSpan.FromSeconds(1);

    /// <param name="settled">Options that were checked.</param>
    /// <param name="spoolRoot">Where records wait; null: they are written to final files.</param>
    /// <param name="report">Told what an operator must know; null: Serilog's SelfLog.</param>
    public static SinkParts Compose(TemporalSinkOptions settled, SinkConnection connection, StoreDirectory? spoolRoot, TimeProvider time, Random random, Action<string>? report)
    {
        var source = settled.Source!;
        var instance = NewInstance(time, random);
        Reporter? reporter = null;
        var failures = new FailureReports(e => reporter!.Say("listener", $"The failure listener failed: {e.Message}"));
        reporter = new Reporter(time, report, failures.Delayed);
        var books = new Books();
        var signal = new Signal();

        var bounds = settled.Limits;
        var formatter = new RecordFormatter(source, instance, settled.Channel,
            new CaptureLimits(bounds.EventBytesMax, bounds.StringLengthMax, bounds.CollectionCountMax, bounds.DepthMax),
            RedactorOptions.Redactor(settled.Redaction),
            mayDefer: spoolRoot is null || settled.Durability == Durability.Memory);
        var backPressure = settled.Timeouts.BackPressure;
        var limits = new SpoolLimits(
            bounds.SpoolBytesMax, bounds.EventBytesMax, backPressure, settled.BufferSize,
            settled.Durability == Durability.PowerSafe);
        var (spool, journal) = spoolRoot is null ? default : SinkSpool.Open(spoolRoot, instance, formatter, settled, limits);
        var memory = journal is not null ? null
            : new EventQueue(source, instance, books,
                new QueueLimits(bounds.QueueCountMax, bounds.QueueBytesMax, backPressure, settled.BufferSize), time, signal.Set);
        var queue = memory as Intake ?? new SpoolQueue(books, limits, spool!.OwnDirectory, journal!, time, signal.Set, text => reporter.SayDelayed("disk", text));

        var pressure = new Pressure(queue);
        var sampling = settled.Sampling;
        var shed = new ShedPolicy(sampling.ShedPercent / 100.0);
        var notices = new NoticeWriter(formatter, queue, books, failures, shed.Calm, time);
        var admission = new Admission(new Sampler(sampling.Verbose, sampling.Debug, sampling.Information), shed,
            pressure, sampling.RepeatWindow, books, notices, failures, time);
        var receiver = new EventReceiver(admission, formatter, journal is null ? null : formatter.Packer(), queue, settled.FlushOnError,
            pressure, notices, books, reporter, failures);

        var guard = new StartGuard(connection.Starter, StartTimes.Default with
        {
            StartTimeout = settled.Timeouts.Start,
            BreakAfter = settled.Breaker.After,
            BreakMax = settled.Breaker.IntervalMax,
            DeniedDelay = settled.Breaker.DeniedDelay,
        }, time, random, connection.Address);
        var batchLimits = new BatchLimits(bounds.BatchRecordsMax, bounds.BatchBytesMax);
        var batches = new BatchSource(source, batchLimits, queue, spool, books, reporter, failures, time);
        var files = spool is null
            ? new FinalFiles(settled.Fallback.Directory, source, instance, settled.Fallback.FileBytesMax, time)
            : null;
        var overflow = memory is null ? null : new Overflow(memory, batchLimits, spool, files, books, reporter, time);
        var policy = new PublishPolicy(settled.BufferSize, settled.FlushInterval, settled.FlushInterval < SpillInterval ? settled.FlushInterval : SpillInterval);
        var loop = new PublishLoop(policy, connection.Address, books, queue, batches, guard, spool, overflow, reporter, failures, pressure, notices, signal, time);
        return new SinkParts(settled, instance, receiver, queue, loop, new StatsReader(books, guard, pressure, loop, formatter, receiver, time), failures);
    }

    /// <summary>The start time, so that names sort by it, and enough chance that two starts in one second never meet.</summary>
    static string NewInstance(TimeProvider time, Random random) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd'T'HHmmss}-{random.NextInt64(1L << 32):x8}");
}
