using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LogPipeline.Worker.Web;

/// <summary>A part of the worker's web application, alone at its address.</summary>
/// <param name="name">Its name in messages.</param>
/// <param name="ip">The address that is listened on.</param>
/// <param name="port">The port; 0: any that is free; null: it is not served.</param>
/// <param name="variable">What sets the port.</param>
abstract class WebEndpoint(string name, string ip, int? port, string variable)
{
    public bool IsServed => port is not null;

    /// <summary>Where it listens; once that has begun, with the port that was found.</summary>
    public IPEndPoint EndPoint { get; set; } = new(IPAddress.Parse(ip), port ?? 0);

    public string Address => $"http://{EndPoint}";

    public abstract void AddServices(IServiceCollection services);

    /// <summary>Builds what answers the requests that come in at its address.</summary>
    public abstract void Serve(IApplicationBuilder app);

    public abstract void LogListening(ILogger logger);

    public string CannotListen(string reason) =>
        $"{name} cannot listen on {EndPoint}: {reason.TrimEnd('.')}. Set {variable} to a free port.";
}
