namespace LogPipeline.Publisher;

/// <summary>
/// What <c>AuditTo.Temporal</c> adds: a sink whose Emit returns when the event is synced in the spool, and throws when
/// it is not.
/// </summary>
sealed class AuditSink : ILogEventSink, IDisposable, IAsyncDisposable
{
    readonly TemporalSink _sink;

    public AuditSink(TemporalSinkOptions options, bool ignoreEnvironment, Func<string, string?>? environment)
        : this(new TemporalSink(options, ignoreEnvironment, environment, audits: true))
    {
    }

    public AuditSink(TemporalSink sink) => _sink = sink;

    public void Emit(LogEvent logEvent) => _sink.EmitAudited(logEvent);

    public void Dispose() => _sink.Dispose();

    public ValueTask DisposeAsync() => _sink.DisposeAsync();
}
