using System.Net;
using System.Net.Sockets;
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
/// The worker's web application: one server, and behind each address that it listens on the endpoint of that address. Which one
/// answers is decided by the connection and by nothing that a request says: what is open to all never leads to what is not.
/// </summary>
sealed class WebServer(IEnumerable<WebEndpoint> endpoints, ILogger<WebServer> logger) : IHostedService
{
    /// <summary>For each endpoint, so that one that is flooded does not close the other.</summary>
    const int ConnectionsMax = 100;

    /// <summary>Longest request of an endpoint that names no other bound.</summary>
    const long RequestBytesMax = 4096;

    readonly WebEndpoint[] _served = [.. endpoints.Where(endpoint => endpoint.IsServed)];
    readonly List<(WebEndpoint Endpoint, ListenOptions Listening)> _places = [];
    WebApplication? _app;

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
        foreach (var (endpoint, listening) in _places)
        {
            endpoint.Place = listening.IPEndPoint!;
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
                kestrel.Listen(endpoint.Place, listening =>
                {
                    _places.Add((endpoint, listening));
                    Mark(listening, endpoint);
                });
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = Bind);
        // Signals are for the program that holds this.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        foreach (var endpoint in _served) endpoint.AddServices(builder.Services);

        var app = builder.Build();
        foreach (var endpoint in _served) app.MapWhen(context => context.Features.Get<WebEndpoint>() == endpoint, endpoint.Serve);
        return app;
    }

    /// <summary>Each connection knows the endpoint that it came in at.</summary>
    static void Mark(ListenOptions listen, WebEndpoint endpoint)
    {
        var connections = 0;
        listen.Use(next => async connection =>
        {
            connection.Features.Set(endpoint);
            try
            {
                if (Interlocked.Increment(ref connections) <= ConnectionsMax) await next(connection).ConfigureAwait(false);
                else connection.Abort(new ConnectionAbortedException("There are too many connections."));
            }
            finally
            {
                Interlocked.Decrement(ref connections);
            }
        });
    }

    Socket Bind(EndPoint place)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(place);
        }
        catch (SocketException e)
        {
            throw new IOException(_served.First(endpoint => endpoint.Place.Equals(place)).CannotListen(e.Message), e);
        }
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
