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
        var certificates = new SomeCertificates(folder);
        var (certificate, key) = certificates.Server("localhost");
        await using var server = await DevServer.StartAsync(
            new DevServerOptions { TlsCertificateFile = certificate, TlsKeyFile = key, ApiKey = Key });
        WriteProfile("a-key-of-yesterday");
        await using var sink = new TemporalSink(
            new TemporalSinkOptions { SpoolDirectory = folder.File("spool"), Breaker = { DeniedDelay = TimeSpan.FromSeconds(1) } },
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
            server_ca_cert_path = "{certificates.AuthorityFile}"
            """);

        Task Sees(Func<PublisherStats, bool> condition) =>
            Eventually.GetAsync(() => Task.FromResult(sink.Stats), condition, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(10));
    }
}
