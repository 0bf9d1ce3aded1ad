using System.Diagnostics;
using System.Security.Cryptography;
using Google.Protobuf;
using LogPipeline.EndToEnd.Attacks;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The worker's port among requests of any kind: they answer, shortly, and tell no secret.</summary>
public sealed class HostileRequestTests(EmbeddedServer temporal, ITestOutputHelper output)
    : IClassFixture<EmbeddedServer>
{
    const string SecretText = "planted-in-a-record-4c1f";
    const string SecretToken = "planted-token-9be2";
    const int AnswerCharsMax = 256 * 1024;
    const long WorkerBytesMax = 400_000_000;
    const int Callers = 20;

    static readonly string SecretKey = Convert.ToBase64String(SHA256.HashData("planted key"u8));
    static readonly int Requests = LongRuns.Choose(usual: 2_000, @long: 50_000);

    [Fact]
    public async Task NoAnswerIsLongOrTellsASecret()
    {
        using var directory = new TempDirectory();
        var port = FreePort.Next();
        var environment = new Dictionary<string, string>
        {
            ["LOG_TASK_QUEUE"] = Some.Name("requests"), ["LOG_ENCRYPTION_KEYS"] = $"k1:{SecretKey}",
            ["LOG_HTTP_PORT"] = $"{port}", ["LOG_HTTP_TOKEN"] = SecretToken,
        };
        Directory.CreateDirectory(directory.File("logs"));
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, directory.File("logs"), environment);
        await worker.LineAsync(line => line.Contains("waiting for batches", StringComparison.Ordinal));
        var payload = await SendAsync(environment, directory.File("spool"));
        string[] secrets = [SecretText, SecretToken, SecretKey, await DecodeAsync(port, payload)];

        var watch = Stopwatch.StartNew();
        var (longest, slowest, kinds) = (0, TimeSpan.Zero, new Dictionary<string, int>());
        await Task.WhenAll(Enumerable.Range(1, Callers).Select(async seed =>
        {
            var requests = new HostileRequests(seed, payload);
            for (var i = 0; i < Requests / Callers; i++)
            {
                var request = requests.Next();
                var began = watch.Elapsed;
                var answer = await HostileRequests.AskAsync(port, request);
                foreach (var secret in secrets)
                    answer.ShouldNotContain(secret, Case.Sensitive, $"seed {seed}, request {i}");
                lock (kinds)
                {
                    longest = Math.Max(longest, answer.Length);
                    slowest = TimeSpan.FromTicks(Math.Max(slowest.Ticks, (watch.Elapsed - began).Ticks));
                    var kind = answer.Length < 12 ? "none" : answer[9..12];
                    kinds[kind] = kinds.GetValueOrDefault(kind) + 1;
                }
            }
        }));
        var statuses = kinds.OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => $"{kind.Key} {kind.Value:n0}");
        output.WriteLine($"{Requests:n0} requests in {watch.Elapsed.TotalSeconds:0} s; longest answer {longest:n0} "
            + $"characters, slowest {slowest.TotalMilliseconds:0} ms; worker's memory "
            + $"{worker.PeakResidentBytes >> 20} MiB; answers by status: {string.Join(", ", statuses)}");

        longest.ShouldBeLessThan(AnswerCharsMax);
        worker.PeakResidentBytes.ShouldBeLessThan(WorkerBytesMax);
        var ready = "GET /healthz/ready HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"u8.ToArray();
        (await HostileRequests.AskAsync(port, ready)).ShouldStartWith("HTTP/1.1 200");
        foreach (var secret in secrets) worker.Everything.ShouldNotContain(secret);
    }

    /// <summary>Sends a line with the secret; returns its records as Temporal has them.</summary>
    async Task<string> SendAsync(IReadOnlyDictionary<string, string> environment, string spool)
    {
        await using var send = await WorkerProgram.RunAsync(["send"], new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_SPOOL_DIRECTORY"] = spool,
            ["LOG_TASK_QUEUE"] = environment["LOG_TASK_QUEUE"],
            ["LOG_ENCRYPTION_KEYS"] = environment["LOG_ENCRYPTION_KEYS"],
        }, SecretText + "\n");
        send.ExitCode.ShouldBe(0, send.Everything);
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(temporal.Address));
        var workflow = await client.ListWorkflowsAsync($"TaskQueue = '{environment["LOG_TASK_QUEUE"]}'").FirstAsync();
        var history = await client.GetWorkflowHandle(workflow.Id).FetchHistoryAsync();
        var started = history.Events.First().WorkflowExecutionStartedEventAttributes;
        return JsonFormatter.Default.Format(started.Input.Payloads_[1]);
    }

    /// <summary>What the one with the token is told, whose text an answer to others must not hold.</summary>
    static async Task<string> DecodeAsync(int port, string payload)
    {
        using var http = new HttpClient();
        using var request = new HttpRequestMessage(HttpMethod.Post, $"http://127.0.0.1:{port}/codec/decode");
        request.Headers.Authorization = new("Bearer", SecretToken);
        request.Content = new StringContent($"{{\"payloads\":[{payload}]}}", Encoding.UTF8, "application/json");
        using var answer = await http.SendAsync(request);
        var decoded = Payloads.Parser.ParseJson(await answer.Content.ReadAsStringAsync());
        var records = decoded.Payloads_.ShouldHaveSingleItem().Data;
        records.ToStringUtf8().ShouldContain(SecretText);
        return records.ToBase64();
    }
}
