using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Tests.Worker;

/// <summary>Keeps what is logged, but for what only somebody who debugs wants to know.</summary>
class LinesLogger<T> : ILogger<T>
{
    public List<(LogLevel Level, string Text)> Lines { get; } = [];

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public bool IsEnabled(LogLevel logLevel) => logLevel > LogLevel.Debug;

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
        Func<TState, Exception?, string> formatter) => Lines.Add((logLevel, formatter(state, exception)));
}

/// <inheritdoc cref="LinesLogger{T}"/>
sealed class LinesLogger : LinesLogger<ServiceStatus>;
