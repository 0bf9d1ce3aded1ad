using System.Globalization;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Spooling;
using LogPipeline.Workflows.Configuration;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;
using Temporalio.Client;

namespace LogPipeline.Publisher;

/// <summary>
/// Hands log events to Temporal in batches. Logging an event renders it, puts it into the spool on this host's disk (or, with
/// <see cref="Durability.Memory"/>, into a bounded queue) and returns; it never throws, and waits only while there is no room, for
/// the back-pressure time at most.
/// Close it (<c>Log.CloseAndFlush()</c>) before the process ends: what waits is sent then; what is on disk otherwise waits for
/// the next process that uses the directory.
/// </summary>
public sealed class TemporalSink : ILogEventSink, IDisposable, IAsyncDisposable
{
    static readonly TimeSpan SpillInterval = TimeSpan.FromSeconds(1);

    static readonly MessageTemplate DroppedTemplate = new MessageTemplateParser().Parse("{Dropped} events were dropped between {From:O} and {To:O}: {Reason}");

    readonly TemporalSinkOptions _options;
    readonly Books _books = new();
    readonly RecordFormatter _formatter;
    readonly Intake _queue;
    readonly EventQueue? _memory;
    readonly StartGuard _guard;
    readonly PublishLoop _loop;
    readonly Reporter _reporter;
    readonly Lazy<Task> _closed;

    /// <summary>Connects on first use: a Temporal that is away, or an address where none is, makes a spool and not an exception.</summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">Options were wrong or the spool directory cannot be used; it holds all errors.</exception>
    public TemporalSink(TemporalSinkOptions? options = null, bool ignoreEnvironment = false, Func<string, string?>? environment = null)
        : this(Prepared.From(options ?? new TemporalSinkOptions(), ignoreEnvironment ? _ => null : environment))
    {
    }

    TemporalSink(Prepared prepared)
        : this(prepared.Options, prepared.Starter, prepared.SpoolRoot, prepared.Address)
    {
    }

    internal TemporalSink(TemporalSinkOptions settled, IBatchStarter starter, StoreDirectory? spoolRoot, string address,
        TimeProvider? time = null, Random? chance = null, Action<string>? report = null)
    {
        time ??= TimeProvider.System;
        chance ??= Random.Shared;
        _options = settled;
        var source = settled.Source!;
        Instance = NewInstance(time, chance);
        _reporter = new Reporter(time, report);
        var signal = new Signal();
        var spool = spoolRoot is null ? null : OpenSpool(spoolRoot, settled.SpoolBytesMax);
        var journal = spool is null || settled.Durability == Durability.Memory ? null : CreateJournal(spool, settled, Instance);
        _queue = journal is null
            ? new EventQueue(_books, new QueueLimits(settled.QueueCountMax, settled.QueueBytesMax, settled.BackPressure, settled.BufferSize), time, signal.Set)
            : new SpoolQueue(_books,
                new SpoolLimits(settled.SpoolBytesMax, settled.EventBytesMax, settled.BackPressure, settled.BufferSize, settled.Durability == Durability.PowerSafe),
                spool!.OwnDirectory, journal, time, signal.Set, text => _reporter.Say("disk", text));
        _memory = _queue as EventQueue;
        _formatter = new RecordFormatter(source, Instance, settled.Channel,
            new CaptureLimits(settled.EventBytesMax, settled.StringLengthMax, settled.CollectionCountMax, settled.DepthMax), RedactionOptions.Redactor(settled), mayDefer: _memory is not null);
        _guard = new StartGuard(starter, StartTimes.Default with { StartTimeout = settled.StartTimeout, BreakMax = settled.BreakMax }, time, chance);
        var files = spool is null ? new FinalFiles(settled.FallbackDirectory, source, Instance, settled.FallbackFileBytesMax, time) : null;
        var policy = new PublishPolicy(settled.BufferSize, settled.FlushInterval, settled.FlushInterval < SpillInterval ? settled.FlushInterval : SpillInterval);
        _loop = new PublishLoop(new PublishLoopOptions(source, Instance, policy, settled.BatchRecordsMax, settled.BatchBytesMax, address),
            _books, _queue, _guard, spool, files, _reporter, signal, time, Announce, journal);
        _closed = new Lazy<Task>(CloseOnceAsync);
        (_queue as SpoolQueue)?.Start();
        _loop.Start();
    }

    /// <summary>The application's name in the records.</summary>
    public string Source => _options.Source!;

    /// <summary>Names this start of the application; with <see cref="Source"/> and a record's <c>seq</c> it names the record.</summary>
    public string Instance { get; }

    /// <summary>Where every event is, now.</summary>
    public PublisherStats Stats => _books.Snapshot() with
    {
        Breaker = _guard.State,
        Batches = _loop.Batches,
        RenderFailures = _formatter.Failures,
        Truncated = _formatter.Truncated,
        Redacted = _formatter.Redacted,
        LastError = _loop.LastError,
    };

    /// <summary>Takes an event. Does not throw.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (!Reentrancy.TryEnterCapture())
        {
            Dropped(DropReason.Reentrant);
            return;
        }
        CapturedRecord record;
        try
        {
            record = _memory is { IsBehind: true } ? _formatter.Format(logEvent) : _formatter.Capture(logEvent);
        }
        // The edge to the application: an event of which not even a placeholder can be made is counted, and the
        // application goes on.
        catch (Exception)
        {
            Dropped(DropReason.Unrenderable);
            return;
        }
        finally
        {
            Reentrancy.LeaveCapture();
        }
        if (!_queue.TryEnqueue(record, urgent: _options.FlushOnError && logEvent.Level >= LogEventLevel.Error)) SayDropped();
        else if (_queue.HasNotice && _queue.TryTakeNotice() is { } notice) Announce(notice);
    }

    /// <summary>
    /// Sends what was logged before the call without waiting for more, and returns when Temporal has accepted it, or has not
    /// and it is on disk (<see cref="Stats"/> tells).
    /// </summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _loop.SettledAsync(_queue.Flush(), cancellationToken);

    /// <summary>Returns when every event that was taken is on the disk itself.</summary>
    /// <exception cref="IOException">It is not.</exception>
    internal void SyncSpool() => (_queue as SpoolQueue)?.Sync();

    /// <summary>
    /// Stops taking events, sends what there is while Temporal takes it, for the close timeout at most, puts the rest on
    /// disk, and closes. A second call waits for the first.
    /// </summary>
    public async ValueTask DisposeAsync() => await _closed.Value.ConfigureAwait(false);

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => _closed.Value.GetAwaiter().GetResult();

    async Task CloseOnceAsync()
    {
        if (_queue.TryTakeNotice() is { } notice) Announce(notice);
        _queue.Close();
        await _loop.CloseAsync(_options.CloseTimeout).ConfigureAwait(false);
    }

    /// <summary>Tells in the stream itself how many events are missing from it.</summary>
    void Announce(DropNotice notice)
    {
        var record = _formatter.Format(new LogEvent(notice.To, LogEventLevel.Warning, null, DroppedTemplate,
        [
            new LogEventProperty("Dropped", new ScalarValue(notice.Count)),
            new LogEventProperty("From", new ScalarValue(notice.From.UtcDateTime)),
            new LogEventProperty("To", new ScalarValue(notice.To.UtcDateTime)),
            new LogEventProperty("Reason", new ScalarValue(notice.Reason.ToString())),
        ]));
        if (!_queue.TryEnqueue(record, urgent: false, mayWait: false)) _queue.ReturnNotice(notice);
    }

    void Dropped(DropReason reason)
    {
        _books.EmittedAndDropped(reason);
        SayDropped();
    }

    void SayDropped() => _reporter.Say("dropped", () =>
        $"Events were dropped: {string.Join(", ", _books.Snapshot().DroppedByReason.Select(dropped => $"{dropped.Value} {dropped.Key}"))}.");

    static Journal CreateJournal(Spool spool, TemporalSinkOptions options, string instance)
    {
        try
        {
            return spool.CreateJournal(new JournalName(options.Source!, instance), options.Durability == Durability.PowerSafe);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            spool.Dispose();
            throw SpoolUnusable(spool.Path, e);
        }
    }

    static Spool OpenSpool(StoreDirectory root, long bytesMax)
    {
        try
        {
            return new Spool(root, $"process {Environment.ProcessId} on {Environment.MachineName}", bytesMax);
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
        public static Prepared From(TemporalSinkOptions options, Func<string, string?>? get)
        {
            var settled = SinkOptionsReader.Settle(options, get);
            var connect = TemporalConnect.Options(settled, get);
            var starter = new WorkflowStarter(TemporalClient.CreateLazy(connect), settled.TaskQueue, settled.StartTimeout);
            return new Prepared(settled, starter, settled.Fallback == TemporalFallback.Spool ? Root(settled.SpoolDirectory!) : null, connect.TargetHost!);
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
