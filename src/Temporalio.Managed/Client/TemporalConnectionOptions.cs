using System.Globalization;

namespace Temporalio.Client;

/// <summary>Options of a <see cref="TemporalConnection"/>. <see cref="TargetHost"/> is required.</summary>
public class TemporalConnectionOptions : ICloneable
{
    public TemporalConnectionOptions()
    {
    }

    public TemporalConnectionOptions(string targetHost) => TargetHost = targetHost;

    /// <summary>The server as <c>host:port</c>. Required.</summary>
    public string? TargetHost { get; set; }

    /// <summary>Null: no TLS, unless <see cref="ApiKey"/> is set, which turns it on.</summary>
    public TlsOptions? Tls { get; set; }

    /// <summary>For calls that are retried. Null: Temporal's defaults.</summary>
    public RpcRetryOptions? RpcRetry { get; set; }

    /// <summary>On by default; null: no pings.</summary>
    public KeepAliveOptions? KeepAlive { get; set; } = new();

    /// <summary>Gzip by default.</summary>
    public GrpcCompression GrpcCompression { get; set; } = new GrpcCompression.Gzip();

    /// <summary>When the connection warns of large payloads.</summary>
    public PayloadLimitsOptions PayloadLimits { get; set; } = new();

    /// <summary>Metadata of every call, to begin with; see <see cref="ITemporalConnection.RpcMetadata"/>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, string>>? RpcMetadata { get; set; }

    /// <summary>Binary metadata of every call, to begin with; see <see cref="ITemporalConnection.RpcBinaryMetadata"/>.</summary>
    public IReadOnlyCollection<KeyValuePair<string, byte[]>>? RpcBinaryMetadata { get; set; }

    /// <summary>Sent as bearer token of every call, to begin with; see <see cref="ITemporalConnection.ApiKey"/>.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Who asks, as histories show it. Null: process id and host name, filled in by the connection.</summary>
    public string? Identity { get; set; }

    /// <summary>Where the metrics of the connection and of its workers go. Null: <see cref="Runtime.TemporalRuntime.Default"/>, which has none.</summary>
    public Runtime.TemporalRuntime? Runtime { get; set; }

    /// <summary>A copy, one level deep.</summary>
    public virtual object Clone()
    {
        var copy = (TemporalConnectionOptions)MemberwiseClone();
        copy.Tls = (TlsOptions?)Tls?.Clone();
        copy.RpcRetry = (RpcRetryOptions?)RpcRetry?.Clone();
        copy.KeepAlive = (KeepAliveOptions?)KeepAlive?.Clone();
        if (PayloadLimits is not null) copy.PayloadLimits = (PayloadLimitsOptions)PayloadLimits.Clone();
        return copy;
    }

    /// <summary>The TLS options in force; null: plaintext.</summary>
    internal TlsOptions? EffectiveTls() =>
        Tls is { Disabled: true } ? null
        : Tls ?? (string.IsNullOrEmpty(ApiKey) ? null : new TlsOptions());

    /// <exception cref="ArgumentException">TargetHost is missing or not host:port.</exception>
    internal Uri ToAddress()
    {
        if (string.IsNullOrEmpty(TargetHost)) throw new ArgumentException("TargetHost is required");
        if (TargetHost.Contains("://", StringComparison.Ordinal)) throw new ArgumentException("TargetHost cannot have ://");
        var scheme = EffectiveTls() is null ? Uri.UriSchemeHttp : Uri.UriSchemeHttps;
        if (!Uri.TryCreate($"{scheme}://{TargetHost}", UriKind.Absolute, out var address)
            || address.PathAndQuery != "/" || address.UserInfo.Length > 0
            || !TargetHost.EndsWith(address.Port.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal) || address.Port == 0)
            throw new ArgumentException($"TargetHost was '{TargetHost}'; give it as host:port, for instance localhost:7233.");
        return address;
    }
}
