using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace LogPipeline.Worker.Web;

/// <summary>A part of the worker's web application, with an address of its own that nothing else is served at.</summary>
/// <param name="name">How a message calls it.</param>
/// <param name="ip">The address that is listened on.</param>
/// <param name="port">The port; 0: any that is free; null: it is not served.</param>
/// <param name="variable">What sets the port.</param>
abstract class WebEndpoint(string name, string ip, int? port, string variable)
{
    public bool IsServed => port is not null;

    /// <summary>Where it listens; once that has begun, with the port that was found.</summary>
    public IPEndPoint Place { get; set; } = new(IPAddress.Parse(ip), port ?? 0);

    public string Address => $"http://{Place}";

    public abstract void AddServices(IServiceCollection services);

    /// <summary>Builds what answers the requests that come in at its address.</summary>
    public abstract void Serve(IApplicationBuilder app);

    public abstract void LogListening(ILogger logger);

    public string CannotListen(string reason) => $"{name} cannot listen on {Place}: {reason.TrimEnd('.')}. Set {variable} to a free port.";
}
