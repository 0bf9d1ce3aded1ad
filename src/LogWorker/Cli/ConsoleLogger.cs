using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Log messages for a person at a terminal: the time, a colour for what matters, one line each.</summary>
sealed class ConsoleLogger(IAnsiConsole console, TimeProvider time) : ILoggerProvider, ILogger
{
    readonly Lock _gate = new();

    public ILogger CreateLogger(string categoryName) => this;

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel != LogLevel.None;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter)
    {
        var (style, prefix) = logLevel switch
        {
            LogLevel.Critical or LogLevel.Error => ("red", "error: "),
            LogLevel.Warning => ("yellow", "warning: "),
            LogLevel.Debug or LogLevel.Trace => ("grey", ""),
            _ => ("default", ""),
        };
        var message = Terminal.Sanitize(prefix + formatter(state, exception));
        lock (_gate) console.MarkupLine($"[grey]{time.GetLocalNow():HH:mm:ss}[/] [{style}]{message}[/]");
    }

    public void Dispose()
    {
    }
}
