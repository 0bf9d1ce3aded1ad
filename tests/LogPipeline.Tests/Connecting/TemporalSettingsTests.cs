using System.Diagnostics;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using TemporalDevServer;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace LogPipeline.Tests.Connecting;

public sealed class TemporalSettingsTests
{
    [Fact]
    public async Task ALinkThatDiedSilentlyIsNoticedAndTheNextCallGoesOverANewOne()
    {
        await using var server = await DevServer.StartAsync();
        await using var proxy = new TcpProxy(server.Address);
        var client = await TemporalClient.ConnectAsync(
            TemporalSettings.Read(new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = proxy.Address }));
        // A firewall forgets the connection; new ones pass.
        proxy.Set(Link.BlackHoled);
        proxy.Set(Link.Passing);
        var watch = Stopwatch.StartNew();
        await Should.ThrowAsync<RpcException>(() => AskAsync());
        // 15 s and 5 s, and the way; the package's own would take 30 s and 15 s.
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromSeconds(28));
        await AskAsync();

        Task AskAsync() => client.Connection.WorkflowService.GetSystemInfoAsync(new GetSystemInfoRequest(),
            new RpcOptions { Timeout = TimeSpan.FromMinutes(1) });
    }

    [Fact]
    public void AnEmptyVariableCountsAsUnset()
    {
        string[] names = ["TEMPORAL_ADDRESS", "TEMPORAL_NAMESPACE", "TEMPORAL_API_KEY", "TEMPORAL_TLS", "TEMPORAL_TLS_SERVER_NAME",
            "TEMPORAL_TLS_CLIENT_CERT_PATH"];
        var options = TemporalSettings.Read(TemporalSettings.Variables(name => names.Contains(name) ? "" :
            name == "TEMPORAL_CONFIG_FILE" ? "/nowhere/temporal.toml" : null));
        options.TargetHost.ShouldBe("localhost:7233");
        options.Namespace.ShouldBe("default");
        TemporalSettings.UsesTls(options).ShouldBeFalse();
    }

    [Theory]
    [InlineData("TEMPORAL_API_KEY", "a key\n",
        "TEMPORAL_API_KEY, or the api_key in temporal.toml, holds a line break or another character that no key has; give the key alone.")]
    [InlineData("TEMPORAL_ADDRESS", "https://some.host:7233",
        "TEMPORAL_ADDRESS was 'https://some.host:7233'; use HOST:PORT, such as localhost:7233.")]
    public void WhatCannotBeUsedIsToldBeforeAnyConnect(string variable, string value, string sentence) =>
        Should.Throw<ConfigurationException>(() =>
            TemporalSettings.Read(new Dictionary<string, string> { [variable] = value })).Errors.ShouldBe([sentence]);

    [Fact]
    public async Task AProfileIsChosenByItsVariableWhereverVariablesComeFrom()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(
            folder.File("temporal.toml"), "[profile.default]\naddress = \"one:7233\"\n[profile.other]\naddress = \"two:7233\"\n");
        TemporalSettings.Read(TemporalSettings.Variables(name => name switch
        {
            "TEMPORAL_CONFIG_FILE" => folder.File("temporal.toml"),
            "TEMPORAL_PROFILE" => "other",
            _ => null,
        })).TargetHost.ShouldBe("two:7233");
    }

    [Fact]
    public void HeadersAreReadWhereverVariablesComeFrom()
    {
        const string variable = "TEMPORAL_GRPC_META_X_TEAM";
        Environment.SetEnvironmentVariable(variable, "one");
        try
        {
            // As a verb does that lets its flags win over some of the variables.
            var options = TemporalSettings.Read(TemporalSettings.Variables(
                name => name == "LOG_SOURCE" ? "of a flag" : Environment.GetEnvironmentVariable(name)));
            options.RpcMetadata.ShouldNotBeNull().ShouldContain(header => header.Key == "x-team" && header.Value == "one");
            TemporalSettings.Variables(_ => null).ShouldBeEmpty();
        }
        finally
        {
            Environment.SetEnvironmentVariable(variable, null);
        }
    }

    [Fact]
    public async Task AnAddressInTheFileIsCheckedAsWell()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(folder.File("temporal.toml"), "[profile.default]\naddress = \"some.host\"\n");
        Should.Throw<ConfigurationException>(() =>
            TemporalSettings.Read(new Dictionary<string, string> { ["TEMPORAL_CONFIG_FILE"] = folder.File("temporal.toml") }))
            .Errors.ShouldBe(["The address in temporal.toml was 'some.host'; use HOST:PORT, such as localhost:7233."]);
    }
}
