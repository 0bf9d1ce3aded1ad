using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>A letter that is tried again, as Temporal sees it.</summary>
public sealed class RetriedBatchTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    readonly string _queue = Some.Name("retry");

    [Fact]
    public async Task ALetterWhoseAnswerWasLostIsStartedOnceThoughItsWorkflowHasEndedMeanwhile()
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var batch = Retried(SomeBatch.Of(1, "app").Header);
        await batch.StartAsync(client, _queue, CancellationToken.None);
        var workflow = client.GetWorkflowHandle(batch.Id.ToString());
        var run = (await workflow.DescribeAsync()).RunId;
        await batch.StartAsync(client, _queue, CancellationToken.None);
        await workflow.TerminateAsync();
        await batch.StartAsync(client, _queue, CancellationToken.None);
        (await workflow.DescribeAsync()).ShouldSatisfyAllConditions(
            d => d.RunId.ShouldBe(run), d => d.Status.ShouldBe(WorkflowExecutionStatus.Terminated));
    }

    [Theory]
    [InlineData("error", PipelineDefaults.UrgentPriority)]
    [InlineData("fatal", PipelineDefaults.UrgentPriority)]
    [InlineData("info", 0)]
    public async Task ALetterWithAnErrorIsAsUrgentAsItsBatchWas(string level, int priority)
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var batch = Retried(SomeBatch.Of(1, "app").Header with { Levels = new Dictionary<string, int> { [level] = 1 } });
        await batch.StartAsync(client, _queue, CancellationToken.None);
        var seen = await client.Connection.WorkflowService.DescribeWorkflowExecutionAsync(
            new() { Namespace = client.Options.Namespace, Execution = new() { WorkflowId = batch.Id.ToString() } });
        (seen.WorkflowExecutionInfo.Priority?.PriorityKey ?? 0).ShouldBe(priority);
    }

    [Fact]
    public void ALetterWaitsForNoneBeforeIt() =>
        Retried(SomeBatch.Of(2, "app").Header with { Previous = "logs/shop/i1/000000000001" }).Header!.Previous.ShouldBeNull();

    // Each test has a letter of its own time, and so a workflow of its own.
    static RetriedBatch Retried(LogBatchHeader header)
    {
        var letter = BatchSalvage.Whole(header.Id.ToString(), header, SomeBatch.Of(1, "app").Array, "a reason", DateTimeOffset.UtcNow);
        return RetriedBatch.Of(letter, letter.Name);
    }
}
