using Microsoft.Extensions.Logging;
using Temporalio.Runtime;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// The native core of Temporal's package, whose log lines go to a logger: left alone it writes to the console. Each has a
/// thread for each processor and cannot be closed, so a process makes one.
/// </summary>
static class CoreRuntime
{
    /// <param name="logger">Is called on the core's own threads.</param>
    /// <param name="level">The least that is handed to it.</param>
    public static TemporalRuntime Create(ILogger logger, TelemetryFilterOptions.Level level = TelemetryFilterOptions.Level.Warn) => new(new TemporalRuntimeOptions
    {
        Telemetry = new TelemetryOptions
        {
            Logging = new LoggingOptions { Filter = new TelemetryFilterOptions(level, level), Forwarding = new LogForwardingOptions(logger) },
        },
    });
}
