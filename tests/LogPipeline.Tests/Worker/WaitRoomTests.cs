using LogPipeline.TestSupport;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;

namespace LogPipeline.Tests.Worker;

/// <summary>Batches that wait for one that never comes leave room for those that can be written.</summary>
public sealed class WaitRoomTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    const int Places = 6;
    const int Vain = 60;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 1)]
    [InlineData(3, 1)]
    [InlineData(100, 50)]
    [InlineData(10_000, 5_000)]
    public void HalfOfThePlacesMayWaitAndOneAtLeast(int places, int max)
    {
        var room = new WaitRoom(places);
        for (var i = 0; i < max; i++) room.TryEnter().ShouldBeTrue();
        for (var i = 0; i < 3; i++) room.TryEnter().ShouldBeFalse();
        room.Leave();
        room.TryEnter().ShouldBeTrue();
        room.TryEnter().ShouldBeFalse();
    }

    [Fact]
    public async Task GoodBatchesAreWrittenWhileManyWaitForOneThatNeverEnds()
    {
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(), TimeProvider.System);
        writer.Start();
        var box = new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        // Whoever waits has its place for 7 s, and comes again: without a bound nobody else would have one for long.
        var keeper = new OrderKeeper(new BatchWriter(writer, box, "me", TimeProvider.System), TimeSpan.FromMinutes(5),
            new WaitRoom(Places), isShared: false, TimeProvider.System);
        var activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance);
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var queue = Some.Name("room");
        var never = new BatchId(Some.Name("never"), "i1", 1);
        await client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [null],
            new WorkflowOptions(never.ToString(), Some.Name("nobody")));
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(queue)
        {
            Tuner = WorkerTuner.CreateFixedSize(10, Places, Places, nexusTaskSlots: 1),
        }.AddWorkflow<LogProcessingWorkflow>().AddActivity(activity.WriteAsync));
        await worker.ExecuteAsync(async () =>
        {
            for (var first = 2; first < 2 + Vain; first++)
                await StartAsync(new BatchId(never.Source, never.Instance, first), never.ToString());
            for (var first = 1; first <= 5; first++)
            {
                var good = await StartAsync(new BatchId(Some.Name("good"), "i1", first), previous: null);
                await good.GetResultAsync<WriteReceipt>().WaitAsync(TimeSpan.FromSeconds(60));
            }
        });
        SomeBatch.Sequences(disk.Root, "app").Count.ShouldBe(5);

        Task<WorkflowHandle> StartAsync(BatchId id, string? previous)
        {
            var records = Some.Records(1, id);
            return client.StartWorkflowAsync(PipelineDefaults.WorkflowName,
                [Some.Header(id, records) with { Previous = previous }, Records(records)],
                new WorkflowOptions(id.ToString(), queue));
        }
    }

    static Temporalio.Converters.RawValue Records(IReadOnlyList<ReadOnlyMemory<byte>> records) => new(new()
    {
        Data = Google.Protobuf.ByteString.CopyFrom(LogBatchRecords.Encode(records)),
        Metadata = { ["encoding"] = Google.Protobuf.ByteString.CopyFromUtf8("json/plain") },
    });
}
