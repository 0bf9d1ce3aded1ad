using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.Logging;
using Temporalio.Runtime;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// The native core beneath all sinks of the process, made when the first connects. The host's own Temporal code has
/// another, <see cref="TemporalRuntime.Default"/>, which the sink never touches.
/// </summary>
static class SinkRuntime
{
    static readonly Lazy<TemporalRuntime> Made =
        new(() => TemporalSettings.CreateRuntime(new CoreLog(new Reporter(TimeProvider.System))));

    public static TemporalRuntime Shared => Made.Value;

    /// <summary>
    /// What the core says, on threads of its own, goes to Serilog's SelfLog and never to a logger of the host's: that
    /// may end in the sink. So may what the host makes of SelfLog, which is why each line is marked as the sink's own.
    /// </summary>
    internal sealed class CoreLog(Reporter reporter) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (!IsEnabled(logLevel)) return;
            Reentrancy.RunAsPublisher(() =>
                reporter.Log("core", () => $"Temporal's client says: {formatter(state, exception)}"));
        }
    }
}
