using Microsoft.Extensions.Logging;
using Temporalio.Runtime;

namespace LogPipeline.Workflows.Connecting;

/// <summary>
/// The native core of Temporal's package, whose log lines go to a logger: left alone it writes to the console. Each has a
/// thread for each processor and cannot be closed, so a process makes one.
/// </summary>
static class CoreRuntime
{
    // A batch waits for another within its workflow task, which the core would warn of each time.
    static readonly TelemetryFilterOptions Warnings = new("warn,temporalio_sdk_core::worker::workflow::managed_run=error");

    /// <param name="logger">Is called on the core's own threads.</param>
    public static TemporalRuntime Create(ILogger logger) => new(new TemporalRuntimeOptions
    {
        Telemetry = new TelemetryOptions
        {
            Logging = new LoggingOptions { Filter = Warnings, Forwarding = new LogForwardingOptions(logger) },
        },
    });
}
