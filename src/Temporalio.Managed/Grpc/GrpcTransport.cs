using System.Net;
using System.Net.Http;
using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Temporalio.Client;

namespace Temporalio.Grpc;

/// <summary>The HTTP/2 handler below a connection.</summary>
static class GrpcTransport
{
    // Temporal's frontend ends a connection whose pings come faster than this ("too_many_pings").
    static readonly TimeSpan PingIntervalMin = TimeSpan.FromSeconds(10);

    // Temporal asks clients every five minutes to open a new connection (GOAWAY), which finds new addresses in DNS too. This
    // is for what stands between and does not: longer than Temporal's own, so that it usually never comes to it.
    static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(10);

    // A call has 30 s: one address that swallows packets must not use them up.
    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="ArgumentException">The options contradict each other or hold a certificate that cannot be read.</exception>
    public static SocketsHttpHandler CreateHandler(TlsOptions? tls, KeepAliveOptions? keepAlive, string host)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            PooledConnectionLifetime = ConnectionLifetime,
            ConnectTimeout = ConnectTimeout,
            AllowAutoRedirect = false,
            AutomaticDecompression = DecompressionMethods.None,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        if (keepAlive is not null)
        {
            // Also while nothing is asked for: a link that died is noticed before the next call needs it.
            handler.KeepAlivePingPolicy = HttpKeepAlivePingPolicy.Always;
            handler.KeepAlivePingDelay = keepAlive.Interval < PingIntervalMin ? PingIntervalMin : keepAlive.Interval;
            handler.KeepAlivePingTimeout = keepAlive.Timeout < TimeSpan.FromSeconds(1) ? TimeSpan.FromSeconds(1) : keepAlive.Timeout;
        }
        if (tls is not null) handler.SslOptions = CreateTls(tls, host);
        return handler;
    }

    static SslClientAuthenticationOptions CreateTls(TlsOptions tls, string host)
    {
        var options = new SslClientAuthenticationOptions
        {
            TargetHost = string.IsNullOrEmpty(tls.Domain) ? host : tls.Domain,
            EnabledSslProtocols = SslProtocols.Tls12 | SslProtocols.Tls13,
        };
        if (tls.ServerRootCACert is { Length: > 0 } roots)
        {
            options.CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust,
                RevocationMode = X509RevocationMode.NoCheck,
            };
            options.CertificateChainPolicy.CustomTrustStore.AddRange(ReadCertificates(roots, nameof(TlsOptions.ServerRootCACert)));
        }
        var hasCertificate = tls.ClientCert is { Length: > 0 };
        if (hasCertificate != tls.ClientPrivateKey is { Length: > 0 })
            throw new ArgumentException("Client cert and private key must both be present or neither when TlsOptions is configured");
        if (hasCertificate) options.ClientCertificateContext = ReadClientCertificate(tls.ClientCert!, tls.ClientPrivateKey!);
        return options;
    }

    static SslStreamCertificateContext ReadClientCertificate(byte[] certificate, byte[] key)
    {
        var chain = ReadCertificates(certificate, nameof(TlsOptions.ClientCert));
        X509Certificate2 leaf;
        try
        {
            leaf = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(certificate), Encoding.UTF8.GetString(key));
        }
        catch (Exception e) when (e is CryptographicException or ArgumentException)
        {
            throw new ArgumentException($"TlsOptions.ClientPrivateKey is not the PEM key of TlsOptions.ClientCert: {e.Message}", e);
        }
        chain.RemoveAt(0);
        return SslStreamCertificateContext.Create(leaf, chain, offline: true);
    }

    static X509Certificate2Collection ReadCertificates(byte[] pem, string option)
    {
        var certificates = new X509Certificate2Collection();
        try
        {
            certificates.ImportFromPem(Encoding.UTF8.GetString(pem));
        }
        catch (CryptographicException e)
        {
            throw new ArgumentException($"TlsOptions.{option} is not a PEM certificate: {e.Message}", e);
        }
        return certificates.Count > 0
            ? certificates
            : throw new ArgumentException($"TlsOptions.{option} holds no PEM certificate (-----BEGIN CERTIFICATE-----).");
    }
}
