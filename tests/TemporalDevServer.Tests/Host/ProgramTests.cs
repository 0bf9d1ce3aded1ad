namespace TemporalDevServer.Tests.Host;

/// <summary>The server as a program, by itself and as a verb of the worker's.</summary>
public sealed class ProgramTests
{
    public static TheoryData<string, string> Programs =>
        new() { { "temporal-dev-server", "" }, { "logworker", "server" } };

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task TheFirstLineSaysWhereTheServerIsWhereStateIsKeptAndWhatItIsFor(string program, string verb)
    {
        await using var server = Start(
            program, verb, "--port", "0", "--namespace", "one", "--namespace", "two", "--headless", "--log-level",
            "error", "--dynamic-config-value", "frontend.enableExecuteMultiOperation=true");
        var line = await server.LineAsync(
            line => line.StartsWith("Temporal development server at 127.0.0.1:", StringComparison.Ordinal));
        line.ShouldContain("State is kept in memory");
        line.ShouldContain("production means a real Temporal cluster");
        (await server.StopAsync(TimeSpan.FromSeconds(10))).ShouldBeTrue();
        server.ExitCode.ShouldBe(0);
    }

    [Theory]
    [InlineData("needs TLS (certificate and key) and an API key", "--ip", "0.0.0.0")]
    [InlineData("needs TLS (certificate and key) and an API key", "--ip", "0.0.0.0", "--api-key", "secret")]
    [InlineData("only the certificate was given", "--tls-cert-path", "missing.pem")]
    [InlineData("missing.pem", "--tls-cert-path", "missing.pem", "--tls-key-path", "missing.key")]
    [InlineData("--ip was 'nowhere'", "--ip", "nowhere")]
    [InlineData("The port was 70000", "--port", "70000")]
    [InlineData("NAME=TYPE will do", "--search-attribute", "Region")]
    [InlineData("was of type 'Colour'", "--search-attribute", "Region=Colour")]
    [InlineData("means nothing to this server", "--dynamic-config-value", "limit.blobSize.error=1")]
    public async Task WhatWouldNotDoIsRefusedAtStartWithOneSentence(string sentence, params string[] arguments)
    {
        await using var server = Start("temporal-dev-server", "", arguments);
        await server.EndAsync();
        server.ExitCode.ShouldBe(78, server.Everything);
        server.Errors.ShouldContain(sentence);
        server.Errors.Split('\n').Length.ShouldBe(1, server.Errors);
        server.Output.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnUnknownFlagIsAUsageError()
    {
        await using var server = Start("temporal-dev-server", "", "--ui-port", "8233");
        await server.EndAsync();
        server.ExitCode.ShouldBe(2);
    }

    [Fact]
    public async Task AJournalThatCannotBeReadIsRefusedWithOneSentence()
    {
        using var folder = new TempDirectory();
        await File.WriteAllTextAsync(folder.File("snapshot-00000001"), "nothing of ours");
        await using var server = Start("temporal-dev-server", "", "--port", "0", "--db-filename", folder.Path);
        await server.EndAsync();
        server.ExitCode.ShouldBe(1, server.Everything);
        server.Errors.Split('\n').Length.ShouldBe(1, server.Errors);
        server.Errors.ShouldContain("snapshot-00000001");
    }

    [Fact]
    public async Task TheApiKeyMayComeByTheEnvironmentAndALogIsOfTheKindThatIsAskedFor()
    {
        using var folder = new TempDirectory();
        string[] arguments = ["--port", "0", "--db-filename", folder.File("db"), "--log-level", "info", "--log-format", "json"];
        await using (var first = Start("temporal-dev-server", "", arguments))
        {
            await first.LineAsync(line => line.StartsWith("Temporal development server at", StringComparison.Ordinal));
            (await first.StopAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        }
        await using var server = ChildProcess.Start(
            "dotnet", [Path.Combine(AppContext.BaseDirectory, "temporal-dev-server.dll"), .. arguments],
            new Dictionary<string, string> { ["TEMPORAL_SERVER_API_KEY"] = "the-key" });
        var line = await server.LineAsync(
            line => line.StartsWith("Temporal development server at", StringComparison.Ordinal));
        var client = Temporalio.Client.TemporalClient.CreateLazy(new($"127.0.0.1:{line.Split(':')[1].Split('.')[0]}"));

        var refused = await Should.ThrowAsync<InvalidOperationException>(
            async () => await client.CountWorkflowsAsync(""));

        refused.Message.ShouldContain("Unauthenticated");
        (await server.StopAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
        server.Output.Split('\n').ShouldHaveSingleItem();
        var logged = System.Text.Json.JsonDocument.Parse(server.Errors.Split('\n')[0]).RootElement;
        logged.GetProperty("Message").GetString().ShouldNotBeNull().ShouldStartWith("Journal ");
    }

    static ChildProcess Start(string program, string verb, params string[] arguments) =>
        ChildProcess.Start(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. verb.Length > 0 ? [verb] : (string[])[], .. arguments]);
}
