using System.Text.Json;

namespace LogPipeline.TestSupport;

/// <summary>A real Prometheus on loopback that scrapes one program each second. Where it is not installed tests skip themselves.</summary>
public sealed class PrometheusServer : IAsyncDisposable
{
    const string Program = "/usr/bin/prometheus";
    const string Tool = "/usr/bin/promtool";

    readonly ChildProcess _process;
    readonly HttpClient _http;

    PrometheusServer(ChildProcess process, int port)
    {
        _process = process;
        _http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public static void SkipIfMissing() =>
        Skip.If(!File.Exists(Program) || !File.Exists(Tool), "Prometheus is not installed (Debian: prometheus).");

    /// <param name="directory">Where it keeps its data.</param>
    /// <param name="target">Whose <c>/metrics</c> it reads, as host:port.</param>
    public static async Task<PrometheusServer> StartNewAsync(string directory, string target)
    {
        Directory.CreateDirectory(directory);
        var configuration = Path.Combine(directory, "prometheus.yml");
        await File.WriteAllTextAsync(configuration, $$"""
            global: { scrape_interval: 1s, scrape_timeout: 1s }
            scrape_configs:
              - job_name: worker
                static_configs: [{ targets: ["{{target}}"] }]
            """);
        var port = FreePort.Next();
        var process = ChildProcess.Start(Program, [$"--config.file={configuration}",
            $"--storage.tsdb.path={Path.Combine(directory, "data")}", $"--web.listen-address=127.0.0.1:{port}"]);
        var server = new PrometheusServer(process, port);
        await Eventually.TrueAsync(server.AnswersAsync, TimeSpan.FromSeconds(60), explain: () => process.Everything);
        return server;
    }

    /// <summary>What <c>promtool check metrics</c> has to say of an exposition; empty: nothing.</summary>
    public static async Task<string> ComplaintsAsync(string exposition)
    {
        await using var tool = await ChildProcess.RunAsync(Tool, ["check", "metrics"], input: exposition);
        return tool.Everything;
    }

    /// <summary>The sum over the series that a selector finds now; 0: there is none.</summary>
    public async Task<double> SumAsync(string selector)
    {
        using var answer = JsonDocument.Parse(
            await _http.GetStringAsync($"/api/v1/query?query={Uri.EscapeDataString($"sum({selector})")}"));
        var result = answer.RootElement.GetProperty("data").GetProperty("result");
        return result.GetArrayLength() == 0 ? 0
            : double.Parse(result[0].GetProperty("value")[1].GetString()!, CultureInfo.InvariantCulture);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    async Task<bool> AnswersAsync()
    {
        try
        {
            using var answer = await _http.GetAsync("/-/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
