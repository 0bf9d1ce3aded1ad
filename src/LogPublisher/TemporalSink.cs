using LogPipeline.DurableFiles;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher;

/// <summary>
/// Hands log events to Temporal in batches. Logging an event renders it, puts it into the spool on this host's disk
/// (or, with <see cref="Durability.Memory"/>, into a bounded queue) and returns; it never throws, and waits only while
/// there is no room, for the back-pressure time at most. Close it (<c>Log.CloseAndFlush()</c>) before the process ends:
/// what waits is sent then; what is on disk otherwise waits for the next process that uses the directory. A sink that
/// was not closed closes itself when the process exits, and empties itself on SIGTERM and Ctrl+C; a kill gives it no
/// chance to.
/// </summary>
public sealed class TemporalSink : ILogEventSink, ISetLoggingFailureListener, IDisposable, IAsyncDisposable
{
    /// <summary>
    /// The meter under which each sink's <see cref="Stats"/> are metrics, with its source and instance as tags.
    /// </summary>
    public const string MeterName = PublisherMetrics.MeterName;

    /// <summary>
    /// The <see cref="System.Diagnostics.ActivitySource"/> whose spans are the attempts to publish a batch; Temporal
    /// carries them to the worker. Events keep the trace in which they were logged.
    /// </summary>
    public const string ActivitySourceName = PublisherTrace.SourceName;

    readonly SinkParts _parts;
    readonly Lazy<Task> _closed;
    readonly ProcessEnd? _processEnd;
    readonly bool _audits;

    /// <summary>
    /// Connects on first use: a Temporal that is away, or an address where none is, makes a spool and not an exception.
    /// </summary>
    /// <param name="options">Null: the defaults.</param>
    /// <param name="ignoreEnvironment">Take no option from environment variables.</param>
    /// <param name="environment">Where variables come from; null: the process's environment.</param>
    /// <exception cref="ConfigurationException">Options were wrong or the spool directory cannot be used; it holds all
    /// errors.</exception>
    public TemporalSink(TemporalSinkOptions? options = null, bool ignoreEnvironment = false,
        Func<string, string?>? environment = null)
        : this(options ?? new TemporalSinkOptions(), ignoreEnvironment, environment, audits: false)
    {
    }

    /// <param name="audits">It is what <c>AuditTo.Temporal</c> adds: Emit returns when the event is synced in the
    /// spool, and throws when it is not.</param>
    internal TemporalSink(TemporalSinkOptions options, bool ignoreEnvironment,
        Func<string, string?>? environment, bool audits)
        : this(Compose(options, ignoreEnvironment ? _ => null : environment, audits), audits)
    {
        _processEnd = new ProcessEnd(this, _parts.Options.Timeouts.Close);
    }

    internal TemporalSink(TemporalSinkOptions settled, IBatchStarter starter, StoreDirectory? spoolRoot, string address,
        TimeProvider? time = null, Random? random = null, Action<string>? report = null, bool audits = false)
        : this(new SinkParts(settled, new SinkConnection(starter, address, "default"), spoolRoot, time
            ?? TimeProvider.System, random ?? Random.Shared, report), audits)
    {
    }

    TemporalSink(SinkParts parts, bool audits)
    {
        (_parts, _audits) = (parts, audits);
        _closed = new Lazy<Task>(CloseOnceAsync);
        _parts.Intake.Start();
        _parts.Loop.Start();
        _parts.Reports?.Start();
    }

    /// <summary>The application's name in the records.</summary>
    public string Source => _parts.Options.Source!;

    /// <summary>
    /// Names this start of the application; with <see cref="Source"/> and a record's <c>seq</c> it names the record.
    /// </summary>
    public string Instance => _parts.Instance;

    /// <summary>Where every event is, now.</summary>
    public PublisherStats Stats => _parts.GetStats();

    /// <summary>Takes an event. Does not throw, unless it was made by <c>AuditTo.Temporal</c>.</summary>
    public void Emit(LogEvent logEvent)
    {
        if (_parts.Receiver.IsReplayed()) return;
        if (_audits) EmitAudited(logEvent);
        else _parts.Receiver.TryTake(logEvent, always: false, mark: 0, out _);
    }

    /// <summary>
    /// As <see cref="Emit"/>. The mark lies beside the event in the spool, where
    /// <see cref="Spool.SpoolMarks"/> finds it after a kill.
    /// </summary>
    /// <returns>False: it was held back or dropped, as the books say.</returns>
    internal bool TryEmit(LogEvent logEvent, long mark) =>
        _parts.Receiver.TryTake(logEvent, always: false, mark, out _);

    /// <summary>How much of the room for records is taken, from 0 to 1.</summary>
    internal double Fill => _parts.Intake.Fill;

    /// <summary>
    /// What <c>WriteTo.Fallible</c> and <c>WriteTo.FallbackChain</c> call while the logger is configured. The listener
    /// gets every event that is counted as dropped, once: <see cref="LoggingFailureKind.Final"/> of a sink that is
    /// closed or closing, else <see cref="LoggingFailureKind.Permanent"/>; without events where they are known no
    /// longer, as those of a spool that was damaged. <see cref="LoggingFailureKind.Temporary"/> comes without events:
    /// they wait, and will be sent.
    /// </summary>
    public void SetFailureListener(ILoggingFailureListener failureListener)
    {
        ArgumentNullException.ThrowIfNull(failureListener);
        _parts.Reporter.SetListener(this, failureListener);
    }

    /// <summary>
    /// Sends what was logged before the call without waiting for more, and returns when Temporal has accepted it, or
    /// has not and it is on disk (see <see cref="Stats"/>).
    /// </summary>
    public Task FlushAsync(CancellationToken cancellationToken = default) =>
        _parts.Loop.SettledAsync(_parts.Intake.Flush(), cancellationToken);

    /// <summary>
    /// Stops taking events, sends what there is while Temporal takes it, for the close timeout at most, puts the rest
    /// on disk, and closes. A second call waits for the first.
    /// </summary>
    public async ValueTask DisposeAsync() => await _closed.Value.ConfigureAwait(false);

    /// <inheritdoc cref="DisposeAsync"/>
#pragma warning disable VSTHRD002 // Nothing in there needs the caller's context.
    public void Dispose() => _closed.Value.GetAwaiter().GetResult();
#pragma warning restore VSTHRD002

    /// <summary>Returns when every event that was taken is on the disk itself.</summary>
    /// <exception cref="IOException">It is not.</exception>
    internal void SyncSpool() => _parts.Intake.Sync();

    /// <summary>
    /// As <see cref="FlushAsync"/>, and what Temporal has not taken within the close timeout goes to the disk.
    /// </summary>
    internal async Task EmptyAsync()
    {
        var flushed = FlushAsync();
        try
        {
            await flushed.WaitAsync(_parts.Options.Timeouts.Close).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            _parts.Loop.GiveUpStarts();
            await flushed.ConfigureAwait(false);
        }
    }

    /// <summary>Takes an event and returns when it is synced in the spool.</summary>
    /// <exception cref="EventNotAcceptedException">It is not.</exception>
    void EmitAudited(LogEvent logEvent)
    {
        // Audited events are not sampled, shed or suppressed.
        if (!_parts.Receiver.TryTake(logEvent, always: true, mark: 0, out var isOwn))
        {
            // What the sink's own work logs is not audited, and must not break that work.
            if (isOwn) return;
            throw new EventNotAcceptedException("The event was not accepted: the spool is full or fails, the sink is "
                + "closed, or the event could not be rendered.");
        }
        try
        {
            // On a thread of its own, as a disk may hang; no context of the caller's is needed to come back.
#pragma warning disable VSTHRD002
            if (Task.Run(SyncSpool).Wait(_parts.Options.Timeouts.Audit)) return;
#pragma warning restore VSTHRD002
        }
        catch (AggregateException e) when (e.InnerException is IOException or UnauthorizedAccessException)
        {
            throw new EventNotAcceptedException($"The event is not synced: {e.InnerException.Message}",
                e.InnerException);
        }
        throw new EventNotAcceptedException(
            $"The event was not synced within {OptionText.Duration(_parts.Options.Timeouts.Audit)} (Timeouts.Audit).");
    }

    async Task CloseOnceAsync()
    {
        _parts.Receiver.Dispose();
        if (_parts.Reports is { } reports) await reports.StopAsync().ConfigureAwait(false);
        await _parts.Loop.CloseAsync(_parts.Options.Timeouts.Close).ConfigureAwait(false);
        if (_parts.Reports is { } last) await last.SendLastAsync().ConfigureAwait(false);
        _processEnd?.Dispose();
        _parts.Metrics.Dispose();
    }

    static SinkParts Compose(TemporalSinkOptions options, Func<string, string?>? get, bool audits)
    {
        var settled = SinkOptionsReader.Settle(options, get, audits);
        var connection = SinkConnection.Create(settled, get);
        return new SinkParts(settled, connection, SinkStorage.OpenRoot(settled, connection), TimeProvider.System, Random.Shared,
            report: null);
    }
}
