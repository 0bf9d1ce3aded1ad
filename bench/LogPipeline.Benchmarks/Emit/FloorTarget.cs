using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace LogPipeline.Benchmarks.Emit;

/// <summary>
/// Serilog with a sink that does nothing: what is left is the logger's own work, the machine and its scheduler, which no sink
/// can be faster than.
/// </summary>
sealed class FloorTarget : EmitTarget
{
    public const string Title = "Serilog, a sink that does nothing";

    readonly Logger _logger = new LoggerConfiguration().Enrich.WithProperty(Enriched, EnrichedValue).WriteTo.Sink(new Nothing())
        .CreateLogger();

    public override string Name => Title;

    public override void Log(int orderId, string customer, string state) => _logger.Information(Template, orderId, customer, state);

    public override void Drain()
    {
    }

    public override void Dispose() => _logger.Dispose();

    sealed class Nothing : ILogEventSink
    {
        public void Emit(LogEvent logEvent)
        {
        }
    }
}
