using System.Net;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Web;

/// <summary>Where the worker's web application listens, and who may ask it.</summary>
sealed record WebOptions
{
    /// <summary>The port when none is set; beside Temporal's UI, which has 8233.</summary>
    public const int DefaultPort = 8234;

    /// <summary>Shortest token that others than this machine are let in with.</summary>
    public const int TokenLengthMin = 16;

    const string Off = "off";

    /// <summary>False: LOG_HTTP_PORT is <c>off</c>.</summary>
    public bool IsServed { get; init; } = true;

    /// <summary>
    /// LOG_HTTP_PORT. 0: any that is free; null: <see cref="DefaultPort"/>, or any that is free when that is taken.
    /// </summary>
    public int? Port { get; init; }

    /// <summary>LOG_HTTP_IP. The address that is listened on; 127.0.0.1. Any but loopback needs a token.</summary>
    public string Ip { get; init; } = "127.0.0.1";

    /// <summary>
    /// LOG_HTTP_TOKEN. What callers send as <c>Authorization: Bearer …</c>; null: nothing. Probes need none.
    /// </summary>
    public string? Token { get; init; }

    /// <summary>LOG_HTTP_CERTIFICATE_FILE, LOG_HTTP_KEY_FILE. PEM files for TLS; null: plain HTTP.</summary>
    public (string Certificate, string Key)? Tls { get; init; }

    /// <summary>LOG_TEMPORAL_UI_URL. Where people open Temporal's UI, for links to batches; null: there are none.</summary>
    public string? TemporalUiUrl { get; init; }

    /// <summary>LOG_HTTP_READ_ONLY. What changes something is refused: letters can be seen, not retried or purged; off.</summary>
    public bool IsReadOnly { get; init; }

    /// <summary>
    /// LOG_CODEC_ORIGINS. The web pages that may have payloads decoded, separated by commas; Temporal's UI on this
    /// machine.
    /// </summary>
    public string CodecOrigins { get; init; } =
        "http://localhost:8080,http://localhost:8233,http://127.0.0.1:8080,http://127.0.0.1:8233";

    public IReadOnlyList<string> CodecOriginList =>
        CodecOrigins.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);

    /// <summary>Whether others than this machine reach it.</summary>
    public bool IsOpenToOthers => !IPAddress.IsLoopback(IPAddress.Parse(Ip));

    /// <summary>Adds what is wrong to the reader's errors.</summary>
    public static WebOptions Read(EnvironmentReader environment)
    {
        var defaults = new WebOptions();
        var isOff = string.Equals(environment.ReadText("LOG_HTTP_PORT"), Off, StringComparison.OrdinalIgnoreCase);
        var options = new WebOptions
        {
            IsServed = !isOff,
            Port = isOff ? null : environment.ReadPort("LOG_HTTP_PORT"),
            Ip = environment.ReadText("LOG_HTTP_IP", defaults.Ip),
            Token = environment.ReadText("LOG_HTTP_TOKEN"),
            Tls = ReadTls(environment),
            TemporalUiUrl = ReadTemporalUiUrl(environment),
            IsReadOnly = environment.ReadSwitch("LOG_HTTP_READ_ONLY", defaults.IsReadOnly),
            CodecOrigins = environment.ReadText("LOG_CODEC_ORIGINS", defaults.CodecOrigins),
        };
        if (!IPAddress.TryParse(options.Ip, out _))
        {
            environment.Refuse("LOG_HTTP_IP", options.Ip, "use an IP address, such as 127.0.0.1, or 0.0.0.0 for all");
            options = options with { Ip = defaults.Ip };
        }
        // The token is a secret, and only its length is told.
        if (options is { IsServed: true, IsOpenToOthers: true, Token: null or { Length: < TokenLengthMin } })
            environment.Refuse("LOG_HTTP_IP", options.Ip,
                $"set LOG_HTTP_TOKEN to {TokenLengthMin} characters or more too (it has {options.Token?.Length ?? 0}), "
                + "as others than this machine could read records");
        foreach (var origin in options.CodecOriginList)
            if (!Uri.TryCreate(origin, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https")
                || uri.GetLeftPart(UriPartial.Authority) != origin)
                environment.Refuse("LOG_CODEC_ORIGINS", origin,
                    "use origins such as https://temporal.example.com, without a path");
        return options;
    }

    /// <summary>Without the token.</summary>
    public override string ToString() => IsServed ? $"{Ip}, port {Port?.ToString(CultureInfo.InvariantCulture)}" : Off;

    static string? ReadTemporalUiUrl(EnvironmentReader environment)
    {
        if (environment.ReadText("LOG_TEMPORAL_UI_URL") is not { } text) return null;
        if (Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https"
            && uri is { UserInfo: "", Query: "", Fragment: "" }) return text;
        environment.Refuse("LOG_TEMPORAL_UI_URL", text, "use an address such as https://temporal.example.com, without a login");
        return null;
    }

    static (string Certificate, string Key)? ReadTls(EnvironmentReader environment)
    {
        var certificate = environment.ReadText("LOG_HTTP_CERTIFICATE_FILE");
        var key = environment.ReadText("LOG_HTTP_KEY_FILE");
        if (certificate is null && key is null) return null;
        if (certificate is null)
            environment.Refuse("LOG_HTTP_KEY_FILE", key!, "set LOG_HTTP_CERTIFICATE_FILE too, to the certificate's PEM file");
        else if (!File.Exists(certificate))
            environment.Refuse("LOG_HTTP_CERTIFICATE_FILE", certificate, "use a PEM file that this user may read");
        // One file may hold both.
        return certificate is null ? null : (certificate, key ?? certificate);
    }
}
