using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Spooling;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Temporalio.Client;
using Temporalio.Workflows;

namespace LogPipeline.Publisher;

/// <summary>
/// Hands log events to Temporal in batches. Logging an event renders it, puts it into the spool on this host's disk (or, with
/// <see cref="Durability.Memory"/>, into a bounded queue) and returns; it never throws, and waits only while there is no room, for
/// the back-pressure time at most.
/// Close it (<c>Log.CloseAndFlush()</c>) before the process ends: what waits is sent then; what is on disk otherwise waits for
/// the next process that uses the directory. A sink that nobody closed does so itself when the process exits, and empties
/// itself on SIGTERM and Ctrl+C; what kills without warning it cannot hear.
/// </summary>
public sealed class TemporalSink : ILogEventSink, ISetLoggingFailureListener, IDisposable, IAsyncDisposable
{
    /// <summary>The meter under which each sink's <see cref="Stats"/> are metrics, with its source and instance as tags.</summary>
    public const string MeterName = "LogPipeline.Publisher";

    static readonly TimeSpan SpillInterval = TimeSpan.FromSeconds(1);

    readonly TemporalSinkOptions _options;
    readonly Books _books = new();
    readonly RecordFormatter _formatter;
    readonly EventPacker? _packer;
    readonly Intake _queue;
    readonly EventQueue? _memory;
    readonly StartGuard _guard;
    readonly Pressure _pressure;
    readonly Notices _notices;
    readonly Admission _admission;
    readonly PublishLoop _loop;
    readonly PublisherMetrics _metrics;
    readonly TimeProvider _time;
    readonly Reporter _reporter;
    readonly FailureReports _failures;
    readonly Lazy<Task> _closed;
    readonly ProcessEnd? _processEnd;
    long _replayed;

    /// <summary>Connects on first use: a Temporal that is away, or an address where none is, makes a spool and not an exception.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">Options were wrong or the spool directory cannot be used; it holds all errors.</exception>
    public TemporalSink(TemporalSinkOptions? options = null, bool ignoreEnvironment = false, Func<string, string?>? environment = null)
        : this(options ?? new TemporalSinkOptions(), ignoreEnvironment, environment, audits: false)
    {
    }

    internal TemporalSink(TemporalSinkOptions options, bool ignoreEnvironment, Func<string, string?>? environment, bool audits)
        : this(Prepared.From(options, ignoreEnvironment ? _ => null : environment, audits))
    {
    }

    TemporalSink(Prepared prepared)
        : this(prepared.Options, prepared.Starter, prepared.SpoolRoot, prepared.Address)
    {
        _processEnd = new ProcessEnd(this, prepared.Options.CloseTimeout);
    }

    internal TemporalSink(TemporalSinkOptions settled, IBatchStarter starter, StoreDirectory? spoolRoot, string address,
        TimeProvider? time = null, Random? chance = null, Action<string>? report = null)
    {
        time ??= TimeProvider.System;
        chance ??= Random.Shared;
        _time = time;
        _options = settled;
        var source = settled.Source!;
        Instance = NewInstance(time, chance);
        _failures = new FailureReports(e => _reporter!.Say("listener", $"The failure listener failed: {e.Message}"));
        _reporter = new Reporter(time, report, _failures.Delayed);
        var signal = new Signal();
        _formatter = new RecordFormatter(source, Instance, settled.Channel,
            new CaptureLimits(settled.EventBytesMax, settled.StringLengthMax, settled.CollectionCountMax, settled.DepthMax), RedactionOptions.Redactor(settled),
            mayDefer: spoolRoot is null || settled.Durability == Durability.Memory);
        var limits = new SpoolLimits(settled.SpoolBytesMax, settled.EventBytesMax, settled.BackPressure, settled.BufferSize, settled.Durability == Durability.PowerSafe);
        var spool = spoolRoot is null ? null : OpenSpool(spoolRoot, new JournalName(source, Instance), _formatter, limits);
        var journal = spool is null || settled.Durability == Durability.Memory ? null : CreateJournal(spool);
        _memory = journal is not null ? null
            : new EventQueue(source, Instance, _books, new QueueLimits(settled.QueueCountMax, settled.QueueBytesMax, settled.BackPressure, settled.BufferSize), time, signal.Set);
        _queue = _memory as Intake
            ?? new SpoolQueue(_books, limits, spool!.OwnDirectory, journal!, time, signal.Set, text => _reporter.SayDelayed("disk", text));
        _packer = journal is null ? null : _formatter.Packer();
        _pressure = new Pressure(_queue);
        var shed = new ShedPolicy(settled.ShedPercent / 100.0);
        _notices = new Notices(_formatter, _queue, _books, _failures, shed.Calm, time);
        _admission = new Admission(new Sampler(settled.SampleVerbose, settled.SampleDebug, settled.SampleInformation), shed,
            _pressure, settled.RepeatWindow, _books, _notices, _failures, time);
        _guard = new StartGuard(starter, StartTimes.Default with
        {
            StartTimeout = settled.StartTimeout,
            BreakAfter = settled.BreakAfter,
            BreakMax = settled.BreakMax,
            DeniedDelay = settled.DeniedDelay,
        }, time, chance, address);
        var files = spool is null ? new FinalFiles(settled.FallbackDirectory, source, Instance, settled.FallbackFileBytesMax, time) : null;
        var policy = new PublishPolicy(settled.BufferSize, settled.FlushInterval, settled.FlushInterval < SpillInterval ? settled.FlushInterval : SpillInterval);
        var batchLimits = new BatchLimits(settled.BatchRecordsMax, settled.BatchBytesMax);
        var batches = new BatchSource(source, batchLimits, _queue, spool, _books, _reporter, _failures, time);
        var overflow = _memory is null ? null : new Overflow(_memory, batchLimits, spool, files, _books, _reporter, time);
        _loop = new PublishLoop(new PublishLoopOptions(policy, address), _books, _queue, batches, _guard, spool, overflow, _reporter, _failures, _pressure, _notices, signal, time);
        _closed = new Lazy<Task>(CloseOnceAsync);
        _metrics = new PublisherMetrics(source, Instance, () => Stats);
        _queue.Start();
        _loop.Start();
    }

    /// <summary>The application's name in the records.</summary>
    public string Source => _options.Source!;

    /// <summary>Names this start of the application; with <see cref="Source"/> and a record's <c>seq</c> it names the record.</summary>
    public string Instance { get; }

    /// <summary>Where every event is, now.</summary>
    public PublisherStats Stats
    {
        get
        {
            var guard = _guard.Look();
            var spool = _pressure.Spool;
            var now = _time.GetUtcNow();
            return _books.Snapshot() with
            {
                SpooledBytes = spool.Bytes,
                OldestSpooledAge = spool.OldestAt is { } oldest ? now - oldest : null,
                Breaker = guard.State,
                FailuresInRow = guard.Failures,
                NextStartAt = guard.RetryIn > TimeSpan.Zero ? now + guard.RetryIn : null,
                Batches = _loop.Batches,
                RenderFailures = _formatter.Failures,
                Replayed = Interlocked.Read(ref _replayed),
                Truncated = _formatter.Truncated,
                Redacted = _formatter.Redacted,
                LastError = guard.LastError ?? _loop.DiskError?.Text,
                LastErrorAt = guard.LastErrorAt ?? _loop.DiskError?.At,
            };
        }
    }

    /// <summary>Takes an event. Does not throw.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (!IsReplayed()) TryTake(logEvent, always: false, out _);
    }

    /// <summary>
    /// What <c>WriteTo.Fallible</c> and <c>WriteTo.FallbackChain</c> call while the logger is configured. The listener is told of
    /// every event that is counted as dropped, once: <see cref="LoggingFailureKind.Final"/> of a sink that is closed or
    /// closing, else <see cref="LoggingFailureKind.Permanent"/>; without events where they are known no longer, as those of a
    /// spool that was damaged. <see cref="LoggingFailureKind.Temporary"/> comes without events: they wait, and will be sent.
    /// </summary>
    public void SetFailureListener(ILoggingFailureListener failureListener)
    {
        ArgumentNullException.ThrowIfNull(failureListener);
        _failures.SetListener(this, failureListener);
    }

    /// <summary>Takes an event and returns when it is synced in the spool.</summary>
    /// <exception cref="EventNotAcceptedException">It is not.</exception>
    internal void EmitAudited(LogEvent logEvent)
    {
        if (IsReplayed()) return;
        // What is audited is not sampled, shed or folded.
        if (!TryTake(logEvent, always: true, out var isOwn))
        {
            // What the sink's own work logs is nobody's audit trail, and must not break that work.
            if (isOwn) return;
            throw new EventNotAcceptedException("The event was not accepted: the spool is full or fails, the sink is closed, or the event could not be rendered.");
        }
        try
        {
            // On a thread of its own, as a disk may hang; no context of the caller's is needed to come back.
#pragma warning disable VSTHRD002
            if (Task.Run(SyncSpool).Wait(_options.AuditTimeout)) return;
#pragma warning restore VSTHRD002
        }
        catch (AggregateException e) when (e.InnerException is IOException or UnauthorizedAccessException)
        {
            throw new EventNotAcceptedException($"The event is not synced: {e.InnerException.Message}", e.InnerException);
        }
        throw new EventNotAcceptedException($"The event was not synced within {OptionText.Duration(_options.AuditTimeout)} (AuditTimeout).");
    }

    /// <summary>A workflow that is replayed logs again what it has logged before.</summary>
    bool IsReplayed()
    {
        if (!Workflow.InWorkflow || !Workflow.Unsafe.IsReplayingHistoryEvents) return false;
        Interlocked.Increment(ref _replayed);
        return true;
    }

    /// <returns>False: it is not taken, and the books say why.</returns>
    bool TryTake(LogEvent logEvent, bool always, out bool isOwn)
    {
        isOwn = !Reentrancy.TryEnterCapture();
        if (isOwn)
        {
            Dropped(DropReason.Reentrant, logEvent);
            return false;
        }
        CapturedRecord record;
        try
        {
            if (!always && !_admission.Admits(logEvent)) return false;
            record = _packer?.TryPack(logEvent)
                ?? (_memory is { IsBehind: true } ? _formatter.Format(logEvent) : _formatter.Capture(logEvent));
        }
        // The edge to the application: an event of which not even a placeholder can be made is counted, and the
        // application goes on.
        catch (Exception)
        {
            Dropped(DropReason.Unrenderable, logEvent);
            return false;
        }
        finally
        {
            Reentrancy.LeaveCapture();
        }
        // A packed record is the packer's and holds the next event at once; what it says is on disk then.
        if (_memory is not null && _failures.HasListener) record.KeptEvent = logEvent;
        if (!_queue.TryEnqueue(record, urgent: _options.FlushOnError && logEvent.Level >= LogEventLevel.Error, out var droppedAs))
        {
            SayDropped(droppedAs, logEvent);
            return false;
        }
        TellOfDropped();
        return true;
    }

    /// <summary>
    /// Sends what was logged before the call without waiting for more, and returns when Temporal has accepted it, or has not
    /// and it is on disk (<see cref="Stats"/> tells).
    /// </summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _loop.SettledAsync(_queue.Flush(), cancellationToken);

    /// <summary>
    /// Stops taking events, sends what there is while Temporal takes it, for the close timeout at most, puts the rest on
    /// disk, and closes. A second call waits for the first.
    /// </summary>
    public async ValueTask DisposeAsync() => await _closed.Value.ConfigureAwait(false);

    /// <inheritdoc cref="DisposeAsync"/>
#pragma warning disable VSTHRD002 // Nothing in there needs the caller's context.
    public void Dispose() => _closed.Value.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002

    /// <summary>Returns when every event that was taken is on the disk itself.</summary>
    /// <exception cref="IOException">It is not.</exception>
    internal void SyncSpool() => _queue.Sync();

    /// <summary>As <see cref="FlushAsync"/>, and what Temporal has not taken within the close timeout goes to the disk.</summary>
    internal async Task EmptyAsync()
    {
        var flushed = FlushAsync();
        try
        {
            await flushed.WaitAsync(_options.CloseTimeout).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _loop.GiveUpStarts();
            await flushed.ConfigureAwait(false);
        }
    }

    async Task CloseOnceAsync()
    {
        _admission.Dispose();
        TellOfDropped();
        _queue.Close();
        await _loop.CloseAsync(_options.CloseTimeout).ConfigureAwait(false);
        _processEnd?.Dispose();
        _metrics.Dispose();
    }

    void TellOfDropped()
    {
        if (_queue.HasNotice && _queue.TryTakeNotice(_pressure.Fill) is { } dropped && !_notices.SayDropped(dropped)) _queue.ReturnNotice(dropped);
    }

    void Dropped(DropReason reason, LogEvent logEvent)
    {
        _books.EmittedAndDropped(reason);
        SayDropped(reason, logEvent);
    }

    void SayDropped(DropReason reason, LogEvent logEvent)
    {
        _failures.Dropped(reason, logEvent);
        _reporter.Say("dropped", () =>
            $"Events were dropped: {string.Join(", ", _books.Snapshot().DroppedByReason.Select(dropped => $"{dropped.Value} {dropped.Key}"))}.");
        _notices.SayDropping(reason);
    }

    static Journal CreateJournal(Spool spool)
    {
        try
        {
            return spool.CreateJournal();
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            spool.Dispose();
            throw SpoolUnusable(spool.Path, e);
        }
    }

    static Spool OpenSpool(StoreDirectory root, JournalName name, RecordFormatter formatter, SpoolLimits limits)
    {
        try
        {
            return new Spool(root, name, $"process {Environment.ProcessId} on {Environment.MachineName}", formatter, limits);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw SpoolUnusable(root.Path, e);
        }
    }

    static ConfigurationException SpoolUnusable(string path, Exception e) => new(
        $"SpoolDirectory was '{path}' and cannot be used ({e.Message}); set LOG_SPOOL_DIRECTORY to a directory where this user may write.");

    /// <summary>What the public constructor needs before the parts can be made.</summary>
    sealed record Prepared(TemporalSinkOptions Options, IBatchStarter Starter, StoreDirectory? SpoolRoot, string Address)
    {
        public static Prepared From(TemporalSinkOptions options, Func<string, string?>? get, bool audits)
        {
            var settled = SinkOptionsReader.Settle(options, get);
            if (audits && settled.Fallback != TemporalFallback.Spool)
                throw new ConfigurationException($"Fallback was '{settled.Fallback}'; use Spool with AuditTo.Temporal, as only the spool is synced.");
            if (audits) settled.Durability = Durability.PowerSafe;
            var address = Connection().TargetHost!;
            var connector = new ClientConnector(Connection, ConnectAsync, Knock.AtAsync, TimeProvider.System);
            var starter = new WorkflowStarter(connector, settled.TaskQueue, settled.StartTimeout);
            return new Prepared(settled, starter, settled.Fallback == TemporalFallback.Spool ? Root(settled.SpoolDirectory!) : null, address);

            TemporalClientConnectOptions Connection()
            {
                var options = TemporalSettings.Read(TemporalSettings.Variables(get), settled.Address, settled.Namespace);
                var codec = PipelineCodec.Converter(settled.EncryptionKeys ?? KeyRing.Empty, (int)settled.GzipBytesMin);
                options.DataConverter = codec with { PayloadConverter = new PublisherJson.PayloadConverter() };
                return options;
            }
        }

        static async Task<ITemporalClient> ConnectAsync(TemporalClientConnectOptions options)
        {
            options.Runtime = SinkRuntime.Shared;
            return await TemporalClient.ConnectAsync(options).ConfigureAwait(false);
        }

        static PhysicalDirectory Root(string path)
        {
            try
            {
                return new PhysicalDirectory(path);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw SpoolUnusable(path, e);
            }
        }
    }

    /// <summary>The start time, so that names sort by it, and enough chance that two starts in one second never meet.</summary>
    static string NewInstance(TimeProvider time, Random chance) =>
        string.Create(CultureInfo.InvariantCulture, $"{time.GetUtcNow():yyyyMMdd'T'HHmmss}-{chance.NextInt64(1L << 32):x8}");
}
