using LogPipeline.Publisher;
using LogPipeline.Publisher.Options;
using LogPipeline.TestSupport;
using LogPipeline.Worker;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Codecs;

public sealed class SinkEncryptionTests
{
    static TemporalSinkOptions Settle(TemporalSinkOptions options, params (string Name, string Value)[] variables) =>
        SinkOptionsReader.Settle(options, name => variables.FirstOrDefault(variable => variable.Name == name).Value);

    [Fact]
    public void KeysComeFromCodeOrFromTheEnvironmentWhichWins()
    {
        var code = new TemporalSinkOptions { Codec = { EncryptionKeys = SomeKeys.Ring($"code:{SomeKeys.Old},other:{SomeKeys.New}") } };
        Settle(code).Codec.EncryptionKeys!.EncryptingId.ShouldBe("code");
        Settle(code, ("LOG_ENCRYPTION_KEY_ID", "other")).Codec.EncryptionKeys!.EncryptingId.ShouldBe("other");
        Settle(code, ("LOG_ENCRYPTION_KEYS", $"set:{SomeKeys.Old}")).Codec.EncryptionKeys!.Ids.ShouldBe(["set"]);
    }

    [Fact]
    public void OptionsPrintNoKey() =>
        new TemporalSinkOptions { Codec = { EncryptionKeys = SomeKeys.Ring($"code:{SomeKeys.Old}") } }.ToString()
            .ShouldNotContain(SomeKeys.Old);

    [Fact]
    public async Task ABadKeyEndsTheWorkerWithSeventyEightAndIsNotRepeated()
    {
        await using var worker = await ChildProcess.RunAsync("dotnet", [typeof(LogWorkerOptions).Assembly.Location, "--daemon"],
            new Dictionary<string, string> { ["LOG_ENCRYPTION_KEYS"] = $"a:{SomeKeys.Old[..20]}", ["TEMPORAL_ADDRESS"] = "127.0.0.1:1" });
        worker.ExitCode.ShouldBe(78);
        worker.Errors.Trim()
            .ShouldBe("LOG_ENCRYPTION_KEYS: The key 'a' has 15 bytes where AES-256 takes 32; one is made by 'openssl rand -base64 32'.");
    }

    [Fact]
    public void TheSinkRefusesABadKey() =>
        Should.Throw<ConfigurationException>(() => Settle(new(), ("LOG_ENCRYPTION_KEYS", "a:b"))).Message.ShouldContain("'a'");
}
