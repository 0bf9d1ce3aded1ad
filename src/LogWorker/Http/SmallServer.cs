using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace LogPipeline.Worker.Http;

/// <summary>An HTTP server with nothing around it: one address, one handler.</summary>
/// <param name="name">How a message calls it.</param>
/// <param name="ip">The address that is listened on.</param>
/// <param name="port">The port; 0: there is no server.</param>
/// <param name="variable">What sets the port.</param>
/// <param name="requestBytesMax">Longest body.</param>
sealed class SmallServer(string name, string ip, int port, string variable, long requestBytesMax)
{
    const int ConnectionsMax = 100;

    WebApplication? _app;

    /// <summary>Where it listens; null: it does not.</summary>
    public string? Address => _app?.Urls.FirstOrDefault();

    /// <param name="handle">Answers everything.</param>
    /// <param name="cancellationToken">Ends the start.</param>
    /// <exception cref="IOException">The address cannot be listened on.</exception>
    public async Task StartAsync(RequestDelegate handle, CancellationToken cancellationToken)
    {
        if (port == 0) return;
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxConcurrentConnections = ConnectionsMax;
            kestrel.Limits.MaxRequestBodySize = requestBytesMax;
            kestrel.Listen(IPAddress.Parse(ip), port);
        });
        // Signals are for the program that holds this.
        builder.Services.AddSingleton<IHostLifetime, NoLifetime>();
        var app = builder.Build();
        app.Run(handle);
        try
        {
            await app.StartAsync(cancellationToken).ConfigureAwait(false);
            _app = app;
        }
        catch (IOException e)
        {
            await app.DisposeAsync().ConfigureAwait(false);
            throw new IOException($"{name} cannot listen on {ip}:{port}: {e.Message.TrimEnd('.')}. Set {variable} to a free port.", e);
        }
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        if (_app is not { } app) return;
        await app.StopAsync(cancellationToken).ConfigureAwait(false);
        await app.DisposeAsync().ConfigureAwait(false);
    }

    sealed class NoLifetime : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
