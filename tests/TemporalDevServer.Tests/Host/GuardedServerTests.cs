using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Temporalio.Client;

namespace TemporalDevServer.Tests.Host;

/// <summary>A server that others reach: TLS and an API key.</summary>
public sealed class GuardedServerTests : IDisposable
{
    const string Key = "the-key-of-this-test";

    readonly TempDirectory _folder = new();
    readonly byte[] _certificate;

    public GuardedServerTests()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        // The SDK's TLS refuses an authority's certificate as a server's own.
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        using var certificate = request.CreateSelfSigned(
            DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        _certificate = System.Text.Encoding.ASCII.GetBytes(certificate.ExportCertificatePem());
        File.WriteAllBytes(CertificateFile, _certificate);
        File.WriteAllText(KeyFile, key.ExportPkcs8PrivateKeyPem());
    }

    string CertificateFile => Path.Combine(_folder.Path, "server.pem");
    string KeyFile => Path.Combine(_folder.Path, "server.key");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task AnAddressThatOthersReachIsServedWithTlsAndAKey()
    {
        await using var server = await StartAsync(IPAddress.Any);
        var client = Connect(server, Key);
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(0);
    }

    [Theory]
    [InlineData(null)]
    [InlineData("another-key")]
    [InlineData("the-key-of-this-tes")]
    public async Task ACallWithoutTheKeyIsRefused(string? key)
    {
        await using var server = await StartAsync(IPAddress.Loopback);
        var refused = await Should.ThrowAsync<InvalidOperationException>(
            async () => await Connect(server, key).CountWorkflowsAsync(""));
        refused.Message.ShouldContain("Unauthenticated");
        refused.Message.ShouldContain("the API key is missing or wrong");
    }

    [Theory]
    [InlineData("Check")]
    [InlineData("Watch")]
    public async Task SoIsAQuestionForItsHealth(string call)
    {
        await using var server = await DevServer.StartAsync(new DevServerOptions { ApiKey = Key });
        using var http = new HttpClient();
        // One message, which is empty.
        using var content = new ByteArrayContent(new byte[5]);
        content.Headers.ContentType = new("application/grpc");
        var url = new Uri($"http://{server.Address}/grpc.health.v1.Health/{call}");
        using var request = new HttpRequestMessage(HttpMethod.Post, url)
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = content,
        };
        // A watch that is let through answers without end.
        using var answer = await http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        answer.Headers.TryGetValues("grpc-status", out var status).ShouldBeTrue();
        status.ShouldBe(["16"]);
    }

    [Theory]
    [InlineData(true, false)]
    [InlineData(false, true)]
    [InlineData(false, false)]
    public async Task WithoutBothAnAddressThatOthersReachIsRefused(bool tls, bool key)
    {
        var options = new DevServerOptions
        {
            Ip = IPAddress.Any,
            TlsCertificateFile = tls ? CertificateFile : null,
            TlsKeyFile = tls ? KeyFile : null,
            ApiKey = key ? Key : null,
        };
        (await Should.ThrowAsync<DevServerOptionsException>(() => DevServer.StartAsync(options))).Errors
            .ShouldHaveSingleItem().ShouldContain("0.0.0.0");
    }

    [Fact]
    public async Task TheCertificatesBehindTheServersOwnAreShownToo()
    {
        var now = DateTimeOffset.UtcNow;
        using var rootKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var root = Authority("root", rootKey).CreateSelfSigned(now.AddDays(-2), now.AddDays(2));
        using var betweenKey = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var between = Authority("between", betweenKey)
            .Create(root, now.AddDays(-1), now.AddDays(1), [1]).CopyWithPrivateKey(betweenKey);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        request.CertificateExtensions.Add(names.Build());
        using var own = request.Create(between, now.AddHours(-1), now.AddHours(1), [2]);
        await File.WriteAllTextAsync(
            CertificateFile, $"{own.ExportCertificatePem()}\n{between.ExportCertificatePem()}\n");
        await File.WriteAllTextAsync(KeyFile, key.ExportPkcs8PrivateKeyPem());
        await using var server = await StartAsync(IPAddress.Loopback);

        // Who trusts the root alone has to be shown the one between.
        var client = Connect(server, Key, root.ExportCertificatePem());

        (await client.CountWorkflowsAsync("")).Count.ShouldBe(0);
    }

    static CertificateRequest Authority(string name, ECDsa key)
    {
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        return request;
    }

    Task<DevServer> StartAsync(IPAddress ip) =>
        DevServer.StartAsync(new DevServerOptions
        {
            Ip = ip,
            TlsCertificateFile = CertificateFile,
            TlsKeyFile = KeyFile,
            ApiKey = Key,
        });

    TemporalClient Connect(DevServer server, string? key, string? trusted = null) =>
        TemporalClient.CreateLazy(new TemporalClientConnectOptions($"localhost:{server.Port}")
        {
            Tls = new TlsOptions
            {
                ServerRootCACert = trusted is null ? _certificate : System.Text.Encoding.ASCII.GetBytes(trusted),
            },
            ApiKey = key,
        });
}
