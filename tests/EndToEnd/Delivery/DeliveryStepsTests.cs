using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace LogPipeline.EndToEnd.Delivery;

/// <summary>The workflow's part of a delivery, with activities that a test decides on, on the embedded server.</summary>
public sealed class DeliveryStepsTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>
{
    sealed class File(params DeliveryTarget[] targets) : ILogProcessingActivity
    {
        [Activity(PipelineDefaults.ActivityName)]
        public Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records) => Task.FromResult(new WriteReceipt
        {
            BatchId = header.Id.ToString(), RecordCount = header.RecordCount, Bytes = 1, Worker = "file", DeliverTo = targets,
            Files = [new WrittenRange { File = "host-1/app/2026-11-21.001.clef", Offset = 0, Length = 1, RecordCount = 1 }],
        });
    }

    sealed class Destination(Func<int, DeliveryReceipt> deliver) : ILogDeliveryActivity
    {
        int _calls;

        public List<LogDelivery> Seen { get; } = [];

        [Activity(PipelineDefaults.DeliveryActivityName)]
        public Task<DeliveryReceipt> DeliverAsync(LogDelivery delivery, LogBatchHeader header, IRawValue records)
        {
            LogBatchRecords.Decode(records.Payload.Data.Memory).Count.ShouldBe(header.RecordCount);
            lock (Seen) Seen.Add(delivery);
            return Task.FromResult(deliver(Interlocked.Increment(ref _calls)));
        }
    }

    async Task<WriteReceipt> RunAsync(File file, Destination destination)
    {
        var queue = Some.Name("queue");
        var client = await TemporalClient.ConnectAsync(new(server.Address));
        var files = new TemporalWorkerOptions(queue);
        files.AddWorkflow<LogProcessingWorkflow>();
        files.AddActivity(file.WriteAsync);
        var deliveries = new TemporalWorkerOptions(PipelineDefaults.DeliveryQueue(queue, "elsewhere"));
        deliveries.AddActivity(destination.DeliverAsync);
        using var first = new TemporalWorker(client, files);
        using var second = new TemporalWorker(client, deliveries);
        var id = Some.BatchId();
        var records = Some.Records(1, id);
        return await first.ExecuteAsync(() => second.ExecuteAsync(async () =>
        {
            var payload =
                new Temporalio.Api.Common.V1.Payload { Data = Google.Protobuf.ByteString.CopyFrom(LogBatchRecords.Encode(records)),
                    Metadata = { ["encoding"] = Google.Protobuf.ByteString.CopyFromUtf8("json/plain") } };
            var handle = await client.StartWorkflowAsync((LogProcessingWorkflow w) =>
                w.RunAsync(Some.Header(id, records, "app"), new RawValue(payload)), new(id.ToString(), queue));
            return await handle.GetResultAsync();
        }));
    }

    static DeliveryTarget For(TimeSpan giveUpAfter) => new() { Destination = "elsewhere", GiveUpAfterSeconds = giveUpAfter.TotalSeconds };

    [Fact]
    public async Task ADeliveryThatFailsIsTriedAgainAndTheFileIsNot()
    {
        var destination = new Destination(call =>
            call < 3 ? throw new ApplicationFailureException("not now", nextRetryDelay: TimeSpan.FromMilliseconds(50))
                : new DeliveryReceipt { Destination = "elsewhere", RecordCount = 1 });
        var receipt = await RunAsync(new File(For(TimeSpan.FromMinutes(5))), destination);
        receipt.DeliverTo.ShouldBeNull();
        receipt.Deliveries.ShouldBe([new DeliveryReceipt { Destination = "elsewhere", RecordCount = 1 }]);
        destination.Seen.Count.ShouldBe(3);
        destination.Seen.ShouldAllBe(delivery => delivery.Folders.Single() == "app");
    }

    [Fact]
    public async Task WhenTheTimeIsOverTheBatchIsLeftToItsFileAndTheReceiptSaysWhy()
    {
        var destination = new Destination(_ => throw new ApplicationFailureException("still away"));
        var receipt = await RunAsync(new File(For(TimeSpan.FromSeconds(2))), destination);
        receipt.RecordCount.ShouldBe(1);
        receipt.Deliveries.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(d => d.RecordCount.ShouldBe(0), d => d.Failure.ShouldBe("still away"));
    }

    [Fact]
    public async Task WithoutDestinationsTheWorkflowIsWhatItWas() =>
        (await RunAsync(new File(), new Destination(_ => throw new InvalidOperationException("nobody asked")))).Deliveries.ShouldBeNull();
}
