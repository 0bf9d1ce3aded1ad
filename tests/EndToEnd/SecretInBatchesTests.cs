using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using LogPipeline.EndToEnd.Attacks;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Client;

namespace LogPipeline.EndToEnd;

/// <summary>
/// A secret in what batches say, right ones and wrong ones: the worker writes it into its files and letters, and says it
/// nowhere. Names (of sources, keys, encodings and workflow types) are said, a letter shows its header to whoever asks for
/// it as JSON, and figures name channels; these are not looked at here.
/// </summary>
public sealed class SecretInBatchesTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IDisposable
{
    const string Secret = PlantedSecret.Value;

    static readonly JsonSerializerOptions Relaxed = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    static readonly string[] Records =
    [
        $$"""{"@mt":"{{Secret}}","{{Secret}}":"{{Secret}}","channel":"{{Secret}}"}""",
        $$"""{"a":t{{Secret}}}""", $$"""{"a":-{{Secret}}}""", $$"""{"a":"{{Secret}}\x"}""", $$"""{"{{Secret}}" 1}""",
        $"{{{Secret}", $"\"{Secret}\"", Secret, $$"""{"seq":"{{Secret}}","@t":"{{Secret}}","level":"{{Secret}}"}""",
        $$"""{"source":["{{Secret}}"]}""", $$"""{"{{Secret}}":{{new string('[', 300)}}{{new string(']', 300)}}}""",
    ];

    // Each changes a right header.
    static readonly Action<JsonObject>[] Headers =
    [
        header => header["levels"] = new JsonObject { [Secret] = 1 },
        header => header["levels"] = new JsonObject { [Secret] = "x" },
        header => header["levels"] = new JsonObject { [Secret] = -1 },
        header => header["channels"] = new JsonObject { [Secret] = new JsonObject { [Secret] = Secret } },
        header => header["version"] = Secret,
        header => header["from"] = Secret,
        header => header["records"] = Secret,
        header => header["previous"] = Secret,
        header => header["retryOf"] = Secret,
        header => header[Secret] = new JsonArray(Secret),
        header => header["previous"] = new JsonObject { [Secret] = Secret },
    ];

    readonly TempDirectory _directory = new();
    readonly string _queue = Some.Name("secret");
    int _count;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task TheWorkerSaysNoneOfIt()
    {
        var port = FreePort.Next();
        var environment = new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_DIRECTORY"] = _directory.File("logs"), ["LOG_TASK_QUEUE"] = _queue,
            ["LOG_HTTP_PORT"] = $"{port}",
        };
        Directory.CreateDirectory(environment["LOG_DIRECTORY"]);
        var worker = WorkerProgram.StartDaemon(temporal.Address, environment["LOG_DIRECTORY"], environment);
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        foreach (var record in Records) await StartAsync(client, _ => { }, $"[\n{record}\n]");
        await StartAsync(client, _ => { }, $"[\n{string.Join(",\n", Records)}\n]");
        foreach (var change in Headers) await StartAsync(client, change, "[\n{}\n]");
        foreach (var header in (string[])
            [Secret, "t" + Secret, $"\"{Secret}\"", $"{{\"{Secret}\":t{Secret}}}", $"{{\"version\":t{Secret}}}"])
            await StartAsync(client, null, "[\n{}\n]", header);
        await Eventually.TrueAsync(
            async () => (await client.CountWorkflowsAsync($"TaskQueue = '{_queue}' AND ExecutionStatus = 'Running'")).Count == 0,
            TimeSpan.FromMinutes(2));

        foreach (var request in (string[])
        [
            $"GET /{Secret} HTTP/1.1", $"{Secret} / HTTP/1.1", $"GET /api/stats?{Secret}={Secret} HTTP/1.2", $"GET / {Secret}",
            $"GET /metrics HTTP/1.1\r\nHost: {Secret}", $"POST /codec/decode HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99\r\n"
                + $"Content-Type: application/json\r\n\r\n{{\"payloads\":[{{\"data\":\"{Secret}\",\"{Secret}\":1}}]}}",
        ])
            (await HostileRequests.AskAsync(port, Encoding.UTF8.GetBytes($"{request}\r\nConnection: close\r\n\r\n")))
                .ShouldNotContain(Secret, Case.Sensitive, request);
        foreach (var words in (string[][])[["dead-letters", "list"], ["status"]])
        {
            await using var run = await WorkerProgram.RunAsync(words, environment);
            run.Everything.ShouldNotContain(Secret, Case.Sensitive, string.Join(' ', words));
        }
        (await worker.StopAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue();
        // That there was something to be silent about.
        Directory.GetFiles(environment["LOG_DIRECTORY"], "*", SearchOption.AllDirectories)
            .Count(file => file.EndsWith(".dead", StringComparison.Ordinal)).ShouldBeGreaterThan(15);
        worker.Everything.ShouldNotContain(Secret, Case.Sensitive);
        // Looks at each line once more.
        await worker.DisposeAsync();
    }

    async Task StartAsync(TemporalClient client, Action<JsonObject>? change, string records, string? raw = null)
    {
        var id = new BatchId("shop", $"i{_count++}", 1);
        var header = JsonSerializer.SerializeToNode(Some.Header(id, Some.Records(records.Count(c => c == '\n') - 1, id)))!.AsObject();
        change?.Invoke(header);
        var start = new HostileStart("secret", Fate.Ends, id.ToString(),
            [HostileStart.Of(raw ?? header.ToJsonString(Relaxed)), HostileStart.Of(records)]);
        var request = start.ToRequest($"{Guid.NewGuid()}");
        request.TaskQueue.Name = _queue;
        await client.Connection.WorkflowService.StartWorkflowExecutionAsync(request);
    }
}
