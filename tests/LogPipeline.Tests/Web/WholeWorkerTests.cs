using System.Net;
using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.Tests.Web;

/// <summary>The worker with its web application, on the embedded server: what is sent is seen, and what is dead is sent again.</summary>
public sealed class WholeWorkerTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WhatIsWrittenIsSeenInTheTailAndADeadLetterLandsInTheFileWhenRetried()
    {
        using var directory = new TempDirectory();
        using var stop = new CancellationTokenSource();
        var (port, queue) = (FreePort.Next(), Some.Name("web"));
        var (options, connection) = LogWorkerOptions.Read(new Dictionary<string, string>
        {
            ["LOG_DIRECTORY"] = directory.File("logs"), ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_TASK_QUEUE"] = queue,
            ["LOG_HTTP_PORT"] = $"{port}", ["TEMPORAL_CONFIG_FILE"] = "/nowhere/temporal.toml",
        });
        var worker = WorkerHost.RunAsync(options, connection, _ => { }, stop.Token);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}"), Timeout = WaitMax };
        http.DefaultRequestHeaders.Add("X-Requested-With", "logworker");
        await Eventually.TrueAsync(async () =>
        {
            worker.IsFaulted.ShouldBeFalse();
            try
            {
                return (await http.GetAsync("/healthz/ready")).StatusCode == HttpStatusCode.OK;
            }
            catch (HttpRequestException)
            {
                return false;
            }
        }, WaitMax);

        using var answer = await http.GetAsync("/api/tail?source=shop", HttpCompletionOption.ResponseHeadersRead);
        using var tail = new StreamReader(await answer.Content.ReadAsStreamAsync());
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        // The second record belongs to another batch.
        var (header, array) = SomeBatch.Of(1, "app", "app", "app");
        array = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace("\"seq\":2}", "\"seq\":99}", StringComparison.Ordinal));
        var payload = new Payload
        {
            Data = Google.Protobuf.ByteString.CopyFrom(array),
            Metadata = { ["encoding"] = Google.Protobuf.ByteString.CopyFromUtf8("json/plain") },
        };
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new RawValue(payload)],
            new WorkflowOptions(header.Id.ToString(), queue));
        var first = await NextAsync(tail);
        first.GetProperty("seq").GetInt64().ShouldBe(1);
        first.GetProperty("message").GetString().ShouldBe("Event 1");
        first.GetProperty("batch").GetString().ShouldBe(header.Id.ToString());
        (await NextAsync(tail)).GetProperty("seq").GetInt64().ShouldBe(3);

        var letters = JsonDocument.Parse(await http.GetStringAsync("/api/dead-letters")).RootElement;
        var id = letters.GetProperty("letters")[0].GetProperty("id").GetString();
        using var retried = await http.PostAsync($"/api/dead-letters/{id}/retry", null);
        retried.StatusCode.ShouldBe(HttpStatusCode.OK, await retried.Content.ReadAsStringAsync());
        // It has the file's line at once: what is shown is what is committed.
        var again = await NextAsync(tail);
        again.GetProperty("seq").GetInt64().ShouldBe(99);
        Directory.GetFiles(directory.File("logs/app")).Select(File.ReadAllText).ShouldHaveSingleItem()
            .Split('\n').Count(line => line.Contains("\"seq\":99", StringComparison.Ordinal)).ShouldBe(1);
        (await http.GetStringAsync("/api/dead-letters")).ShouldContain("\"total\":0");
        var channels = JsonDocument.Parse(await http.GetStringAsync("/api/channels")).RootElement.GetProperty("channels");
        channels[0].GetProperty("recordsSinceStart").GetInt64().ShouldBe(3);
        (await http.GetStringAsync("/api/history")).ShouldContain("\"stepSeconds\":10");

        await stop.CancelAsync();
        await worker.WaitAsync(WaitMax);
        File.Exists(directory.File("logs/.state/history.json")).ShouldBeTrue();
    }

    static async Task<JsonElement> NextAsync(StreamReader tail)
    {
        using var late = new CancellationTokenSource(WaitMax);
        while (true)
            if ((await tail.ReadLineAsync(late.Token)).ShouldNotBeNull() is ['d', 'a', 't', 'a', ':', .. var json])
                return JsonDocument.Parse(json).RootElement;
    }
}
