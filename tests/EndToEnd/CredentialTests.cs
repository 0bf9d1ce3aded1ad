using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using TemporalDevServer;

namespace LogPipeline.EndToEnd;

public sealed class CredentialTests
{
    const string Key = "the-key-of-this-test";

    [Fact]
    public async Task AKeyThatIsCorrectedInTheFileIsTakenByARunningSink()
    {
        using var folder = new TempDirectory();
        WriteCertificate(folder.File("server.pem"), folder.File("server.key"));
        await using var server = await DevServer.StartAsync(new DevServerOptions { TlsCertificateFile = folder.File("server.pem"), TlsKeyFile = folder.File("server.key"), ApiKey = Key });
        WriteProfile("a-key-of-yesterday");
        await using var sink = new TemporalSink(
            new TemporalSinkOptions { SpoolDirectory = folder.File("spool"), DeniedDelay = TimeSpan.FromSeconds(1) },
            environment: name => name == "TEMPORAL_CONFIG_FILE" ? folder.File("temporal.toml") : null);
        await using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        for (var i = 0; i < 5; i++) logger.Information("event {I}", i);

        await Sees(stats => stats is { Breaker: BreakerState.Denied, Spooled: 5 });
        sink.Stats.LastError!.ShouldContain("TEMPORAL_API_KEY");
        sink.Stats.FailuresInRow.ShouldBe(0);
        WriteProfile(Key);
        await Sees(stats => stats is { Breaker: BreakerState.Closed, Accepted: 5, Spooled: 0, LastError: null });

        void WriteProfile(string key) => File.WriteAllText(folder.File("temporal.toml"), $"""
            [profile.default]
            address = "localhost:{server.Port}"
            api_key = "{key}"
            [profile.default.tls]
            server_ca_cert_path = "{folder.File("server.pem")}"
            """);

        Task Sees(Func<PublisherStats, bool> condition) => Eventually.GetAsync(() => Task.FromResult(sink.Stats), condition, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(10));
    }

    static void WriteCertificate(string certificateFile, string keyFile)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=localhost", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        File.WriteAllText(certificateFile, certificate.ExportCertificatePem());
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem());
    }
}
