using System.Diagnostics;
using System.Net;
using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>A disk that is full under the whole pipeline: seen by probes, waited out in Temporal, and made good by itself.</summary>
public sealed class DiskTroubleTests(EmbeddedServer temporal, ITestOutputHelper output) : IClassFixture<EmbeddedServer>, IDisposable
{
    const int LinesARound = 200;
    static readonly TimeSpan Wait = TimeSpan.FromMinutes(2);
    static readonly int Rounds = LongRuns.Choose(2, 20);

    readonly TempDirectory _folder = new();
    readonly string _queue = Some.Name("disk");

    public void Dispose() => _folder.Dispose();

    [SkippableFact]
    public async Task AFullDiskIsToldToProbesAndEverythingIsWrittenOnceItHasRoom()
    {
        using var disk = MountedDisk.OfBytes(64 << 20);
        var port = FreePort.Next();
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await using var worker = WorkerProgram.StartDaemon(temporal.Address, disk.File("logs"), new Dictionary<string, string>
        {
            ["LOG_TASK_QUEUE"] = _queue, ["LOG_HTTP_PORT"] = $"{port}", ["LOG_FREE_BYTES_MIN"] = "1MiB",
        });
        await worker.LineAsync(line => line.Contains("waiting for batches", StringComparison.Ordinal), Wait);
        await AnswersAsync(http, "/healthz/ready", HttpStatusCode.OK, worker);
        var sent = 0;
        for (var round = 1; round <= Rounds; round++)
        {
            disk.Fill();
            await SendAsync(sent);
            sent += LinesARound;
            var trouble = await AnswersAsync(http, "/healthz/ready", HttpStatusCode.ServiceUnavailable, worker);
            trouble.GetProperty("path").GetString().ShouldBe(disk.File("logs"));
            trouble.GetProperty("since").GetDateTimeOffset().ShouldBeGreaterThan(DateTimeOffset.UnixEpoch);
            await AnswersAsync(http, "/healthz/live", HttpStatusCode.OK, worker);

            disk.Free();
            var watch = Stopwatch.StartNew();
            await AnswersAsync(http, "/healthz/ready", HttpStatusCode.OK, worker);
            var ready = watch.Elapsed;
            await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(disk.File("logs"))), lines =>
                lines >= sent, Wait, explain: () => worker.Everything);
            output.WriteLine(
                $"round {round}: ready after {ready.TotalSeconds:f1} s, everything written after {watch.Elapsed.TotalSeconds:f1} s");
        }
        await worker.StopAsync();
        worker.Output.Split('\n').Count(line => line.Contains("cannot be written since", StringComparison.Ordinal))
            .ShouldBe(Rounds, worker.Everything);
        worker.Output.Split('\n').Count(line => line.Contains("can be written again", StringComparison.Ordinal))
            .ShouldBe(Rounds, worker.Everything);
        WrittenRecord.ReadChannel(disk.File("logs"), "app").Select(record => record.Message)
            .ShouldBe(Enumerable.Range(0, sent).Select(i => $"line {i}"), ignoreOrder: true);
        var verify = await WorkerProgram.RunAsync(["verify", "--directory", disk.File("logs")]);
        verify.ExitCode.ShouldBe(0, verify.Everything);
    }

    async Task SendAsync(int first)
    {
        var send = await WorkerProgram.RunAsync(["send"], new Dictionary<string, string>
        {
            ["TEMPORAL_ADDRESS"] = temporal.Address, ["LOG_TASK_QUEUE"] = _queue,
            ["LOG_SPOOL_DIRECTORY"] = _folder.File("spool"), ["LOG_SOURCE"] = _queue,
        }, string.Concat(Enumerable.Range(first, LinesARound).Select(i => $"line {i}\n")), Wait);
        send.ExitCode.ShouldBe(0, send.Everything);
    }

    static async Task<JsonElement> AnswersAsync(HttpClient http, string path, HttpStatusCode wanted, ChildProcess worker)
    {
        var answer = await Eventually.GetAsync(async () =>
        {
            using var response = await http.GetAsync(path);
            return (response.StatusCode, Text: await response.Content.ReadAsStringAsync());
        }, given => given.StatusCode == wanted, Wait, explain: () => worker.Everything);
        return JsonDocument.Parse(answer.Text).RootElement;
    }
}
