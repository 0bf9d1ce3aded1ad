using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LogPipeline.Worker.Observability;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.AspNetCore.Server.Kestrel.Transport.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Worker.Web;

/// <summary>The worker's web application: one server at one address, with all endpoints behind one guard.</summary>
sealed class WebServer(WebOptions options, RequestGuard guard, IEnumerable<IWebEndpoints> endpoints,
    ILogger<WebServer> logger)
{
    /// <summary>A browser has six; probes and scrapers one.</summary>
    public const int ConnectionsMax = 100;

    readonly ConnectionLimit _connections = new(ConnectionsMax);
    WebApplication? _app;

    /// <summary>Where it listens; set once that has begun.</summary>
    public Uri? Address { get; private set; }

    /// <exception cref="IOException">The address cannot be listened on, or the certificate not be used.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!options.IsServed) return;
        try
        {
            _app = await StartAtAsync(options.Port ?? WebOptions.DefaultPort, cancellationToken).ConfigureAwait(false);
        }
        // Nobody asked for this port, and another worker on this machine may have it.
        catch (IOException) when (options.Port is null)
        {
            _app = await StartAtAsync(0, cancellationToken).ConfigureAwait(false);
        }
        WorkerLog.WebListens(logger, Address!);
        if (options is { IsOpenToOthers: true, Tls: null }) WorkerLog.WebIsPlain(logger, Address!);
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (Interlocked.Exchange(ref _app, null) is not { } app) return;
        await app.StopAsync(cancellationToken).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    async Task<WebApplication> StartAtAsync(int port, CancellationToken cancellationToken)
    {
        var address = new IPEndPoint(IPAddress.Parse(options.Ip), port);
        ListenOptions? listening = null;
        var app = Build(address, at => listening = at);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            Address = new Uri($"{(options.Tls is null ? "http" : "https")}://{listening!.IPEndPoint}");
            return app;
        }
        catch
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    WebApplication Build(IPEndPoint address, Action<ListenOptions> onListen)
    {
        var https = ReadCertificate();
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            WebLimits.Set(kestrel.Limits);
            kestrel.Listen(address, listening =>
            {
                onListen(listening);
                listening.Protocols = HttpProtocols.Http1;
                _connections.Guard(listening);
                if (https is not null) listening.UseHttps(https);
            });
        });
        builder.Services.Configure<SocketTransportOptions>(sockets => sockets.CreateBoundListenSocket = Bind);
        // Signals are for the host around this.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        builder.Services.AddRouting();
        foreach (var part in endpoints) part.AddServices(builder.Services);

        var app = builder.Build();
        _connections.Track(app);
        guard.AddTo(app);
        app.UseEndpoints(routes =>
        {
            foreach (var part in endpoints) part.Map(routes);
        });
        return app;
    }

    HttpsConnectionAdapterOptions? ReadCertificate()
    {
        if (options.Tls is not { } tls) return null;
        try
        {
            var chain = new X509Certificate2Collection();
            chain.ImportFromPemFile(tls.Certificate);
            return new HttpsConnectionAdapterOptions
            {
                ServerCertificate = X509Certificate2.CreateFromPemFile(tls.Certificate, tls.Key),
                ServerCertificateChain = chain,
            };
        }
        catch (Exception e) when (e is System.Security.Cryptography.CryptographicException or ArgumentException)
        {
            throw new IOException($"The certificate in {tls.Certificate} with the key in {tls.Key} cannot be used: "
                + $"{e.Message.TrimEnd('.')}. Set LOG_HTTP_CERTIFICATE_FILE and LOG_HTTP_KEY_FILE to PEM files that "
                + "belong together.", e);
        }
    }

    static Socket Bind(EndPoint address)
    {
        try
        {
            return SocketTransportOptions.CreateDefaultBoundListenSocket(address);
        }
        catch (SocketException e)
        {
            throw new IOException($"The web application cannot listen on {address}: {e.Message.TrimEnd('.')}. "
                + "Set LOG_HTTP_PORT to a free port, or to off.", e);
        }
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
