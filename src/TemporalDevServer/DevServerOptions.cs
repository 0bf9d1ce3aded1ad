using System.Net;
using Grpc.Core.Interceptors;
using Microsoft.Extensions.Logging;

namespace TemporalDevServer;

/// <summary>What a <see cref="DevServer"/> is started with.</summary>
public sealed record DevServerOptions
{
    /// <summary>Where it listens; loopback unless said otherwise.</summary>
    public IPAddress Ip { get; init; } = IPAddress.Loopback;

    /// <summary>The port; 0: a free one.</summary>
    public int Port { get; init; }

    /// <summary>Namespaces to be there from the start, beside "default".</summary>
    public IReadOnlyList<string> Namespaces { get; init; } = [];

    /// <summary>
    /// The directory of the journal, created if it is missing; null: state is in memory and ends with the server. One
    /// process at a time owns it.
    /// </summary>
    public string? DatabaseFile { get; init; }

    /// <summary>Where the server logs; null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>
    /// The certificate in PEM, followed by its chain; null: no TLS. Needs <see cref="TlsKeyFile"/>.
    /// </summary>
    public string? TlsCertificateFile { get; init; }

    /// <summary>The certificate's private key in PEM.</summary>
    public string? TlsKeyFile { get; init; }

    /// <summary>The key that every call must send as "authorization: Bearer …"; null: none.</summary>
    public string? ApiKey { get; init; }

    /// <summary>
    /// Search attributes that every namespace named here has, by name; the type as Temporal writes it ("Keyword",
    /// "Int").
    /// </summary>
    public IReadOnlyDictionary<string, string> SearchAttributes { get; init; } = new Dictionary<string, string>();

    /// <summary>
    /// They see every call, in this order: a test refuses or delays calls, or loses their answers. One of a type.
    /// </summary>
    public IReadOnlyList<Interceptor> Interceptors { get; init; } = [];

    /// <summary>The clock; null: the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
