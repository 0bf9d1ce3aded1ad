using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>A batch is taken out of Temporal when its letter is on the disk, and not before.</summary>
public sealed class UnreadableSweepTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    readonly InMemoryDisk _disk = new();
    readonly string _queue = Some.Name("sweep");

    [Theory]
    [InlineData(StoreVerb.Write)]
    [InlineData(StoreVerb.Sync)]
    [InlineData(StoreVerb.Replace)]
    public async Task WhileItsLetterCannotBeKeptABatchStaysInTemporal(StoreVerb refused)
    {
        var (sweep, workflow) = await ArrangeAsync();
        _disk.Fault = operation => operation.Verb == refused ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<IOException>(() => sweep.SweepAsync(CancellationToken.None));
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
        Letters().ShouldBeEmpty();

        _disk.Fault = null;
        await sweep.SweepAsync(CancellationToken.None);
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        Letters().ShouldHaveSingleItem().Head!.Workflow.ShouldBe(workflow.Id);
    }

    [Fact]
    public async Task ABatchIsLeftAloneUntilItsGraceHasPassed()
    {
        var (_, workflow) = await ArrangeAsync();
        await Sweep(workflow.Client, later: TimeSpan.FromMinutes(59.5)).SweepAsync(CancellationToken.None);
        Letters().ShouldBeEmpty();
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    [Fact]
    public async Task ABatchThatIsInItsFileAndWaitsForADestinationIsLeftAlone()
    {
        var (sweep, workflow) = await ArrangeAsync();
        using (var worker = new TemporalWorker(workflow.Client, new TemporalWorkerOptions(_queue).AddWorkflow<WrittenAndWaiting>()))
        {
            var patched = $"TaskQueue = '{_queue}' AND TemporalChangeVersion IS NOT NULL";
            await worker.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await workflow.Client.CountWorkflowsAsync(patched)).Count == 1, TimeSpan.FromMinutes(1)));
        }
        await sweep.SweepAsync(CancellationToken.None);
        Letters().ShouldBeEmpty();
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
    }

    IReadOnlyList<ListedLetter> Letters() => Box().List();

    DeadLetterBox Box() => new(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20);

    UnreadableSweep Sweep(ITemporalClient client, TimeSpan later) => new(
        client, new PipelineCodec(KeyRing.Empty, 0), Box(), new UnreadableSweepOptions(_queue, TimeSpan.FromHours(1)), new TestClock(DateTimeOffset.UtcNow + later), NullLogger.Instance);

    async Task<(UnreadableSweep Sweep, WorkflowHandle Workflow)> ArrangeAsync()
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var workflow = await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, ["no batch"], new WorkflowOptions($"logs/{_queue}/i1/000000000001", _queue));
        return (Sweep(client, later: TimeSpan.FromHours(2)), workflow);
    }
}

/// <summary>As a batch's workflow is once the file is written and its destination is away.</summary>
[Workflow(PipelineDefaults.WorkflowName)]
public sealed class WrittenAndWaiting
{
    [WorkflowRun]
    public async Task RunAsync(string input)
    {
        if (Workflow.Patched(PipelineDefaults.DeliveryPatch)) await Workflow.WaitConditionAsync(() => input.Length == 0);
    }
}
