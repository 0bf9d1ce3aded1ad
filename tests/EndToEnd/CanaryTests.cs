using System.Text.Json.Nodes;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>Canaries of a worker that pushes to a real Loki.</summary>
public sealed class CanaryTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [SkippableFact]
    public async Task ACanaryComesThroughToLokiAndIsCountedNowhereElse()
    {
        RealServers.SkipIfMissing();
        await using var loki = await LokiServer.StartNewAsync(_directory.File("loki"));
        var port = FreePort.Next();
        var variables = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_TASK_QUEUE"] = Some.Name("canary"), ["LOG_DIRECTORY"] = _directory.File("logs"),
            ["LOG_SPOOL_DIRECTORY"] = _directory.File("spool"), ["LOG_HTTP_PORT"] = $"{port}", ["LOG_LOKI_URL"] = loki.Url,
            ["LOG_CANARY_INTERVAL"] = "1s",
        };
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, _directory.File("logs"), variables);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        JsonNode? stats = null;
        await Eventually.TrueAsync(async () => (stats = await StatsAsync(http))?["canary"]?["last"]?["lokiSeconds"] is not null,
            TimeSpan.FromMinutes(1), explain: () => $"{worker.Everything}\n{stats}");
        stats!["canary"]!["missing"]!.GetValue<long>().ShouldBe(0);
        stats["records"]!["written"]!.GetValue<long>().ShouldBe(0);
        stats["batches"]!["outOfOrder"]!.GetValue<long>().ShouldBe(0);

        var once = await WorkerProgram.RunAsync(["canary", "--output", "json"], variables);
        once.ExitCode.ShouldBe(0, once.Everything);
        var result = JsonNode.Parse(once.Output)!;
        double[] stages = [.. ((string[])["acceptedSeconds", "writtenSeconds", "readSeconds", "lokiSeconds"])
            .Select(stage => result[stage]!.GetValue<double>())];
        stages.ShouldBeInOrder();
        result["file"]!.GetValue<string>().ShouldStartWith(".canary/");
        var people = await WorkerProgram.RunAsync(["canary"], variables);
        people.Output.ShouldContain("it came through");
        people.Output.ShouldContain($"in Loki");
    }

    static async Task<JsonNode?> StatsAsync(HttpClient http)
    {
        try
        {
            return JsonNode.Parse(await http.GetStringAsync("/api/stats"));
        }
        catch (HttpRequestException)
        {
            return null;
        }
    }
}
