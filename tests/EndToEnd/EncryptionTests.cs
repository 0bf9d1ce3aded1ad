using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Serilog;

namespace LogPipeline.EndToEnd;

/// <summary>The whole way with keys: what Temporal keeps says nothing, and the files say everything.</summary>
public sealed class EncryptionTests
{
    const string Canary = "canary-4711-sings";

    static readonly string Old = Convert.ToBase64String(Enumerable.Repeat((byte)1, 32).ToArray());
    static readonly string New = Convert.ToBase64String(Enumerable.Repeat((byte)2, 32).ToArray());

    static Dictionary<string, string> Keys(string keys) => new() { ["LOG_ENCRYPTION_KEYS"] = keys };

    static async Task LogAsync(string address, string spool, string keys, int records)
    {
        await using var logger = new LoggerConfiguration().WriteTo.Temporal(options =>
        {
            options.Address = address;
            options.Source = Pipeline.Source;
            options.SpoolDirectory = spool;
            options.Codec.EncryptionKeys = KeyRing.Parse(keys);
        }).CreateLogger();
        for (var i = 0; i < records; i++) logger.ForContext("channel", "secret").Information("{Number} {Text:l}", i, Canary);
    }

    [Fact]
    public async Task TheFilesHoldTheRecordsAndTheEmbeddedServersJournalNoWordOfThem()
    {
        using var directory = new TempDirectory();
        Directory.CreateDirectory(directory.File("logs"));
        await using var server = new EmbeddedServerProgram(directory.File("server"));
        await server.StartAsync();
        // A file stands where the channel's folder should be, and another in place of the one it would go to instead: the failure
        // says so, and must not say what the batch says.
        await File.WriteAllTextAsync(directory.File("logs", "secret"), "");
        await File.WriteAllTextAsync(directory.File("logs", "overflow"), "");
        await using var worker = WorkerProgram.StartDaemon(server.Address, directory.File("logs"), Keys($"k1:{Old}"));
        await LogAsync(server.Address, directory.File("spool"), $"k1:{Old}", 300);
        await worker.LineAsync(line => line.Contains("Batches wait in Temporal until it can", StringComparison.Ordinal));
        File.Delete(directory.File("logs", "secret"));
        File.Delete(directory.File("logs", "overflow"));

        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(directory.File("logs"))), lines =>
            lines >= 300, TimeSpan.FromMinutes(1), explain: () => worker.Everything);
        WrittenRecord.ReadAll(directory.File("logs")).ShouldAllBe(record => record.Message.EndsWith(Canary));
        await server.KillAsync();
        var journal = Directory.GetFiles(directory.File("server"), "*", SearchOption.AllDirectories)
            .SelectMany(File.ReadAllBytes).ToArray();
        journal.Length.ShouldBeGreaterThan(1000);
        Encoding.UTF8.GetBytes("encryption-key-id")
            .ShouldSatisfyAllConditions(known => journal.AsSpan().IndexOf(known).ShouldBeGreaterThan(0, "the journal is readable"));
        foreach (var word in (string[])[Canary, "firstSequence", "\"@t\"", "cannot be", "Not a directory", directory.File("logs")])
            journal.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)).ShouldBe(-1, word);
    }

    [SkippableFact]
    public async Task ABatchWhoseKeyIsMissingWaitsInSightUntilAWorkerHasTheKey()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        await pipeline.Worker.StopAsync();
        await using var wrong = WorkerProgram.StartDaemon(pipeline.Temporal.Address, pipeline.File("other"), Keys($"k1:{Old}"));
        await LogAsync(pipeline.Temporal.Address, pipeline.SpoolDirectory, $"k2:{New},k1:{Old}", 5);

        var id = await Eventually.GetAsync(() => FirstAsync(pipeline), found => found is not null, TimeSpan.FromSeconds(30));
        var history = await Eventually.GetAsync(() => ShowAsync(pipeline, id!), text =>
            text.Contains("'k2'", StringComparison.Ordinal), TimeSpan.FromSeconds(60), explain: () => wrong.Everything);
        history.ShouldContain("EVENT_TYPE_WORKFLOW_TASK_FAILED");
        wrong.Everything.ShouldContain("'k2'");
        foreach (var key in (string[])[Old, New]) (wrong.Everything + history).ShouldNotContain(key);

        await wrong.StopAsync();
        pipeline.StartWorker(Keys($"k2:{New},k1:{Old}"));
        await pipeline.LinesReachAsync(5, TimeSpan.FromMinutes(1));
        (await ShowAsync(pipeline, id!)).ShouldNotContain(Convert.ToBase64String(Encoding.UTF8.GetBytes(Canary))[..12]);
    }

    [SkippableFact]
    public async Task TemporalsCommandLineReadsABatchThroughTheWorkersEndpoint()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        await pipeline.Worker.StopAsync();
        var port = FreePort.Next();
        pipeline.StartWorker(new Dictionary<string, string>(Keys($"k1:{Old}")) { ["LOG_HTTP_PORT"] = $"{port}" });
        await LogAsync(pipeline.Temporal.Address, pipeline.SpoolDirectory, $"k1:{Old}", 300);
        await pipeline.LinesReachAsync(300, TimeSpan.FromMinutes(1));

        var id = (await FirstAsync(pipeline))!;
        var show =
            await pipeline.Temporal.CliAsync("workflow", "show", "-w", id, "--detailed", "--codec-endpoint",
                $"http://127.0.0.1:{port}/codec");
        show.Output.ShouldContain(Canary);
        (await pipeline.Temporal.CliAsync("workflow", "show", "-w", id, "--detailed")).Output.ShouldNotContain(Canary);
    }

    static async Task<string?> FirstAsync(Pipeline pipeline)
    {
        using var list = JsonDocument.Parse(
            (await pipeline.Temporal.CliAsync("workflow", "list", "-o", "json", "--query",
                $"WorkflowType='{PipelineDefaults.WorkflowName}'")).Output);
        return list.RootElement.EnumerateArray().Select(e => e.GetProperty("execution").GetProperty("workflowId").GetString())
            .LastOrDefault();
    }

    static async Task<string> ShowAsync(Pipeline pipeline, string id) =>
        (await pipeline.Temporal.CliAsync("workflow", "show", "-w", id, "-o", "json")).Output;
}
