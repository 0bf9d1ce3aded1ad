using System.Net;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Web;

/// <summary>Where probes may ask.</summary>
sealed record StatusEndpointOptions
{
    /// <summary>LOG_HTTP_PORT. 0: any that is free; null: there is no endpoint.</summary>
    public int? Port { get; init; }

    /// <summary>
    /// LOG_HTTP_IP. The address that is listened on; 127.0.0.1. It answers anybody, with nothing but paths and reasons.
    /// </summary>
    public string Ip { get; init; } = "127.0.0.1";

    public static StatusEndpointOptions Read(EnvironmentReader environment)
    {
        var options = new StatusEndpointOptions
        {
            Port = environment.ReadPort("LOG_HTTP_PORT"),
            Ip = environment.ReadText("LOG_HTTP_IP", new StatusEndpointOptions().Ip),
        };
        if (!IPAddress.TryParse(options.Ip, out _))
            environment.Refuse("LOG_HTTP_IP", options.Ip, "use an IP address, such as 127.0.0.1, or 0.0.0.0 for all");
        return options;
    }
}
