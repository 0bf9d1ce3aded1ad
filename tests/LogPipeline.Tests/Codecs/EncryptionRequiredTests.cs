using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Worker;

namespace LogPipeline.Tests.Codecs;

/// <summary>Who may start workflows need not have a key; a worker can be told to write only what was encrypted with one.</summary>
public sealed class EncryptionRequiredTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    static readonly KeyRing Keys = SomeKeys.Ring($"k1:{SomeKeys.Old}");

    [Fact]
    public void WhatIsNotEncryptedIsNotReadWhereThatIsRequired()
    {
        var plain = new Payload { Data = ByteString.CopyFromUtf8("[]") };
        var zipped = new PipelineCodec(KeyRing.Empty, 1).Encode(new Payload { Data = ByteString.CopyFrom(new byte[10_000]) });
        foreach (var payload in (Payload[])[plain, zipped])
        {
            Should.Throw<PayloadNotReadableException>(() => new PipelineCodec(Keys, 0, requiresEncryption: true).Decode(payload))
                .MissingKey.ShouldBeNull();
            new PipelineCodec(Keys, 0).Decode(payload).ShouldNotBeNull();
        }
        var encrypted = new PipelineCodec(Keys, 0).Encode(plain);
        new PipelineCodec(Keys, 0, requiresEncryption: true).Decode(encrypted).ShouldBe(plain);
    }

    [Fact]
    public void WithoutKeysItIsRefusedAtStart() => Should.Throw<ConfigurationException>(() => LogWorkerOptions.Read(
            new Dictionary<string, string> { ["LOG_ENCRYPTION_REQUIRED"] = "true" })).Errors
        .ShouldBe(["LOG_ENCRYPTION_REQUIRED is set and there are no keys; set LOG_ENCRYPTION_KEYS or LOG_ENCRYPTION_KEYS_FILE too."]);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task APlainBatchIsWrittenOnlyWhereItMayBe(bool isRequired)
    {
        var queue = Some.Name("required");
        var disk = new InMemoryDisk();
        await using var writer = new LogWriter(disk.Root, new LogWriterOptions(), TimeProvider.System);
        writer.Start();
        var box = new DeadLetterBox(() => disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var batches = new BatchWriter(writer, box, "me", TimeProvider.System);
        var keeper = new OrderKeeper(batches, TimeSpan.FromSeconds(1), isShared: false, slots: 100,
            TimeProvider.System);
        var client = await TemporalClient.ConnectAsync(new(temporal.Address)
        {
            DataConverter = PipelineCodec.Converter(Keys, 4096, isRequired),
        });
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(queue).AddWorkflow<LogProcessingWorkflow>()
            .AddActivity(new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance).WriteAsync));
        var stranger = await TemporalClient.ConnectAsync(new(temporal.Address));
        await worker.ExecuteAsync(async () =>
        {
            var forged = await StartAsync(stranger, DataConverter.Default);
            (await (await StartAsync(stranger, client.Options.DataConverter)).GetResultAsync<RawValue>()).ShouldNotBeNull();
            if (!isRequired) await forged.GetResultAsync<RawValue>();
            else await Eventually.TrueAsync(async () => (await forged.FetchHistoryAsync()).Events.Any(e =>
                e.WorkflowTaskFailedEventAttributes?.Failure.ToString().Contains("is not encrypted", StringComparison.Ordinal) == true),
                TimeSpan.FromMinutes(1));
        });
        SomeBatch.Sequences(disk.Root, "app").Count.ShouldBe(isRequired ? 1 : 2);
        if (!isRequired) return;
        var waiting = new UnreadableBatches(stranger, new PipelineCodec(Keys, 0, isRequired), box, queue, TimeProvider.System);
        (await waiting.FindAsync(CancellationToken.None).ToListAsync()).ShouldHaveSingleItem().Why.ShouldSatisfyAllConditions(
            why => why.Reason.ShouldContain("is not encrypted"), why => why.By.ShouldBe(ReadableBy.OtherSettings));
        var others = new UnreadableBatches(stranger, new PipelineCodec(Keys, 0), box, queue, TimeProvider.System);
        (await others.FindAsync(CancellationToken.None).ToListAsync()).ShouldBeEmpty();

        async Task<WorkflowHandle> StartAsync(TemporalClient by, DataConverter converter)
        {
            var id = new BatchId(Some.Name(queue), "i1", 1);
            var records = Some.Records(1, id);
            var header = Some.Header(id, records);
            var array = new RawValue(new Payload
            {
                Data = ByteString.CopyFrom(LogBatchRecords.Encode(records)),
                Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
            });
            RawValue[] sent = [.. await Task.WhenAll(new[] { await ConvertAsync(header), array.Payload }.Select(EncodeAsync))];
            return await by.StartWorkflowAsync(PipelineDefaults.WorkflowName, sent, new WorkflowOptions(id.ToString(), queue));

            static Task<Payload> ConvertAsync(LogBatchHeader header) =>
                Task.FromResult(DataConverter.Default.PayloadConverter.ToPayload(header));

            async Task<RawValue> EncodeAsync(Payload payload) => new(converter.PayloadCodec is { } codec
                ? (await codec.EncodeAsync([payload])).Single() : payload);
        }
    }
}
