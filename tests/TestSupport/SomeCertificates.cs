using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace LogPipeline.TestSupport;

/// <summary>A certificate authority of a test's own, and servers' certificates that it signs, as PEM files.</summary>
public sealed class SomeCertificates
{
    readonly TempDirectory _folder;
    readonly X509Certificate2 _authority;

    public SomeCertificates(TempDirectory folder, string name = "authority")
    {
        _folder = folder;
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
        AuthorityFile = folder.File($"{name}.pem");
        File.WriteAllText(AuthorityFile, _authority.ExportCertificatePem());
    }

    public string AuthorityFile { get; }

    /// <param name="dnsName">Whose it is; localhost's holds its address too.</param>
    /// <param name="until">Its last moment; null: tomorrow.</param>
    public (string CertificateFile, string KeyFile) Server(string dnsName, DateTimeOffset? until = null)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        if (dnsName == "localhost") names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using var certificate = request.Create(_authority, DateTimeOffset.UtcNow.AddDays(-20), until ?? DateTimeOffset.UtcNow.AddDays(1),
            RandomNumberGenerator.GetBytes(8));
        var file = _folder.File($"server-{Some.Number()}");
        File.WriteAllText($"{file}.pem", certificate.ExportCertificatePem());
        File.WriteAllText($"{file}.key", key.ExportPkcs8PrivateKeyPem());
        return ($"{file}.pem", $"{file}.key");
    }
}
