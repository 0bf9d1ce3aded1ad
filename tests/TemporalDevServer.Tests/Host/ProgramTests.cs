namespace TemporalDevServer.Tests.Host;

/// <summary>The server as a program, by itself and as a verb of the worker's.</summary>
public sealed partial class ProgramTests
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
    [InlineData("--metrics-port was 65536", "--metrics-port", "65536")]
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

    [Theory]
    [InlineData("--port")]
    [InlineData("--metrics-port")]
    public async Task APortThatIsNoNumberIsAUsageError(string flag)
    {
        await using var server = Start("temporal-dev-server", "", flag, "many");
        await server.EndAsync();
        server.ExitCode.ShouldBe(2);
        server.Errors.ShouldContain($"{flag} was 'many'; a port from 0 to 65535 will do.");
        server.Everything.ShouldNotContain("System.");
    }

    [Theory]
    [MemberData(nameof(Programs))]
    public async Task PrometheusFindsItsMetricsAtAPortOfTheirOwn(string program, string verb)
    {
        using var folder = new TempDirectory();
        await using var server = Start(program, verb, "--port", "0", "--metrics-port", "0", "--db-filename", folder.File("db"));
        var line = await server.LineAsync(line => line.StartsWith("Temporal development server at", StringComparison.Ordinal));
        var client = Temporalio.Client.TemporalClient.CreateLazy(new(Address().Match(line).Groups["server"].Value));
        await client.StartWorkflowAsync("Some", [], new("id", "queue"));
        await Should.ThrowAsync<Temporalio.Exceptions.RpcException>(() => client.GetWorkflowHandle("other").DescribeAsync());
        using var http = new HttpClient();
        var url = new Uri(Address().Match(line).Groups["metrics"].Value);

        var told = await http.GetStringAsync(url);

        told.ShouldMatch("service_requests_total\\{.*operation=\"StartWorkflowExecution\".*\\} 1\n");
        told.ShouldMatch("service_error_with_type_total\\{.*error_type=\"NotFound\",operation=\"DescribeWorkflowExecution\".*\\} 1\n");
        told.ShouldMatch("service_latency_seconds_count\\{.*operation=\"StartWorkflowExecution\".*\\} 1\n");
        told.ShouldMatch("journal_sync_latency_seconds_count\\{.*\\} [1-9]");
        told.ShouldMatch("service_pending_requests\\{.*\\} 0\n");
        Kind().Matches(told).Select(kind => kind.Groups["name"].Value).ShouldBe(
            Row().Matches(File.ReadAllText(Repository.PathOf("docs", "metrics.md")).Split("## Embedded server")[1].Split("\n## ")[0])
                .Select(row => row.Groups["name"].Value), ignoreOrder: true);
        using var foreign = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { Host = "evil.example" } };
        (await http.SendAsync(foreign)).StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
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

    [System.Text.RegularExpressions.GeneratedRegex(@"server at (?<server>\S+:\d+)\..*Metrics are at (?<metrics>\S+/metrics)\.")]
    private static partial System.Text.RegularExpressions.Regex Address();

    [System.Text.RegularExpressions.GeneratedRegex(@"# TYPE (?<name>(service|journal)_\w+?)(_seconds|_bytes)?(_total)? ")]
    private static partial System.Text.RegularExpressions.Regex Kind();

    [System.Text.RegularExpressions.GeneratedRegex(@"\| `(?<name>\w+)` \| (counter|gauge|histogram) \|")]
    private static partial System.Text.RegularExpressions.Regex Row();

    static ChildProcess Start(string program, string verb, params string[] arguments) =>
        ChildProcess.Start(
            "dotnet",
            [Path.Combine(AppContext.BaseDirectory, $"{program}.dll"), .. verb.Length > 0 ? [verb] : (string[])[], .. arguments]);
}
