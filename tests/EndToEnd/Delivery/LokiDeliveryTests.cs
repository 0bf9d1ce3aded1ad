using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.EndToEnd.Delivery;

/// <summary>
/// Loki as the second destination: the real programs, with a link between worker and Loki that is broken in several ways.
/// </summary>
public sealed class LokiDeliveryTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task EveryRecordIsInItsFileAndInLokiOnceAndTheReceiptSaysSo()
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        await using var loki = await LokiServer.StartNewAsync(directory.File("loki"));
        await using var pipeline = await Pipeline.StartNewAsync(new Dictionary<string, string> { ["LOG_LOKI_URL"] =
            loki.Url, ["LOG_CHANNEL_NOTES_FORMAT"] = "text", ["LOG_CHANNEL_NOTES_LEVEL_MIN"] = "warning" });
        await using (var logger = pipeline.NewLogger())
        {
            for (var i = 0; i < 600; i++)
            {
                var channel = i % 3 == 0 ? "app" : i % 3 == 1 ? "payments" : "notes";
                if (i % 2 == 0) logger.ForContext("channel", channel).Information("Event {Number}", i);
                else logger.ForContext("channel", channel).Error("Event {Number}", i);
            }
        }
        await pipeline.LinesReachAsync(400, Patience);
        await CountReachesAsync(loki, "{source=\"endtoend\"}", 500);

        // Of notes 100 are informational: neither in the files nor in Loki, and in the receipts.
        (await loki.CountAsync("{source=\"endtoend\"}")).ShouldBe(500);
        foreach (var (selector, count) in ((string, long)[])[("channel=\"app\",level=\"info\"", 100),
            ("channel=\"payments\",level=\"error\"", 100), ("channel=\"notes\"", 100), ("level=\"info\"", 200)])
            (await loki.CountAsync($"{{source=\"endtoend\",{selector}}}")).ShouldBe(count, selector);
        (await loki.LabelNamesAsync()).ShouldBe(["channel", "level", "service_name", "source"], ignoreOrder: true);
        File.ReadAllLines(Directory.GetFiles(Path.Combine(pipeline.LogDirectory, "notes"), "*.log")
            .ShouldHaveSingleItem()).Length.ShouldBe(100);

        var receipts = await ReceiptsAsync(pipeline, 1);
        receipts.Sum(r => r.RecordCount).ShouldBe(500);
        receipts.Sum(r => r.Filtered).ShouldBe(100);
        receipts.SelectMany(r => r.Deliveries!).Sum(d => d.RecordCount).ShouldBe(500);
        receipts.SelectMany(r => r.Deliveries!).ShouldAllBe(d => d.Destination == "loki" && d.Refused == null && d.Failure == null);
        await RecordAsync(pipeline, receipts[0].BatchId);

        var verify = await WorkerProgram.RunAsync(["verify", "--directory", pipeline.LogDirectory]);
        verify.ExitCode.ShouldBe(0, verify.Everything);
    }

    [SkippableFact]
    public async Task ALokiThatIsAwayOrSlowDelaysNoFileAndHasEachRecordOnceInTheEnd()
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        await using var loki = await LokiServer.StartNewAsync(directory.File("loki"));
        await using var proxy = new TcpProxy(new Uri(loki.Url).Authority) { Delay = TimeSpan.FromSeconds(3) };
        await using var pipeline = await Pipeline.StartNewAsync(new Dictionary<string, string> { [
            "LOG_LOKI_URL"] = $"http://{proxy.Address}", ["LOG_LOKI_TIMEOUT"] = "1s", ["LOG_LOKI_CONCURRENCY"] = "2" });
        var written = 0;
        foreach (var link in (Link[])[Link.Refused, Link.BlackHoled, Link.Slow])
        {
            proxy.Set(link);
            await using (var logger = pipeline.NewLogger(link.ToString()))
                for (var i = 0; i < 300; i++)
                    logger.ForContext("channel", $"c{i % 4}").Information("Event {Number} on a link that is {Link}", i, link);
            // The files do not wait: nothing gets through to Loki, or nothing that it answers in time.
            written += 300;
            await pipeline.LinesReachAsync(written, Patience);
            await Eventually.TrueAsync(() =>
                Task.FromResult(pipeline.Worker.Everything.Contains("not delivered yet", StringComparison.Ordinal)), Patience,
                explain: pipeline.WorkerSaid);
            (await WaitingAsync(pipeline)).ShouldBeGreaterThan(0, link.ToString());
        }
        // Slow answers come after the worker has given up on them: what Loki took is pushed again.
        await Eventually.TrueAsync(async () => await loki.CountAsync("{source=\"Slow\"}") > 0, Patience);
        proxy.Set(Link.Passing);

        foreach (var link in (Link[])[Link.Refused, Link.BlackHoled, Link.Slow])
            await CountReachesAsync(loki, $"{{source=\"{link}\"}}", 300, pipeline.WorkerSaid);
        await Eventually.GetAsync(() => WaitingAsync(pipeline), waiting => waiting == 0, Patience, explain: pipeline.WorkerSaid);
        foreach (var link in (Link[])[Link.Refused, Link.BlackHoled, Link.Slow])
            (await loki.CountAsync($"{{source=\"{link}\"}}")).ShouldBe(300, link.ToString());
        WrittenRecord.CountLines(pipeline.LogDirectory).ShouldBe(written);
    }

    static Task CountReachesAsync(LokiServer loki, string selector, long count, Func<string>? explain = null) =>
        Eventually.GetAsync(() => loki.CountAsync(selector), found => found >= count, Patience, TimeSpan.FromMilliseconds(500), explain);

    static async Task<long> WaitingAsync(Pipeline pipeline)
    {
        var run = await pipeline.Temporal.CliAsync("workflow", "count", "--query",
            $"ExecutionStatus='Running' AND TemporalChangeVersion IS NOT NULL", "-o", "json");
        run.ExitCode.ShouldBe(0, run.Everything);
        using var json = JsonDocument.Parse(run.Output);
        return json.RootElement.TryGetProperty("count", out var count)
            ? long.Parse(count.GetString()!, System.Globalization.CultureInfo.InvariantCulture) : 0;
    }

    static async Task<IReadOnlyList<WriteReceipt>> ReceiptsAsync(Pipeline pipeline, int least)
    {
        var ids = await Eventually.GetAsync(async () =>
        {
            var running = await pipeline.Temporal.CliAsync("workflow", "list", "-o", "json", "--query", "ExecutionStatus='Running'");
            using var none = JsonDocument.Parse(running.Output);
            if (none.RootElement.GetArrayLength() > 0) return [];
            var list = await pipeline.Temporal.CliAsync("workflow", "list", "-o", "json", "--query", "ExecutionStatus='Completed'",
                "--limit", "1000");
            using var json = JsonDocument.Parse(list.Output);
            return json.RootElement.EnumerateArray()
                .Select(e => e.GetProperty("execution").GetProperty("workflowId").GetString()!).ToArray();
        }, found => found.Length >= least, Patience, TimeSpan.FromSeconds(1));
        var receipts = new List<WriteReceipt>();
        foreach (var id in ids)
        {
            var history = await pipeline.Temporal.CliAsync("workflow", "result", "-w", id, "-o", "json");
            using var json = JsonDocument.Parse(history.Output);
            receipts.Add(json.RootElement.GetProperty("result").Deserialize<WriteReceipt>()!);
        }
        return receipts;
    }

    static async Task RecordAsync(Pipeline pipeline, string id)
    {
        if (Environment.GetEnvironmentVariable("LOGPIPELINE_RECORD_HISTORIES") != "1") return;
        var show = await pipeline.Temporal.CliAsync("workflow", "show", "-w", id, "-o", "json");
        show.ExitCode.ShouldBe(0, show.Everything);
        var file = Repository.PathOf("tests", "LogPipeline.Tests", "Replay", "Histories", "batch-delivered-to-loki.json");
        await File.WriteAllTextAsync(file, show.Output.Replace(Repository.Root, "/_", StringComparison.Ordinal) + "\n");
    }
}
