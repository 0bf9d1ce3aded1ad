using LogPipeline.TestSupport;
using TemporalDevServer;

namespace LogPipeline.Tests.Connecting;

/// <summary>A way to reach Temporal wrongly.</summary>
public enum WrongWay
{
    Refused,
    BlackHoled,
    UnknownName,
    TlsToPlain,
    PlainToTls,
    ExpiredCertificate,
    CertificateOfAnother,
    UnknownAuthority,
    WrongKey,
    UnknownNamespace,
    Scheme,
    WhiteSpace,
    NoPort,
}

/// <param name="Given">The variables that are wrong.</param>
/// <param name="Right">Those that would be right.</param>
/// <param name="Sentence">What is said of it, whole.</param>
/// <param name="Step">What <c>test-temporal</c> says, when an earlier step than the connect finds it; null: what was wrong in the
/// sentence.</param>
public sealed record WrongConnection(Dictionary<string, string> Given, Dictionary<string, string> Right, string Sentence,
    string? Step = null)
{
    public bool IsConfiguration { get; init; }

    /// <summary>It may pass by itself.</summary>
    public bool MayPass { get; init; }

    public string Found => Step ?? Sentence[..Sentence.IndexOf("; ", StringComparison.Ordinal)];

    /// <summary>The sentence without how long was waited, which each caller decides.</summary>
    public string Said => Sentence.Contains("within", StringComparison.Ordinal) ? Sentence[..Sentence.IndexOf(" within",
        StringComparison.Ordinal)] : Sentence;
}

/// <summary>Servers that are wrong for somebody, in this process.</summary>
public sealed class WrongConnections : IAsyncLifetime
{
    const string Key = "the-key-of-this-test";

    readonly TempDirectory _folder = new();
    readonly List<DevServer> _servers = [];
    TcpProxy? _blackHole;
    string? _plain;
    string? _tls;
    string? _expired;
    string? _ofAnother;
    string? _authority;

    public async Task InitializeAsync()
    {
        var certificates = new SomeCertificates(_folder);
        _authority = certificates.AuthorityFile;
        _plain = await StartAsync(new DevServerOptions());
        _tls = await StartTlsAsync(certificates.Server("localhost"), Key);
        _expired = await StartTlsAsync(certificates.Server("localhost", DateTimeOffset.UtcNow.AddDays(-1)));
        _ofAnother = await StartTlsAsync(certificates.Server("elsewhere.example"));
        _blackHole = new TcpProxy(_plain);
        _blackHole.Set(Link.BlackHoled);
    }

    public async Task DisposeAsync()
    {
        await _blackHole!.DisposeAsync();
        foreach (var server in _servers) await server.DisposeAsync();
        _folder.Dispose();
    }

    public WrongConnection Of(WrongWay way)
    {
        var nobody = $"127.0.0.1:{FreePort.Next()}";
        var plain = At(_plain!);
        var tls = At(_tls!, ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", _authority!), ("TEMPORAL_API_KEY", Key));
        return way switch
        {
            WrongWay.Refused => new(At(nobody), plain,
                $"Temporal at {nobody} cannot be reached (Connection refused); check TEMPORAL_ADDRESS and that the server runs.",
                    $"Nothing answers at {nobody}") { MayPass = true },
            WrongWay.BlackHoled => new(new() { ["TEMPORAL_ADDRESS"] = _blackHole!.Address }, plain,
                $"Temporal at {_blackHole.Address} did not answer within 4s; check TEMPORAL_ADDRESS, the network and whether it expects "
                + $"TLS (TEMPORAL_TLS).",
                $"Temporal at {_blackHole.Address} did not answer within 5s.") { MayPass = true },
            WrongWay.UnknownName => new(At("no-such-host.invalid:7233"), plain,
                "Temporal at no-such-host.invalid:7233 cannot be reached (no host of that name is known); check TEMPORAL_ADDRESS and the "
                + "name service.",
                "No host named 'no-such-host.invalid' was found") { MayPass = true },
            WrongWay.TlsToPlain => new(At(_plain!, ("TEMPORAL_TLS", "true")), plain,
                $"Temporal at {_plain} does not speak TLS; set TEMPORAL_TLS=false, or TEMPORAL_ADDRESS to one that does: an API key and "
                + $"every TEMPORAL_TLS_* variable turn TLS on.",
                $"No TLS with {_plain}"),
            WrongWay.PlainToTls => new(At(_tls!), tls,
                $"Temporal at {_tls} closed the connection without an answer; if it expects TLS, set TEMPORAL_TLS=true, else check that "
                + $"TEMPORAL_ADDRESS names a Temporal frontend.") { MayPass = true },
            WrongWay.ExpiredCertificate => new(At(_expired!, ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", _authority!)), plain,
                $"The certificate of Temporal at {_expired} has expired; renew it there, and check this machine's clock."),
            WrongWay.CertificateOfAnother => new(At(_ofAnother!, ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", _authority!)), plain,
                $"The certificate of Temporal at {_ofAnother} is for another name (elsewhere.example); use the name in it, in "
                + $"TEMPORAL_ADDRESS or in TEMPORAL_TLS_SERVER_NAME."),
            WrongWay.UnknownAuthority => new(At(_tls!, ("TEMPORAL_TLS", "true"), ("TEMPORAL_API_KEY", Key)), tls,
                $"The certificate of Temporal at {_tls} is signed by an authority that is not known here; set "
                + $"TEMPORAL_TLS_SERVER_CA_CERT_PATH to that authority's certificate."),
            WrongWay.WrongKey => new(At(_tls!, ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", _authority!), ("TEMPORAL_API_KEY", "another")), tls,
                $"Temporal at {_tls} denies access (Request unauthorized: the API key is missing or wrong); check TEMPORAL_API_KEY, the "
                + $"client certificate (TEMPORAL_TLS_CLIENT_*) and the rights on namespace 'default'."),
            WrongWay.UnknownNamespace => new(At(_plain!, ("TEMPORAL_NAMESPACE", "nowhere")), plain,
                $"Temporal at {_plain} has no namespace 'nowhere'; set TEMPORAL_NAMESPACE, or create it with 'temporal operator "
                + $"namespace create --namespace nowhere'."),
            WrongWay.Scheme => Refused($"http://{_plain}"),
            WrongWay.WhiteSpace => Refused($"{_plain} "),
            _ => Refused("127.0.0.1"),
        };

        WrongConnection Refused(string address) => new(At(address),
            plain, $"TEMPORAL_ADDRESS was '{address}'; use HOST:PORT, such as localhost:7233.") { IsConfiguration = true };
    }

    static Dictionary<string, string> At(string address, params (string Name, string Value)[] more)
    {
        // A busy machine may take its time to be refused.
        var variables = new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = address, ["LOG_START_TIMEOUT"] = "1m" };
        foreach (var (name, value) in more) variables[name] = value;
        return variables;
    }

    async Task<string> StartTlsAsync((string CertificateFile, string KeyFile) files, string? key = null)
    {
        await StartAsync(new DevServerOptions { TlsCertificateFile = files.CertificateFile, TlsKeyFile = files.KeyFile, ApiKey = key });
        return string.Create(CultureInfo.InvariantCulture, $"localhost:{_servers[^1].Port}");
    }

    async Task<string> StartAsync(DevServerOptions options)
    {
        _servers.Add(await DevServer.StartAsync(options));
        return _servers[^1].Address;
    }
}
