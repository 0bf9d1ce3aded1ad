using System.Text.Json;
using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Worker;

namespace LogPipeline.Tests.Worker;

/// <summary>Workflows as anybody may start them, run by the SDK's worker: each ends, and the next batch is written.</summary>
public sealed class HostileWorkflowTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>, IAsyncLifetime
{
    static readonly PipelineCodec Codec = new(KeyRing.Empty, 4096);

    readonly InMemoryDisk _disk = new();
    readonly string _queue = Some.Name("hostile");
    readonly CancellationTokenSource _ending = new();
    LogWriter _writer = null!;
    DeadLetterBox _box = null!;
    TemporalClient _starter = null!;
    TemporalWorker _worker = null!;
    Task _running = Task.CompletedTask;

    public async Task InitializeAsync()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), TimeProvider.System);
        _writer.Start();
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var batches = new BatchWriter(_writer, _box, "me", TimeProvider.System);
        var keeper = new OrderKeeper(batches, TimeSpan.FromSeconds(1), isShared: false, slots: 100, TimeProvider.System);
        var activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance);
        // The one who starts has no codec: what is sent is what was made.
        _starter = await TemporalClient.ConnectAsync(new(temporal.Address));
        var client = await TemporalClient.ConnectAsync(new(temporal.Address)
        {
            DataConverter = PipelineCodec.Converter(KeyRing.Empty, 4096),
        });
        _worker = new TemporalWorker(client, new TemporalWorkerOptions(_queue).AddWorkflow<LogProcessingWorkflow>()
            .AddActivity(activity.WriteAsync));
        _running = _worker.ExecuteAsync(_ending.Token);
    }

    public async Task DisposeAsync()
    {
        await _ending.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(_running);
        _worker.Dispose();
        await _writer.DisposeAsync();
    }

    (BatchId Id, LogBatchHeader Header, byte[] Array) Batch(long first)
    {
        var id = new BatchId(_queue, "i1", first);
        var records = Some.Records(1, id);
        return (id, Some.Header(id, records), LogBatchRecords.Encode(records));
    }

    static Payload Json(byte[] json) =>
        new() { Data = ByteString.CopyFrom(json), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } };

    static byte[] Bytes(object? header) => JsonSerializer.SerializeToUtf8Bytes(header);

    Task<WorkflowHandle> StartAsync(BatchId id, params Payload[] arguments) => _starter.StartWorkflowAsync(PipelineDefaults.WorkflowName,
        [.. arguments.Select(payload => new RawValue(payload))], new WorkflowOptions(id.ToString(), _queue));

    async Task NextIsWrittenAsync()
    {
        var (id, header, array) = Batch(1000);
        var handle = await StartAsync(id, Json(Bytes(header)), Codec.Encode(Json(array)));
        (await handle.GetResultAsync<WriteReceipt>()).ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(1), r =>
            r.DeadLetter.ShouldBeNull());
    }

    [Theory]
    [InlineData("a null header")]
    [InlineData("no counts")]
    [InlineData("another's name")]
    [InlineData("itself before it")]
    [InlineData("long names")]
    [InlineData("a bomb")]
    [InlineData("a bomb of records")]
    [InlineData("another encoding")]
    public async Task ItEndsAsADeadLetter(string what)
    {
        var (id, header, array) = Batch(1);
        var (sent, records) = what switch
        {
            "a null header" => (Bytes(null), Json(array)),
            "no counts" => (Bytes(header with { Levels = null!, Channels = null! }), Json(array)),
            "another's name" => (Bytes(header with { Source = "victim" }), Json(array)),
            "itself before it" => (Bytes(header with { Previous = id.ToString() }), Json(array)),
            "long names" => (Bytes(header with { Version = 0,
                Channels = new Dictionary<string, int> { [new string('ä', 5_000)] = 1 } }), Json(array)),
            "a bomb" => (Bytes(header), Codec.Encode(Json(new byte[16 << 20]))),
            "a bomb of records" => (Bytes(header),
                Codec.Encode(Json([.. "["u8, .. Enumerable.Repeat("{},"u8.ToArray(), 600_000).SelectMany(one => one), .. "{}]"u8]))),
            _ => (Bytes(header), new Payload { Metadata = { ["encoding"] = ByteString.CopyFromUtf8("binary/other") } }),
        };
        var receipt = await (await StartAsync(id, Json(sent), records)).GetResultAsync<WriteReceipt>();
        receipt.RecordCount.ShouldBe(0);
        var letter = _box.Read(receipt.DeadLetter.ShouldNotBeNull());
        letter.Head.Workflow.ShouldBe(id.ToString());
        letter.Head.Parts.ShouldHaveSingleItem().Reason.ShouldNotBeEmpty();
        await NextIsWrittenAsync();
    }

    [Fact]
    public async Task AnUnopenedLetterHoldsWhatCameAndIsSentAgainAsIt()
    {
        var (id, header, _) = Batch(1);
        var bomb = Codec.Encode(Json(new byte[16 << 20]));
        var receipt = await (await StartAsync(id, Json(Bytes(header)), bomb)).GetResultAsync<WriteReceipt>();
        var again = RetriedBatch.Of(_box.Read(receipt.DeadLetter!), receipt.DeadLetter!);
        again.IsEncoded.ShouldBeTrue();
        again.Input[1].ShouldBe(bomb);
        again.Encoded(new PipelineCodec(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 1)).Input.ShouldAllBe(payload => EncryptedPayload.Is(payload));
    }

    [Fact]
    public async Task OfTooManyArgumentsNoneIsDecodedAndTheBatchCanBeKept()
    {
        var (id, header, array) = Batch(1);
        var bomb = Codec.Encode(Json(new byte[1 << 20]));
        var handle = await StartAsync(id, [Json(Bytes(header)), Json(array), .. Enumerable.Repeat(bomb, 120)]);
        await Eventually.TrueAsync(async () => (await handle.FetchHistoryAsync()).Events.Any(e =>
            e.WorkflowTaskFailedEventAttributes?.Failure.ToString().Contains("122 arguments", StringComparison.Ordinal) == true),
            TimeSpan.FromMinutes(1));
        var unreadable = new UnreadableBatches(_starter, Codec, _box, _queue, TimeProvider.System);
        var batch = (await unreadable.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem();
        batch.Why.Reason.ShouldContain("122 arguments");
        await unreadable.KeepAsync(batch, CancellationToken.None);
        (await handle.DescribeAsync()).Status.ShouldBe(WorkflowExecutionStatus.Terminated);
        await NextIsWrittenAsync();
    }

    [Fact]
    public async Task SignalsThatNobodyAskedForTakeLittleAndTheBatchIsWritten()
    {
        var (id, header, array) = Batch(1);
        var bomb = new RawValue(Codec.Encode(Json(new byte[1 << 20])));
        var handle = await _starter.StartWorkflowAsync(PipelineDefaults.WorkflowName,
            [new RawValue(Json(Bytes(header))), new RawValue(Codec.Encode(Json(array)))],
            new WorkflowOptions(id.ToString(), _queue) { StartSignal = "anything", StartSignalArgs = [bomb, bomb] });
        (await handle.GetResultAsync<WriteReceipt>()).RecordCount.ShouldBe(1);
    }
}
