using System.Globalization;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Workflows.Configuration;
using Serilog.Core;
using Serilog.Events;
using Temporalio.Client;

namespace LogPipeline.Publisher;

/// <summary>
/// Hands log events to Temporal in batches. Logging an event renders it, puts it into a bounded queue and returns; it never
/// throws, and waits only while that queue is full, for the back-pressure time at most. What Temporal does not take goes to
/// the disk of this host (see <see cref="TemporalFallback"/>).
/// Close it (<c>Log.CloseAndFlush()</c>) before the process ends: what is in memory then is sent or put on disk.
/// </summary>
public sealed class TemporalSink : ILogEventSink, IDisposable, IAsyncDisposable
{
    static readonly TimeSpan SpillInterval = TimeSpan.FromSeconds(1);

    readonly TemporalSinkOptions _options;
    readonly Books _books = new();
    readonly RecordFormatter _formatter;
    readonly EventQueue _queue;
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
        _formatter = new RecordFormatter(source, Instance, settled.Channel,
            new CaptureLimits(settled.EventBytesMax, settled.StringLengthMax, settled.CollectionCountMax, settled.DepthMax), RedactionOptions.Redactor(settled), mayDefer: true);
        var signal = new Signal();
        _queue = new EventQueue(_books, new QueueLimits(settled.QueueCountMax, settled.QueueBytesMax, settled.BackPressure, settled.BufferSize), time, signal.Set);
        _guard = new StartGuard(starter, StartTimes.Default with { StartTimeout = settled.StartTimeout, BreakMax = settled.BreakMax }, time, chance);
        var spool = spoolRoot is null ? null : OpenSpool(spoolRoot, settled.SpoolBytesMax);
        var files = spool is null ? new FinalFiles(settled.FallbackDirectory, source, Instance, settled.FallbackFileBytesMax, time) : null;
        var policy = new PublishPolicy(settled.BufferSize, settled.FlushInterval, settled.FlushInterval < SpillInterval ? settled.FlushInterval : SpillInterval);
        _loop = new PublishLoop(new PublishLoopOptions(source, Instance, policy, settled.BatchRecordsMax, settled.BatchBytesMax, address),
            _books, _queue, _guard, spool, files, _reporter, signal, time);
        _closed = new Lazy<Task>(CloseOnceAsync);
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
            record = _queue.IsBehind ? _formatter.Format(logEvent) : _formatter.Capture(logEvent);
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
    }

    /// <summary>
    /// Sends what was logged before the call without waiting for more, and returns when none of it is in memory any longer:
    /// Temporal has accepted it, or it is on disk (<see cref="Stats"/> tells).
    /// </summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) => _loop.SettledAsync(_queue.Flush(), cancellationToken);

    /// <summary>
    /// Stops taking events, sends what there is while Temporal takes it, for the close timeout at most, puts the rest on
    /// disk, and closes. A second call waits for the first.
    /// </summary>
    public async ValueTask DisposeAsync() => await _closed.Value.ConfigureAwait(false);

    /// <inheritdoc cref="DisposeAsync"/>
    public void Dispose() => _closed.Value.GetAwaiter().GetResult();

    async Task CloseOnceAsync()
    {
        _queue.Close();
        await _loop.CloseAsync(_options.CloseTimeout).ConfigureAwait(false);
    }

    void Dropped(DropReason reason)
    {
        _books.EmittedAndDropped(reason);
        SayDropped();
    }

    void SayDropped() => _reporter.Say("dropped", () =>
        $"Events were dropped: {string.Join(", ", _books.Snapshot().DroppedByReason.Select(dropped => $"{dropped.Value} {dropped.Key}"))}.");

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
