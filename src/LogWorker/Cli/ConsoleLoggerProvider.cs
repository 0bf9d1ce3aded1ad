using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Log messages for a person at a terminal: the time, a colour for what matters, one line each.</summary>
sealed class ConsoleLoggerProvider(IAnsiConsole console, TimeProvider time) : ILoggerProvider
{
    readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => new ConsoleLogger(this);

    public void Dispose()
    {
    }

    void Write(LogLevel level, string message)
    {
        var (style, prefix) = level switch
        {
            LogLevel.Critical or LogLevel.Error => ("red", "error: "),
            LogLevel.Warning => ("yellow", "warning: "),
            LogLevel.Debug or LogLevel.Trace => ("grey", ""),
            _ => ("default", ""),
        };
        // Text from elsewhere (a server's answer, a file's name) must not steer the terminal.
        var harmless = string.Concat(message.Select(c => char.IsControl(c) ? ' ' : c));
        lock (_gate) console.MarkupLine($"[grey]{time.GetLocalNow():HH:mm:ss}[/] [{style}]{Markup.Escape(prefix + harmless)}[/]");
    }

    sealed class ConsoleLogger(ConsoleLoggerProvider provider) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            provider.Write(logLevel, formatter(state, exception));
    }
}
