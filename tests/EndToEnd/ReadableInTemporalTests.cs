using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Serilog.Core;

namespace LogPipeline.EndToEnd;

/// <summary>
/// What people see of a batch in Temporal, and the histories that replay tests rest on. With
/// <c>LOGPIPELINE_RECORD_HISTORIES=1</c> the histories seen here are written to <c>tests/LogPipeline.Tests/Replay/Histories</c>.
/// </summary>
public sealed class ReadableInTemporalTests
{
    static readonly bool Record = Environment.GetEnvironmentVariable("LOGPIPELINE_RECORD_HISTORIES") == "1";

    [SkippableFact]
    public async Task ABatchShowsItsRecordsItsSummaryAndItsReceipt()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();

        await LogAsync(pipeline, "Paid 12.50 EUR for order 17");
        await pipeline.LinesReachAsync(1, TimeSpan.FromMinutes(1));
        var id = await OnlyWorkflowAsync(pipeline, "Completed");

        var describe = await CliAsync(pipeline, "workflow", "describe", "-w", id);
        describe.ShouldContain(PipelineDefaults.WorkflowName);
        describe.ShouldContain(PipelineDefaults.TaskQueue);
        describe.ShouldContain("1 record");
        var show = await CliAsync(pipeline, "workflow", "show", "-w", id, "--detailed");
        show.ShouldContain("Paid 12.50 EUR for order 17");
        show.ShouldContain("endtoend");
        // The receipt: which file, where in it.
        var result = await CliAsync(pipeline, "workflow", "result", "-w", id);
        result.ShouldContain(id);
        result.ShouldContain("shop/");
        await RecordAsync(pipeline, id, "batch-written");
    }

    [SkippableFact]
    public async Task ABatchThatCannotBeWrittenAtOnceShowsItsLastFailureAndIsWrittenLater()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        Block(pipeline);

        await LogAsync(pipeline, "written late");
        var id =
            await Eventually.GetAsync(() => FirstWorkflowAsync(pipeline, "Running"), found => found is not null, TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(async () => (await CliAsync(pipeline, "workflow", "describe", "-w", id!))
            .Contains(PipelineDefaults.ActivityName, StringComparison.Ordinal),
            TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));
        Unblock(pipeline);

        await pipeline.LinesReachAsync(1, TimeSpan.FromMinutes(2));
        (await OnlyWorkflowAsync(pipeline, "Completed")).ShouldBe(id);
        // In "overflow" when it was begun before the obstacles went: what is begun keeps its place.
        WrittenRecord.ReadAll(pipeline.LogDirectory).ShouldHaveSingleItem().Message.ShouldBe("written late");
        await RecordAsync(pipeline, id!, "batch-written-by-the-activity-behind");
    }

    [SkippableFact]
    public async Task ABatchWhoseWorkerWasKilledIsReplayedByTheNextOne()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        Block(pipeline);

        await LogAsync(pipeline, "survives the worker");
        var id =
            await Eventually.GetAsync(() => FirstWorkflowAsync(pipeline, "Running"), found => found is not null, TimeSpan.FromSeconds(30));
        await Eventually.TrueAsync(async () => (await CliAsync(pipeline, "workflow", "describe", "-w", id!))
            .Contains(PipelineDefaults.ActivityName, StringComparison.Ordinal),
            TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1));
        await pipeline.Worker.KillAsync();
        Unblock(pipeline);
        await pipeline.KillAndRestartWorkerAsync();

        await pipeline.LinesReachAsync(1, TimeSpan.FromMinutes(2));
        (await OnlyWorkflowAsync(pipeline, "Completed")).ShouldBe(id);
        await RecordAsync(pipeline, id!, "batch-replayed-by-another-worker");
    }

    // Files stand where the channel's folder should be, and that of the channel which would take its records instead.
    static readonly string[] Folders = ["shop", "overflow"];

    static void Block(Pipeline pipeline)
    {
        foreach (var folder in Folders) File.WriteAllText(Path.Combine(pipeline.LogDirectory, folder), "");
    }

    static void Unblock(Pipeline pipeline)
    {
        foreach (var folder in Folders) File.Delete(Path.Combine(pipeline.LogDirectory, folder));
    }

    static async Task LogAsync(Pipeline pipeline, string line)
    {
        await using var logger = pipeline.NewLogger();
        logger.ForContext(Constants.SourceContextPropertyName, "Shop.Payments").ForContext("channel", "shop").Information("{Line:l}", line);
    }

    // An attempt that a killed worker held is given out again after its minute.
    static async Task<string> OnlyWorkflowAsync(Pipeline pipeline, string status) =>
        (await Eventually.GetAsync(() => FirstWorkflowAsync(pipeline, status), id => id is not null, TimeSpan.FromMinutes(2)))!;

    static async Task<string?> FirstWorkflowAsync(Pipeline pipeline, string status)
    {
        using var list = JsonDocument.Parse(
            await CliAsync(pipeline, "workflow", "list", "-o", "json", "--query", $"ExecutionStatus='{status}'"));
        var ids = list.RootElement.EnumerateArray()
            .Select(e => e.GetProperty("execution").GetProperty("workflowId").GetString()!).ToArray();
        ids.Length.ShouldBeLessThan(2);
        foreach (var id in ids) BatchId.TryParse(id, out _).ShouldBeTrue(id);
        return ids.FirstOrDefault();
    }

    static async Task<string> CliAsync(Pipeline pipeline, params string[] arguments)
    {
        var run = await pipeline.Temporal.CliAsync(arguments);
        run.ExitCode.ShouldBe(0, run.Everything);
        return run.Output;
    }

    static async Task RecordAsync(Pipeline pipeline, string id, string name)
    {
        var history = await CliAsync(pipeline, "workflow", "show", "-w", id, "-o", "json");
        using (var json = JsonDocument.Parse(history))
            json.RootElement.GetProperty("events")[0].GetProperty("eventType").GetString()
                .ShouldBe("EVENT_TYPE_WORKFLOW_EXECUTION_STARTED");
        if (!Record) return;
        var folder = Repository.PathOf("tests", "LogPipeline.Tests", "Replay", "Histories");
        Directory.CreateDirectory(folder);
        // Stack traces name the folder of the build, which is nobody's business and differs everywhere.
        await File.WriteAllTextAsync(Path.Combine(folder, name + ".json"),
            history.Replace(Repository.Root, "/_", StringComparison.Ordinal) + "\n");
    }
}
