using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Logs;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace LogPipeline.Worker.Observability;

/// <summary>
/// What leaves the worker as OpenTelemetry has it: metrics for whoever scrapes <c>/metrics</c>, and, where
/// OTEL_EXPORTER_OTLP_ENDPOINT is set, metrics, spans and the worker's own log by OTLP. All OTEL_* variables of the SDK hold.
/// </summary>
static class Telemetry
{
    public const string EndpointVariable = "OTEL_EXPORTER_OTLP_ENDPOINT";

    const string ServiceName = "logworker";

    public static void AddTo(IHostApplicationBuilder builder, string identity)
    {
        // The SDK reads its variables from here.
        builder.Configuration.AddEnvironmentVariables();
        var isPushed = !string.IsNullOrEmpty(builder.Configuration[EndpointVariable]);
        var telemetry = builder.Services.AddOpenTelemetry()
            .ConfigureResource(resource => resource
                .AddService(ServiceName, serviceVersion: ProductVersion.Version, serviceInstanceId: identity)
                .AddEnvironmentVariableDetector())
            .WithMetrics(metrics =>
            {
                metrics.AddMeter(WorkerMetrics.MeterName, TemporalMeter.MeterName, "System.Runtime").AddPrometheusExporter();
                // Those that hold for anything of no known unit are for milliseconds.
                metrics.AddView(instrument => instrument.Meter.Name == TemporalMeter.MeterName && instrument.Unit == "s"
                    ? new ExplicitBucketHistogramConfiguration { Boundaries = TemporalMeter.SecondsBounds } : null);
                // Prometheus keeps these endings for histograms, and its tools complain.
                metrics.AddView(instrument => instrument.Name is "dotnet.assembly.count" or "dotnet.process.cpu.count"
                    or "dotnet.timer.count" ? MetricStreamConfiguration.Drop : null);
                if (isPushed) metrics.AddOtlpExporter();
            });
        if (isPushed) telemetry.WithTracing(traces => traces.AddSource(WorkerTrace.SourceName).AddOtlpExporter());
        if (isPushed) telemetry.WithLogging(logs => logs.AddOtlpExporter(), options => options.IncludeFormattedMessage = true);
    }
}
