using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Workflows;

namespace LogPipeline.Tests.DeadLetters;

/// <summary>A batch is taken out of Temporal when its letter is on the disk, and not before.</summary>
public sealed class UnreadableBatchesTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    readonly InMemoryDisk _disk = new();
    readonly string _queue = Some.Name("sweep");

    [Theory]
    [InlineData(StoreVerb.Write)]
    [InlineData(StoreVerb.Sync)]
    [InlineData(StoreVerb.Replace)]
    public async Task WhileItsLetterCannotBeKeptABatchStaysInTemporal(StoreVerb refused)
    {
        var (batches, workflow) = await ArrangeAsync();
        var batch = (await batches.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem();
        _disk.Fault = operation => operation.Verb == refused ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<IOException>(() => batches.KeepAsync(batch, CancellationToken.None));
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Running);
        Letters().ShouldBeEmpty();

        _disk.Fault = null;
        var name = await batches.KeepAsync(batch, CancellationToken.None);
        (await workflow.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        var letter = Letters().ShouldHaveSingleItem();
        letter.Name.ShouldBe(name);
        letter.Head!.Workflow.ShouldBe(workflow.Id);
    }

    [Fact]
    public async Task ABatchThatCanBeReadIsNotFound()
    {
        var (batches, workflow) = await ArrangeAsync();
        var (header, _) = SomeBatch.Of(1, "app");
        await workflow.Client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new[] { 1 }],
            new WorkflowOptions($"logs/{_queue}/i1/000000000002", _queue));
        (await batches.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem().Workflow.ShouldBe(workflow.Id);
    }

    [Fact]
    public async Task ABatchWithoutAnyArgumentIsKeptToo()
    {
        var (batches, workflow) = await ArrangeAsync();
        await workflow.TerminateAsync();
        var empty = await workflow.Client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [],
            new WorkflowOptions($"logs/{_queue}/i1/000000000003", _queue));
        var batch = (await batches.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem();
        batch.Why.Reason.ShouldContain("0 arguments");
        var name = await batches.KeepAsync(batch, CancellationToken.None);
        (await empty.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        Box().Read(name).Head.Workflow.ShouldBe(empty.Id);
    }

    [Fact]
    public async Task ABatchThatHasEndedMeanwhileIsKeptAllTheSame()
    {
        var (batches, workflow) = await ArrangeAsync();
        var batch = (await batches.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem();
        await workflow.TerminateAsync();
        await batches.KeepAsync(batch, CancellationToken.None);
        Letters().ShouldHaveSingleItem();
    }

    [Fact]
    public async Task ABatchThatIsInItsFileAndWaitsForADestinationIsLeftAlone()
    {
        var (batches, workflow) = await ArrangeAsync();
        using (var worker = new TemporalWorker(workflow.Client, new TemporalWorkerOptions(_queue).AddWorkflow<WrittenAndWaiting>()))
        {
            var patched = $"TaskQueue = '{_queue}' AND TemporalChangeVersion IS NOT NULL";
            await worker.ExecuteAsync(() => Eventually.TrueAsync(
                async () => (await workflow.Client.CountWorkflowsAsync(patched)).Count == 1, TimeSpan.FromMinutes(1)));
        }
        (await batches.FindAsync(CancellationToken.None).ToListAsync()).ShouldBeEmpty();
    }

    IReadOnlyList<ListedLetter> Letters() => Box().List();

    DeadLetterBox Box() => new(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20);

    async Task<(UnreadableBatches Batches, WorkflowHandle Workflow)> ArrangeAsync()
    {
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var workflow = await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, ["no batch"],
            new WorkflowOptions($"logs/{_queue}/i1/000000000001", _queue));
        return (new UnreadableBatches(client, new PipelineCodec(KeyRing.Empty, 0), Box(), _queue, new TestClock()), workflow);
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
