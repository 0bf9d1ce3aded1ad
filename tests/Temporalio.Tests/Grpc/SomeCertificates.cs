using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace Temporalio.Tests.Grpc;

/// <summary>A certificate authority of a test's own, and what it signs.</summary>
sealed class SomeCertificates
{
    readonly X509Certificate2 _authority;

    public SomeCertificates(string name)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    public byte[] AuthorityPem => Encoding.ASCII.GetBytes(_authority.ExportCertificatePem());

    public X509Certificate2 Server(string dnsName)
    {
        var (certificate, key) = Sign($"CN={dnsName}", dnsName);
        using (certificate)
        using (key)
        using (var whole = certificate.CopyWithPrivateKey(key))
            return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }

    public (byte[] Certificate, byte[] Key) Client(string name)
    {
        var (certificate, key) = Sign($"CN={name}", null);
        using (certificate)
        using (key)
            return (Encoding.ASCII.GetBytes(certificate.ExportCertificatePem()), Encoding.ASCII.GetBytes(key.ExportPkcs8PrivateKeyPem()));
    }

    (X509Certificate2, ECDsa) Sign(string subject, string? dnsName)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            if (dnsName == "localhost") names.AddIpAddress(IPAddress.Loopback);
            request.CertificateExtensions.Add(names.Build());
        }
        var certificate = request.Create(
            _authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1), RandomNumberGenerator.GetBytes(8));
        return (certificate, key);
    }
}
