using LogPipeline.TestSupport;
using Temporalio.Common.EnvConfig;

namespace Temporalio.Tests.Client;

public sealed class EnvConfigTests
{
    const string File = """
        # Two profiles.
        [profile.default]
        address = "file:7233"
        namespace = 'from-file'

        [profile.default.grpc_meta]
        Some_Key = "file"
        other = "file"

        [profile.prod]
        address = "prod:7233"
        api_key = "key"
        tls = { server_name = "name", client_cert_data = "cert", client_key_data = "key" }
        """;

    [Fact]
    public void WithoutFileAndVariablesNothingIsSaid()
    {
        var options = ClientEnvConfig.LoadClientConnectOptions(new() { DisableFile = true, OverrideEnvVars = Variables() });
        options.TargetHost.ShouldBeNull();
        options.Namespace.ShouldBe("default");
        options.Tls.ShouldBeNull();
        options.ApiKey.ShouldBeNull();
        options.RpcMetadata.ShouldBeNull();
    }

    [Fact]
    public void VariablesWinOverTheFile()
    {
        var options = Load(File, ("TEMPORAL_ADDRESS", "env:7233"), ("TEMPORAL_GRPC_META_SOME_KEY", "env"), ("TEMPORAL_GRPC_META_OTHER", ""));
        options.TargetHost.ShouldBe("env:7233");
        options.Namespace.ShouldBe("from-file");
        options.RpcMetadata.ShouldBe([new("some-key", "env")]);
    }

    [Fact]
    public void AnEmptyVariableIsUnset()
    {
        var options = Load(
            File, ("TEMPORAL_ADDRESS", ""), ("TEMPORAL_NAMESPACE", ""), ("TEMPORAL_API_KEY", ""), ("TEMPORAL_TLS", ""),
            ("TEMPORAL_TLS_CLIENT_CERT_PATH", ""), ("TEMPORAL_TLS_SERVER_NAME", ""), ("TEMPORAL_PROFILE", ""));
        options.TargetHost.ShouldBe("file:7233");
        options.Namespace.ShouldBe("from-file");
        options.ApiKey.ShouldBeNull();
        options.Tls.ShouldBeNull();
    }

    [Fact]
    public void AProfileIsChosenByOptionElseByVariable()
    {
        Load(File, ("TEMPORAL_PROFILE", "prod")).TargetHost.ShouldBe("prod:7233");
        ClientEnvConfig.LoadClientConnectOptions(new()
        {
            Profile = "default", ConfigSource = DataSource.FromUTF8String(File), OverrideEnvVars = Variables(("TEMPORAL_PROFILE", "prod")),
        }).TargetHost.ShouldBe("file:7233");
    }

    [Fact]
    public void AnApiKeyOrATlsTableTurnsTlsOn()
    {
        var options = Load(File, ("TEMPORAL_PROFILE", "prod"));
        options.Tls!.Domain.ShouldBe("name");
        options.Tls.ClientCert.ShouldBe("cert"u8.ToArray());
        options.Tls.ClientPrivateKey.ShouldBe("key"u8.ToArray());
        Load("", ("TEMPORAL_API_KEY", "key")).Tls.ShouldNotBeNull().Disabled.ShouldBeFalse();
        Load("", ("TEMPORAL_API_KEY", "key"), ("TEMPORAL_TLS", "false")).Tls!.Disabled.ShouldBeTrue();
        Load("", ("TEMPORAL_TLS", "1")).Tls.ShouldNotBeNull();
    }

    [Theory]
    [InlineData("TEMPORAL_TLS", "yes", "TEMPORAL_TLS was 'yes'; use true, false, 1 or 0.")]
    [InlineData("TEMPORAL_TLS_DISABLE_HOST_VERIFICATION", "true", "cannot be used here")]
    [InlineData("TEMPORAL_PROFILE", "test", "there is no profile 'test'; the file has default, prod.")]
    public void AVariableThatCannotBeUsedIsNamed(string name, string value, string why) =>
        Should.Throw<InvalidOperationException>(() => Load(File, (name, value))).Message.ShouldContain(why);

    [Theory]
    [InlineData("CLIENT_CERT")]
    [InlineData("CLIENT_KEY")]
    [InlineData("SERVER_CA_CERT")]
    public void PathAndDataExcludeEachOther(string what)
    {
        string path = $"TEMPORAL_TLS_{what}_PATH", data = $"TEMPORAL_TLS_{what}_DATA";
        Should.Throw<InvalidOperationException>(() => Load("", (path, "/a"), (data, "b")))
            .Message.ShouldBe($"Configuration loading error: {path} and {data} were both set; leave one of them out.");
        var key = what.ToLowerInvariant();
        Should.Throw<InvalidOperationException>(() => Load($"[profile.default.tls]\n{key}_path = '/a'\n{key}_data = 'b'"))
            .Message.ShouldBe($"Configuration loading error: the configuration, line 3: {key}_path and {key}_data are both set; leave one of them out.");
        Should.Throw<InvalidOperationException>(() => Load($"[profile.default.tls]\n{key}_path = '/a'", (data, "b"))).Message.ShouldContain(data);
        Should.Throw<InvalidOperationException>(() => Load($"[profile.default.tls]\n{key}_data = 'a'", (path, "/b"))).Message.ShouldContain(path);
    }

    [Fact]
    public void FilesAreFoundAndReadAndMissingOnesAreAsGoodAsEmpty()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "temporal.toml");
        Variable().TargetHost.ShouldBeNull();
        System.IO.File.WriteAllText(file, File);
        Variable().TargetHost.ShouldBe("file:7233");
        ClientEnvConfig.Load(new() { ConfigSource = DataSource.FromPath(file), OverrideEnvVars = Variables() }).Profiles.Keys.ShouldBe(["default", "prod"], ignoreOrder: true);

        System.IO.File.WriteAllText(file, "[profile.default]\naddress = localhost");
        Should.Throw<InvalidOperationException>(Variable).Message.ShouldBe(
            $"Configuration loading error: {file}, line 2: 'localhost' is no value; put texts in quotes.");

        Temporalio.Client.TemporalClientConnectOptions Variable() =>
            ClientEnvConfig.LoadClientConnectOptions(new() { OverrideEnvVars = Variables(("TEMPORAL_CONFIG_FILE", file)) });
    }

    [Fact]
    public void ACertificateThatCannotBeReadNamesItsFile() =>
        Should.Throw<InvalidOperationException>(() => Load("", ("TEMPORAL_TLS_SERVER_CA_CERT_PATH", "/no/such/ca.pem")))
            .Message.ShouldContain("the server CA certificate in '/no/such/ca.pem' cannot be read");

    [Fact]
    public void StrictRefusesWhatNobodyKnows()
    {
        const string text = "[profile.default]\naddress = 'a:1'\nadress = 'b:1'";
        Load(text).TargetHost.ShouldBe("a:1");
        Should.Throw<InvalidOperationException>(() => ClientEnvConfig.Load(new() { ConfigSource = DataSource.FromUTF8String(text), ConfigFileStrict = true }))
            .Message.ShouldBe("Configuration loading error: the configuration, line 3: 'adress' is not known here; known are address, namespace, api_key, tls, codec, grpc_meta.");
    }

    [Fact]
    public void ProfilesComeBackFromTheirDictionaries()
    {
        var config = ClientEnvConfig.Load(new() { ConfigSource = DataSource.FromUTF8String(File) });
        var back = ClientEnvConfig.FromDictionary(config.ToDictionary());
        back.ToDictionary()["prod"].Keys.ShouldBe(["address", "api_key", "tls"], ignoreOrder: true);
        back.Profiles["prod"].Tls!.ClientCert!.Data.ShouldBe("cert"u8.ToArray());
        back.Profiles["default"].GrpcMeta!["some-key"].ShouldBe("file");
    }

    static Temporalio.Client.TemporalClientConnectOptions Load(string file, params (string, string)[] variables) =>
        ClientEnvConfig.LoadClientConnectOptions(new() { ConfigSource = DataSource.FromUTF8String(file), OverrideEnvVars = Variables(variables) });

    static Dictionary<string, string> Variables(params (string Name, string Value)[] variables) =>
        variables.ToDictionary(each => each.Name, each => each.Value);
}
