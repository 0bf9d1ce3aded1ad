using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// What Temporal's package logs, but for batches that cannot be read: of each attempt it tells a stack, twice. In their
/// place one sentence is logged a minute.
/// </summary>
/// <param name="own">Where the sentence goes.</param>
sealed class UnreadableQuietly(ILoggerFactory loggers, ILogger own, TimeProvider time) : ILoggerFactory
{
    /// <summary>What a failure's text holds when the input was not read: our codec's, and that of the package.</summary>
    static readonly string[] Signs = [nameof(PayloadNotReadableException), "WorkflowInstance.DecodeArgs"];

    readonly Throttle _reports = new(time);

    // A host's factory, which others use too, is not closed here.
    public void Dispose()
    {
    }

    public void AddProvider(ILoggerProvider provider) => loggers.AddProvider(provider);

    public ILogger CreateLogger(string categoryName) => new Filtered(loggers.CreateLogger(categoryName), this);

    void Report(string sentence)
    {
        if (_reports.TryPass()) WorkerLog.Unreadable(own, sentence);
    }

    sealed class Filtered(ILogger inner, UnreadableQuietly owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var text = exception?.ToString() ?? formatter(state, exception);
            if (!Array.Exists(Signs, sign => text.Contains(sign, StringComparison.Ordinal)))
                inner.Log(logLevel, eventId, state, exception, formatter);
            // The core, which has no exception, tells in a text what the package has told it.
            else if (exception is not null) owner.Report(exception.Message);
        }
    }
}
