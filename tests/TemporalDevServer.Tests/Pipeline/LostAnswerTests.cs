using System.Text.Json;
using LogPipeline.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace TemporalDevServer.Tests.Pipeline;

public sealed class LostAnswerTests
{
    const int Lines = 3000;

    [Fact]
    public async Task BatchesWhoseAnswersAreLostAreWrittenOnce()
    {
        var faults = new CallFaults(seed: 11);
        string[] calls = ["StartWorkflowExecution", "RespondWorkflowTaskCompleted", "RespondActivityTaskCompleted"];
        foreach (var call in calls)
            faults.TimeOutAfterDoing(call, 0.1);
        // Whatever the rate hits: one start is sure to lose its answer.
        faults.TimeOutAfterDoing("StartWorkflowExecution", times: 1);
        await using var server = await DevServer.StartAsync(new DevServerOptions { Interceptors = [faults] });
        await using var pipeline = new PipelineOnServer(server);
        pipeline.StartWorker();
        for (var part = 0; part < Lines; part += 500) await pipeline.SendAsync(
            Enumerable.Range(part, 500).Select(line => $"line {line}"), "app");
        await pipeline.WrittenReachAsync(Lines);
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(server.Address));
        // A batch that would be written once more is one that still runs.
        await Eventually.TrueAsync(
            async () => (await client.CountWorkflowsAsync("ExecutionStatus = 'Running'")).Count == 0,
            TimeSpan.FromMinutes(1),
            explain: () => pipeline.WorkerOutput);
        // One workflow a batch, whatever became of the answers: each was started once, ended well, and holds lines that
        // no other does.
        var workflows = new List<WorkflowExecution>();
        await foreach (var workflow in client.ListWorkflowsAsync("")) workflows.Add(workflow);
        workflows.ShouldAllBe(
            workflow => workflow.Status == WorkflowExecutionStatus.Completed
                && workflow.WorkflowType == "LogProcessingWorkflow");
        workflows.Select(workflow => workflow.Id).ShouldBeUnique();
        var receipts = await Task.WhenAll(
            workflows.Select(
                workflow => client.GetWorkflowHandle<LogProcessingWorkflow, WriteReceipt>(workflow.Id).GetResultAsync()));
        receipts.Sum(receipt => receipt.RecordCount).ShouldBe(Lines);
        pipeline.Written().Select(Message).Order(StringComparer.Ordinal).ShouldBe(
            Enumerable.Range(0, Lines).Select(line => $"line {line}").Order(StringComparer.Ordinal));
        faults.Struck.ShouldBeGreaterThan(0);
    }

    static string Message(string line)
    {
        using var json = JsonDocument.Parse(line);
        return json.RootElement.GetProperty("@mt").GetString()!;
    }
}
