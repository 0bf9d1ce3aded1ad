using System.Net;
using System.Net.Sockets;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Worker.Web;

/// <summary>
/// The worker's web application: one server, and behind each address that it listens on the endpoint of that address.
/// Which one answers depends on the connection alone, and not on the request: an endpoint that is open to all never
/// leads to one that is not.
/// </summary>
sealed class WebServer(IEnumerable<WebEndpoint> endpoints, ILogger<WebServer> logger) : IHostedService
{
    /// <summary>For each endpoint, so that one that is flooded does not close the other.</summary>
    const int ConnectionsMax = 100;

    /// <summary>Longest request of an endpoint that names no other bound.</summary>
    const long RequestBytesMax = 4096;

    readonly WebEndpoint[] _served = [.. endpoints.Where(endpoint => endpoint.IsServed)];
    readonly List<(WebEndpoint Endpoint, ListenOptions Listening)> _listening = [];
    WebApplication? _app;

    /// <summary>Adds the server and its endpoints.</summary>
    public static void AddTo(
        IServiceCollection services, CodecEndpointOptions codecOptions, PipelineCodec codec,
        StatusEndpointOptions statusOptions, Func<IServiceProvider, bool> isWriterRunning)
    {
        services.AddSingleton<WebEndpoint>(new CodecEndpoint(codecOptions, codec));
        services.AddSingleton<WebEndpoint>(provider =>
            new StatusEndpoint(statusOptions, provider.GetRequiredService<Readiness>(), () =>
                isWriterRunning(provider)));
        services.AddHostedService<WebServer>();
    }

    /// <exception cref="IOException">An address cannot be listened on.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_served.Length == 0) return;
        var app = Build();
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            _app = app;
        }
        finally
        {
            if (_app is null) await app.DisposeAsync().ConfigureAwait(false);
        }
        foreach (var (endpoint, listening) in _listening)
        {
            endpoint.EndPoint = listening.IPEndPoint!;
            endpoint.LogListening(logger);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not { } app) return;
        await app.StopAsync(cancellationToken).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    WebApplication Build()
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = RequestBytesMax;
            foreach (var endpoint in _served)
                kestrel.Listen(endpoint.EndPoint, listening =>
                {
                    _listening.Add((endpoint, listening));
                    TrackConnections(listening, endpoint);
                });
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = Bind);
        // Signals are for the host around this.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        foreach (var endpoint in _served) endpoint.AddServices(builder.Services);

        var app = builder.Build();
        foreach (var endpoint in _served)
            app.MapWhen(context => context.Features.Get<WebEndpoint>() == endpoint, endpoint.Serve);
        return app;
    }

    /// <summary>Each connection has the endpoint of its address.</summary>
    static void TrackConnections(ListenOptions listen, WebEndpoint endpoint)
    {
        var connections = 0;
        listen.Use(next => async connection =>
        {
            connection.Features.Set(endpoint);
            try
            {
                if (Interlocked.Increment(ref connections) <= ConnectionsMax)
                    await next(connection).ConfigureAwait(false);
                else connection.Abort(new ConnectionAbortedException("There are too many connections."));
            }
            finally
            {
                Interlocked.Decrement(ref connections);
            }
        });
    }

    Socket Bind(EndPoint address)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        }
        catch (SocketException e)
        {
            throw new IOException(_served.First(endpoint => endpoint.EndPoint.Equals(address))
                .CannotListen(e.Message), e);
        }
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
