using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using OpenTelemetry.Metrics;

namespace LogPipeline.Worker.Web;

/// <summary><c>GET /metrics</c> for Prometheus, in its text format.</summary>
sealed class MetricsEndpoint(MeterProvider metrics) : IWebEndpoints
{
    public void Map(IEndpointRouteBuilder routes) =>
        routes.MapPrometheusScrapingEndpoint("/metrics", metrics, configureBranchedPipeline: null, optionsName: null);
}
