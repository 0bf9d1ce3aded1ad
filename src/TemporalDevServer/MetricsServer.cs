using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;

namespace TemporalDevServer;

/// <summary><c>GET /metrics</c> for Prometheus on this machine, at a port of its own.</summary>
sealed class MetricsServer : IAsyncDisposable
{
    const int ConnectionsMax = 20;
    const int HeaderBytesMax = 8 * 1024;

    readonly WebApplication _app;

    MetricsServer(WebApplication app) => _app = app;

    public string Address => new Uri(_app.Urls.First()).Authority;

    /// <param name="port">0: a free one.</param>
    /// <exception cref="IOException">Another program has the port.</exception>
    public static async Task<MetricsServer> StartAsync(int port, CancellationToken cancellationToken)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestHeadersTotalSize = HeaderBytesMax;
            kestrel.Limits.MaxRequestBodySize = 0;
            kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(5);
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddSingleton<IHostLifetime, DevServer.NoLifetime>();
        builder.Services.AddOpenTelemetry().WithMetrics(metrics => metrics.AddMeter(DevServer.MeterName).AddPrometheusExporter());
        var app = builder.Build();
        // A page elsewhere could point its own name at this machine.
        app.Use((context, next) =>
        {
            var host = context.Request.Host.Host;
            if (host == "localhost") return next(context);
            if (IPAddress.TryParse(host.Trim('[', ']'), out var ip) && IPAddress.IsLoopback(ip)) return next(context);
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return Task.CompletedTask;
        });
        app.UseOpenTelemetryPrometheusScrapingEndpoint("/metrics");
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            return new MetricsServer(app);
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync(CancellationToken.None).ConfigureAwait(false);
        await _app.DisposeAsync().ConfigureAwait(false);
    }
}
