using System.Net;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Web;

/// <summary>Where people's tools have payloads decoded, and who may.</summary>
sealed record CodecEndpointOptions
{
    /// <summary>LOG_CODEC_PORT. 0: any that is free; null: there is no endpoint.</summary>
    public int? Port { get; init; }

    /// <summary>LOG_CODEC_IP. The address that is listened on; 127.0.0.1. Any other needs a token.</summary>
    public string Ip { get; init; } = "127.0.0.1";

    /// <summary>
    /// LOG_CODEC_ORIGINS. The web pages that may ask, separated by commas; Temporal's UI on this machine.
    /// </summary>
    public string Origins { get; init; } =
        "http://localhost:8080,http://localhost:8233,http://127.0.0.1:8080,http://127.0.0.1:8233";

    /// <summary>
    /// LOG_CODEC_TOKEN. What callers send as <c>Authorization: Bearer …</c>; null: nothing.
    /// </summary>
    public string? Token { get; init; }

    public static CodecEndpointOptions Read(EnvironmentReader environment)
    {
        var defaults = new CodecEndpointOptions();
        var options = new CodecEndpointOptions
        {
            Port = environment.ReadPort("LOG_CODEC_PORT"),
            Ip = environment.ReadText("LOG_CODEC_IP", defaults.Ip),
            Origins = environment.ReadText("LOG_CODEC_ORIGINS", defaults.Origins),
            Token = environment.ReadText("LOG_CODEC_TOKEN"),
        };
        if (!IPAddress.TryParse(options.Ip, out var ip))
            environment.Refuse("LOG_CODEC_IP", options.Ip, "use an IP address, such as 127.0.0.1");
        else if (!IPAddress.IsLoopback(ip) && options.Token is null)
            environment.Refuse("LOG_CODEC_IP", options.Ip,
                "set LOG_CODEC_TOKEN too, as others than this machine could have records decoded");
        foreach (var origin in options.OriginList)
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || uri.GetLeftPart(UriPartial.Authority) != origin)
                environment.Refuse("LOG_CODEC_ORIGINS", origin,
                    "use origins such as https://temporal.example.com, without a path");
        return options;
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => $"port {Port}, IP {Ip}, origins {Origins}";

    public IReadOnlyList<string> OriginList =>
        Origins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
}
