using Microsoft.Extensions.Logging;

namespace Temporalio.Worker.Replay;

/// <summary>A workflow's logger: silent on replay, so that each message is logged once.</summary>
sealed class ReplaySafeLogger(ILogger inner, WorkflowMachines machines) : ILogger
{
    public IDisposable? BeginScope<TState>(TState state)
        where TState : notnull => inner.BeginScope(state);

    public bool IsEnabled(LogLevel logLevel) => !machines.Replaying && inner.IsEnabled(logLevel);

    public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
    {
        if (!machines.Replaying) inner.Log(logLevel, eventId, state, exception, formatter);
    }
}
