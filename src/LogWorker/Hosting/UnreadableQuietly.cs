using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// What Temporal's package logs, without its stacks. Of each attempt to read what cannot be read it tells one, twice:
/// in their place one sentence is logged a minute. Of any other failure it tells one of about 3 KB: in its place one
/// line is logged, and the stack at the level Debug.
/// </summary>
/// <param name="own">Where the sentence goes.</param>
/// <param name="seen">Is told of each attempt.</param>
sealed class UnreadableQuietly(ILoggerFactory loggers, ILogger own, UnreadableSeen seen, TimeProvider time)
    : ILoggerFactory
{
    const int LineLengthMax = 1_000;

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
        seen.Set();
        if (_reports.TryPass()) WorkerLog.Unreadable(own, sentence);
    }

    // The package's own exception says what it was about, and the innermost what was wrong.
    static string ReasonOf(Exception exception)
    {
        var cause = exception.GetBaseException();
        return cause == exception || exception is JsonException
            ? JsonFault.Of(exception) : $"{exception.Message.TrimEnd('.')}: {JsonFault.Of(cause)}";
    }

    // A text of the core has the failure that it was told behind its first line, with the stack in it.
    static string LineOf(string text)
    {
        var end = text.AsSpan().IndexOfAny('\r', '\n');
        if (end < 0) end = text.Length;
        return text[..Math.Min(end, LineLengthMax)];
    }

    sealed class Filtered(ILogger inner, UnreadableQuietly owner) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => inner.BeginScope(state);

        public bool IsEnabled(LogLevel logLevel) => inner.IsEnabled(logLevel);

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            var message = formatter(state, exception);
            var text = exception?.ToString() ?? message;
            if (Array.Exists(Signs, sign => text.Contains(sign, StringComparison.Ordinal)))
            {
                // The core, which has no exception, tells in a text what the package has told it.
                if (exception is not null) owner.Report(ReasonOf(exception));
                return;
            }
            var line = LineOf(exception is null ? message : $"{message}: {ReasonOf(exception)}");
            if (exception is null && line.Length == message.Length)
            {
                inner.Log(logLevel, eventId, state, exception, formatter);
                return;
            }
            inner.Log(logLevel, eventId, line, null, static (one, _) => one);
            inner.LogDebug(eventId, exception, "{Message}", message);
        }
    }
}
