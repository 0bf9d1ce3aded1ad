using System.Net;
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
    /// The directory that keeps everything, made when missing; null: what the server knows ends with it. One process at a
    /// time has it.
    /// </summary>
    public string? DatabaseFile { get; init; }

    /// <summary>Where the server says what happened; null: nowhere.</summary>
    public ILoggerFactory? LoggerFactory { get; init; }

    /// <summary>The clock; null: the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
