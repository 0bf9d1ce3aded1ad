using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Common.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Testing;

namespace LogPipeline.Tests.Worker;

public sealed class LogProcessingActivityTests : IAsyncDisposable
{
    readonly InMemoryDisk _disk = new();
    readonly LogWriter _writer;
    readonly LogProcessingActivity _activity;

    public LogProcessingActivityTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock());
        _writer.Start();
        var batches = new BatchWriter(_writer, new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20), "me",
            new TestClock());
        var keeper = new OrderKeeper(batches, TimeSpan.FromSeconds(3), new WaitRoom(100), isShared: false, new TestClock());
        _activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance);
    }

    public async ValueTask DisposeAsync() => await _writer.DisposeAsync();

    Task<WriteReceipt> RunAsync(LogBatchHeader header, byte[] array, string encoding = "json/plain")
    {
        var payload = new Payload { Data = ByteString.CopyFrom(array), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) } };
        return new ActivityEnvironment
        {
            TemporalClient = TemporalClient.CreateLazy(new("127.0.0.1:1")),
            Info = ActivityEnvironment.DefaultInfo with { WorkflowId = header.Id.ToString() },
        }.RunAsync(() => _activity.WriteAsync(header, new RawValue(payload)));
    }

    [Fact]
    public async Task ABatchIsWrittenAndASecondAttemptFindsIt()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        (await RunAsync(header, array)).AlreadyWritten.ShouldBeFalse();
        (await RunAsync(header, array)).AlreadyWritten.ShouldBeTrue();
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1]);
    }

    [Fact]
    public async Task AnEncodingThatThisWorkerLacksWaitsForOneThatHasIt()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var failure = await Should.ThrowAsync<ApplicationFailureException>(() => RunAsync(header, array, "binary/encrypted"));
        failure.NonRetryable.ShouldBeFalse();
        failure.Message.ShouldContain("'binary/encrypted'");
    }

    [Fact]
    public async Task AFullDiskIsTriedAgain()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        _disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<BatchNotWrittenException>(() => RunAsync(header, array));
    }
}
