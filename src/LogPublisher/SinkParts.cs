using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;

namespace LogPipeline.Publisher;

/// <summary>What a sink is made of. Nothing of it runs yet.</summary>
sealed class SinkParts
{
    readonly Books _books = new();
    readonly RecordFormatter _formatter;
    readonly SinkStorage _storage;
    readonly BatchDispatcher _dispatcher;
    readonly TimeProvider _time;

    /// <param name="options">Options that were checked.</param>
    /// <param name="spoolRoot">Where records wait; null: they are written to final files.</param>
    /// <param name="report">Gets what an operator must know; null: Serilog's SelfLog.</param>
    public SinkParts(TemporalSinkOptions options, SinkConnection connection, SpoolRoot? spoolRoot,
        TimeProvider time, Random random, Action<string>? report)
    {
        _time = time;
        Options = options;
        Instance = NewInstance(time, random);
        Reporter = new Reporter(time, report);
        _formatter = new RecordFormatter(CaptureContext.Create(options), Instance);
        _storage = SinkStorage.Open(spoolRoot, _formatter, Instance, _books, Reporter, time);
        var notices = new NoticeWriter(_formatter, Intake, _books, Reporter, time);
        Receiver = new EventReceiver(_formatter, Intake, packs: _storage.Overflow is null, notices, _books, Reporter,
            time);

        var guard = new StartGuard(connection.Starter, options, time, random, connection.Address);
        var reports = new PublisherReports(options.Source!, Instance, options.Timeouts.Report, GetStats, time);
        _dispatcher = new BatchDispatcher(connection.Address, _storage.Batches, guard, _storage.Overflow, _books,
            reports, Reporter);
        if (connection.Starter is IReportStarter starter)
            Reports = new ReportLoop(reports, starter, () => guard.IsReachable, options.Timeouts.Start, time);
        Loop = new PublishLoop(options, Intake, _storage.Batches, _dispatcher, _storage.Overflow, notices, Reporter,
            time);
    }

    public TemporalSinkOptions Options { get; }
    public string Instance { get; }
    public Reporter Reporter { get; }
    public EventReceiver Receiver { get; }
    public Intake Intake => _storage.Intake;
    public PublishLoop Loop { get; }

    /// <summary>Null: there is nowhere to send a report to.</summary>
    public ReportLoop? Reports { get; }

    public PublisherStats GetStats()
    {
        var breaker = _dispatcher.Guard.GetSnapshot();
        var spool = Loop.Spool;
        var now = _time.GetUtcNow();
        var diskError = _storage.Overflow?.Error ?? (Intake.Failure is { } failure ? (failure, now) : null);
        return _books.GetSnapshot() with
        {
            SpooledBytes = spool.Bytes,
            OldestSpooledAge = spool.OldestAt is { } oldest ? now - oldest : null,
            Breaker = breaker.State,
            BreakerSince = _dispatcher.Guard.Since,
            FailuresInRow = breaker.Failures,
            NextStartAt = breaker.RetryIn > TimeSpan.Zero ? now + breaker.RetryIn : null,
            Batches = _dispatcher.Accepted,
            RenderFailures = _formatter.Failures,
            Replayed = Receiver.Replayed,
            Truncated = _formatter.Truncated,
            Redacted = _formatter.Redacted,
            LastError = breaker.LastError ?? diskError?.Text,
            LastErrorAt = breaker.LastErrorAt ?? diskError?.At,
        };
    }

    /// <summary>
    /// The start time, so that names sort by it, and enough random bits that two starts in one second never get the
    /// same.
    /// </summary>
    static string NewInstance(TimeProvider time, Random random) =>
        string.Create(CultureInfo.InvariantCulture,
            $"{time.GetUtcNow():yyyyMMdd'T'HHmmss}-{random.NextInt64(1L << 32):x8}");
}
