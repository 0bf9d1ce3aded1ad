using System.Collections.Concurrent;
using System.Diagnostics;
using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;
using Serilog;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.Tests.Publisher;

/// <summary>A batch's spans, from the sink through Temporal to the worker.</summary>
public sealed class TraceTests : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly EmbeddedServer _server;
    readonly TempDirectory _folder = new();
    readonly InMemoryDisk _disk = new();
    readonly string _source = Some.Name("traced");
    readonly ConcurrentQueue<Activity> _ended = new();
    readonly ActivityListener _listener;

    public TraceTests(EmbeddedServer server)
    {
        _server = server;
        _listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name is TemporalSink.ActivitySourceName or WorkerTrace.SourceName,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
    }

    public void Dispose()
    {
        _listener.Dispose();
        _folder.Dispose();
    }

    // Other tests have batches too.
    Activity Ended(string source, string tag) => _ended.Where(span => span.Source.Name == source
        && span.GetTagItem(tag)?.ToString()!.StartsWith($"logs/{_source}/", StringComparison.Ordinal) == true).ShouldHaveSingleItem();

    async Task<WorkflowHandle> RunAsync(string? keys, bool isTraced = true)
    {
        if (isTraced) ActivitySource.AddActivityListener(_listener);
        var options = new TemporalSinkOptions
        {
            Address = _server.Address, Source = _source, TaskQueue = _source, SpoolDirectory = _folder.File("spool"),
            Timeouts = { Close = TimeSpan.FromSeconds(20), Report = TimeSpan.Zero },
        };
        if (keys is not null) options.Codec.EncryptionKeys = SomeKeys.Ring(keys);
        using var request = new Activity("request").SetIdFormat(ActivityIdFormat.W3C).Start();
        string instance;
        await using (var sink = new TemporalSink(options, ignoreEnvironment: true))
        {
            using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
            logger.Information("of a request");
            instance = sink.Instance;
        }
        var ring = keys is null ? KeyRing.Empty : SomeKeys.Ring(keys);
        var client = await TemporalClient.ConnectAsync(new(_server.Address)
        {
            DataConverter = PipelineCodec.Converter(ring, 4096, requiresEncryption: keys is not null),
        });
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions(), TimeProvider.System);
        writer.Start();
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var keeper = new OrderKeeper(new BatchWriter(writer, box, "me", TimeProvider.System), TimeSpan.FromSeconds(1),
            isShared: false, slots: 100, TimeProvider.System);
        var activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(_source)
        {
            Interceptors = [new TraceReceiver(WorkerTrace.Source)],
        }.AddWorkflow<LogProcessingWorkflow>().AddActivity(activity.WriteAsync));
        var handle = client.GetWorkflowHandle(new BatchId(_source, instance, 1).ToString());
        await worker.ExecuteAsync(() => handle.GetResultAsync<WriteReceipt>());
        SomeBatch.Lines(_disk.Root, "app").ShouldHaveSingleItem().ShouldContain($"\"@tr\":\"{request.TraceId}\"");
        return handle;
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheWorkersSpanIsBelowThePublishersAndEventsKeepTheirOwnTrace(bool isEncrypted)
    {
        await RunAsync(isEncrypted ? $"k1:{SomeKeys.Old}" : null);
        var published = Ended(TemporalSink.ActivitySourceName, "logpipeline.batch");
        var written = Ended(WorkerTrace.SourceName, "temporalWorkflowID");
        (published.Kind, written.Kind).ShouldBe((ActivityKind.Producer, ActivityKind.Consumer));
        (written.TraceId, written.ParentSpanId).ShouldBe((published.TraceId, published.SpanId));
        published.Parent.ShouldBeNull();
        published.ParentSpanId.ShouldBe(default);
        _disk.Root.Directory("app").List().ShouldNotBeEmpty();
        SomeBatch.Lines(_disk.Root, "app")[0].ShouldNotContain(published.TraceId.ToString());
        (published.GetTagItem("logpipeline.records"), written.GetTagItem("logpipeline.records")).ShouldBe((1, 1));
        (published.Status, written.Status).ShouldBe((ActivityStatusCode.Unset, ActivityStatusCode.Unset));
    }

    [Fact]
    public async Task ATracedBatchIsReplayedByAWorkerThatTracesNothing()
    {
        var history = await (await RunAsync(keys: null)).FetchHistoryAsync();
        history.Events.First().WorkflowExecutionStartedEventAttributes.Header.Fields.Keys.ShouldBe([TraceHeader.Key]);
        foreach (var interceptors in (TraceReceiver[][])[[], [new TraceReceiver(WorkerTrace.Source)]])
            await new WorkflowReplayer(new WorkflowReplayerOptions { Interceptors = interceptors }.AddWorkflow<LogProcessingWorkflow>())
                .ReplayWorkflowAsync(history);
    }

    [Fact]
    public async Task WhereNobodyListensNothingIsSent()
    {
        var history = await (await RunAsync(keys: null, isTraced: false)).FetchHistoryAsync();
        history.Events.First().WorkflowExecutionStartedEventAttributes.Header?.Fields.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("{\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\"}", true)]
    [InlineData("{\"traceparent\":\"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\",\"tracestate\":\"a=b\"}", true)]
    [InlineData("{\"traceparent\":5}", false)]
    [InlineData("{\"traceparent\":\"00-x\"}", false)]
    [InlineData("[]", false)]
    [InlineData("", false)]
    [InlineData("nonsense", false)]
    public void AHeaderThatIsNoneIsPassedOver(string json, bool isOne)
    {
        Read(json).ShouldBe(isOne);
        Read(json + new string(' ', 3_000)).ShouldBeFalse();

        static bool Read(string text) => TraceHeader.TryRead(new Dictionary<string, Payload>
        {
            [TraceHeader.Key] = new() { Data = ByteString.CopyFromUtf8(text) },
        }, out _);
    }

    [Fact]
    public void WhatIsWrittenIsRead()
    {
        using var span = new Activity("x").SetIdFormat(ActivityIdFormat.W3C).Start();
        span.TraceStateString = "a=b";
        TraceHeader.TryRead(new Dictionary<string, Payload> { [TraceHeader.Key] = TraceHeader.Write(span) }, out var read).ShouldBeTrue();
        (read.TraceId, read.SpanId, read.TraceState, read.IsRemote).ShouldBe((span.TraceId, span.SpanId, "a=b", true));
    }
}
