namespace Temporalio.Client;

/// <summary>TLS towards the server. Even an empty instance turns it on.</summary>
public class TlsOptions : ICloneable
{
    /// <summary>PEM of the only roots trusted. Null: what the machine trusts.</summary>
    public byte[]? ServerRootCACert { get; set; }

    /// <summary>The name that the server's certificate must have; also sent as SNI and authority. Null: the target host.</summary>
    public string? Domain { get; set; }

    /// <summary>PEM of the client's certificate, its chain behind it, for mTLS. Needs <see cref="ClientPrivateKey"/>.</summary>
    public byte[]? ClientCert { get; set; }

    /// <summary>PEM of the client's key, not encrypted.</summary>
    public byte[]? ClientPrivateKey { get; set; }

    /// <summary>No TLS after all, even though an API key is set, which would otherwise turn it on.</summary>
    public bool Disabled { get; set; }

    /// <summary>A shallow copy; the byte arrays are shared.</summary>
    public virtual object Clone() => MemberwiseClone();
}
