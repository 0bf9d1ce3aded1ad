using System.Net;

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

    /// <summary>The clock; null: the system's.</summary>
    public TimeProvider? TimeProvider { get; init; }
}
