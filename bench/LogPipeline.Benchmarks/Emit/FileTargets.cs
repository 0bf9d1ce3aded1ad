using Serilog;
using Serilog.Core;
using Serilog.Formatting.Json;
using Serilog.Sinks.Async;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>Serilog.Sinks.File, as text or as JSON lines with the message, as ours are.</summary>
sealed class FileTarget(string name, string path, bool isJson) : EmitTarget
{
    readonly Logger _logger = Configured(path, isJson);

    public override string Name => name;

    public override void Log(int orderId, string customer, string state) => _logger.Information(Template, orderId, customer, state);

    // Each event is written by the call that logs it.
    public override void Drain()
    {
    }

    public override void Dispose() => _logger.Dispose();

    static Logger Configured(string path, bool isJson)
    {
        var configuration = new LoggerConfiguration().Enrich.WithProperty(Enriched, EnrichedValue);
        return (isJson
            ? configuration.WriteTo.File(new JsonFormatter(renderMessage: true), path, fileSizeLimitBytes: null)
            : configuration.WriteTo.File(path, fileSizeLimitBytes: null, formatProvider: System.Globalization.CultureInfo.InvariantCulture))
                .CreateLogger();
    }
}

/// <summary>Serilog.Sinks.Async over the same file sink, with a queue as large as ours.</summary>
sealed class AsyncFileTarget : EmitTarget, IAsyncLogEventSinkMonitor
{
    readonly Logger _logger;
    IAsyncLogEventSinkInspector? _inspector;

    public AsyncFileTarget(string path) => _logger = new LoggerConfiguration().Enrich.WithProperty(Enriched, EnrichedValue)
        .WriteTo.Async(to => to.File(new JsonFormatter(renderMessage: true), path, fileSizeLimitBytes: null), bufferSize: 100_000,
            blockWhenFull: true, monitor: this).CreateLogger();

    public override string Name => "Sinks.Async over Sinks.File (JSON)";
    public override long Dropped => _inspector!.DroppedMessagesCount;

    public override void Log(int orderId, string customer, string state) => _logger.Information(Template, orderId, customer, state);

    public override void Drain() => SpinWait.SpinUntil(() => _inspector!.Count == 0);

    public override void Dispose() => _logger.Dispose();

    public void StartMonitoring(IAsyncLogEventSinkInspector inspector) => _inspector = inspector;

    public void StopMonitoring(IAsyncLogEventSinkInspector inspector)
    {
    }
}
