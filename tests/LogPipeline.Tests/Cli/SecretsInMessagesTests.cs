using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Cli;

/// <summary>A secret that stands where it does not belong is in no message.</summary>
public sealed class SecretsInMessagesTests : IDisposable
{
    const string Secret = "hunter2";
    const string Key = "aHVudGVyMmh1bnRlcjJodW50ZXIyaHVudGVyMjEyMzQ=";
    const string HexKey = "68756e7465723268756e7465723268756e7465723268756e7465723231323334";

    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Theory]
    [InlineData("http://bob:hunter2@loki:3100", "http://(secret)@loki:3100")]
    [InlineData("htp://bob:hun/t@er2@loki:x", "htp://(secret)@loki:x")]
    [InlineData("bob:hunter2@temporal:7233", "(secret)@temporal:7233")]
    [InlineData("hunter2@temporal", "(secret)@temporal")]
    [InlineData("https://loki/push?token=hunter2&a=hunter2#t=hunter2", "https://loki/push?(secret)")]
    [InlineData("Host=db;Password=hunter2 ;x", "Host=db;Password=(secret)")]
    [InlineData("Authorization: Bearer hunter2", "Authorization: (secret)")]
    [InlineData($"main:{Key}", "main:(secret)")]
    [InlineData(HexKey, "(secret)")]
    [InlineData("/var/lib/logpipeline/keys/production/keyfile-2", "/var/lib/logpipeline/keys/production/keyfile-2")]
    [InlineData("temporal.example.com:7233", "temporal.example.com:7233")]
    [InlineData("{Timestamp:yyyy} [{Level:u3}] token={Token} {@x}", "{Timestamp:yyyy} [{Level:u3}] token={Token} {@x}")]
    [InlineData("http://localhost:8080,http://localhost:8233", "http://localhost:8080,http://localhost:8233")]
    [InlineData("20s", "20s")]
    public void WhatMayBeASecretInAValueIsReplacedAndTheRestStays(string value, string shown) =>
        ShownValue.Masked(value).ShouldBe(shown);

    [Fact]
    public void ASecretBehindTheCutIsMaskedBeforeItIsCut() =>
        ShownValue.Of("LOG_LOKI_URL", $"htp://bob:{new string('x', 70)}hunter2@loki:3100")
            .ShouldBe("htp://(secret)@loki:3100");

    public static TheoryData<string, string> Wrong() => new()
    {
        { "LOG_LOKI_URL", "http:/bob:hunter2@loki:3100" },
        { "LOG_LOKI_URL", "bob:hunter2@loki:3100" },
        { "LOG_LOKI_URL", "http://loki:3100?token=hunter2" },
        { "LOG_LOKI_URL", "http://loki:3100#hunter2=hunter2" },
        { "LOG_LOKI_URL", $"ftp://bob:{Secret}@loki" },
        { "TEMPORAL_ADDRESS", $"bob:{Secret}@temporal:7233" },
        { "TEMPORAL_ADDRESS", $"https://bob:{Secret}@temporal:7233" },
        { "TEMPORAL_ADDRESS", $"temporal:7233?api_key={Secret}" },
        { "LOG_ENCRYPTION_KEYS_FILE", $"main:{Key}" },
        { "LOG_ENCRYPTION_KEYS_FILE", Key },
        { "LOG_ENCRYPTION_KEYS_FILE", HexKey },
        { "LOG_ENCRYPTION_KEYS_FILE", $"main:{Secret}" },
        { "LOG_ENCRYPTION_KEY_ID", Key },
        { "LOG_ENCRYPTION_KEY_ID", HexKey },
        { "LOG_ENCRYPTION_KEYS", Secret },
        { "LOG_ENCRYPTION_KEYS", $"main:{Secret}" },
        { "LOG_ENCRYPTION_KEYS", $"{HexKey}:main" },
        { "LOG_CODEC_ORIGINS", $"https://bob:{Secret}@host" },
        { "LOG_TEMPORAL_UI_URL", $"https://bob:{Secret}@host" },
        { "LOG_HTTP_IP", $"bob:{Secret}@127.0.0.1" },
        { "LOG_LEVEL", $"token={Secret}" },
        { "LOG_LEDGER_CONNECTION", $"postgres://bob:{Secret}@db/logs" },
        { "LOG_LOKI_PASSWORD", Secret },
        { "LOG_LOKI_TOKEN", $"{Secret} x" },
        { "LOG_HTTP_TOKEN", Secret },
        { "LOG_WORKER_NAME", $"bob:{Secret}@x" },
        { "TEMPORAL_API_KEY", $"{Secret}\n" },
        { "TEMPORAL_CONFIG_FILE", "temporal.toml" },
    };

    [Theory, MemberData(nameof(Wrong))]
    public async Task NoProgramRepeatsASecretThatStandsWhereItDoesNotBelong(string variable, string value)
    {
        // A quotation mark is missing.
        await File.WriteAllTextAsync(_directory.File("temporal.toml"),
            $"[profile.default]\naddress = \"x:1\"\napi_key = \"{Secret}\n");
        foreach (var verb in (string[][])(variable.StartsWith("TEMPORAL", StringComparison.Ordinal)
            ? [["config", "show"], ["test-temporal"], ["send", "temporal.toml"], ["doctor"]] : [["config", "show"], ["doctor"]]))
        {
            await using var run = await ChildProcess.RunAsync("dotnet", [typeof(LogWorkerOptions).Assembly.Location, .. verb],
                new Dictionary<string, string>
                {
                    ["TEMPORAL_ADDRESS"] = "127.0.0.1:1", ["LOG_CLOSE_TIMEOUT"] = "100ms", [variable] = value,
                }, _directory.Path);
            foreach (var secret in (string[])[Secret, Key, HexKey])
                run.Everything.ShouldNotContain(secret, Case.Insensitive, string.Join(' ', verb));
            run.Everything.ShouldNotBeEmpty();
        }
    }

    [Theory]
    [InlineData("--loki-password", Secret)]
    [InlineData("--token", Secret, "verify")]
    [InlineData($"--token={Secret}")]
    [InlineData("--output", $"http://bob:{Secret}@loki", "verify")]
    [InlineData("verify", "--output", $"http://bob:{Secret}@loki")]
    [InlineData($"http://bob:{Secret}@loki")]
    [InlineData("send", "--skip", $"password={Secret}", "x")]
    public async Task NorDoesItRepeatThatOfACommandLine(params string[] arguments)
    {
        await using var run = await ChildProcess.RunAsync("dotnet",
            [typeof(LogWorkerOptions).Assembly.Location, .. arguments], null, _directory.Path);
        run.ExitCode.ShouldBe(2, run.Everything);
        run.Everything.ShouldNotContain(Secret);
        // An unknown option is named without its value.
        if (!run.Everything.Contains("There is no option", StringComparison.Ordinal)) run.Everything.ShouldContain("(secret)");
    }

    [Theory]
    [InlineData($"bob:{Secret}@temporal:7233")]
    [InlineData($"https://bob:{Secret}@temporal")]
    public void NorDoesTheSink(string address)
    {
        var options = new TemporalSinkOptions { Address = address };
        Should.Throw<ConfigurationException>(() => SinkOptionsReader.Settle(options, _ => null)).Message
            .ShouldNotContain(Secret);
        var variables = new Dictionary<string, string?>
        {
            ["TEMPORAL_ADDRESS"] = address, ["LOG_SOURCE"] = $"token={Secret}", ["LOG_CHANNEL"] = "a\0",
        };
        Should.Throw<ConfigurationException>(() => SinkOptionsReader.Settle(new TemporalSinkOptions(),
            variables.GetValueOrDefault)).Message.ShouldNotContain(Secret);
    }

    [Theory]
    [InlineData($"{HexKey}:c2hvcnQ=")]
    [InlineData($"a:{Secret}")]
    [InlineData($"{Key}")]
    public void NorDoesARingOfKeys(string text) => Should.Throw<FormatException>(() => KeyRing.Parse(text)).Message
        .ShouldNotContain(text.Split(':')[0].Length > 1 ? text.Split(':')[0] : Secret);
}
