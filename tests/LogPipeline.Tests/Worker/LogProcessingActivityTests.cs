using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
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
    readonly PublisherBooks _publishers = new(TimeProvider.System);

    public LogProcessingActivityTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), new TestClock());
        _writer.Start();
        var batches = new BatchWriter(_writer, new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20), "me",
            new TestClock());
        var keeper = new OrderKeeper(batches, TimeSpan.FromSeconds(3), isShared: false, slots: 100, new TestClock());
        _activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance, _publishers);
    }

    public async ValueTask DisposeAsync() => await _writer.DisposeAsync();

    Task<WriteReceipt> RunAsync(LogBatchHeader header, byte[] array, string encoding = "json/plain", int attempt = 1,
        bool isLocal = false)
    {
        var payload = new Payload { Data = ByteString.CopyFrom(array), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) } };
        return new ActivityEnvironment
        {
            TemporalClient = TemporalClient.CreateLazy(new("127.0.0.1:1")),
            Info = ActivityEnvironment.DefaultInfo with
            {
                WorkflowId = header.Id.ToString(), Attempt = attempt, IsLocal = isLocal,
            },
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

    [Theory]
    [InlineData(1, 5)]
    [InlineData(4, 40)]
    [InlineData(1_000, 300)]
    public async Task ABatchForAnotherWorkerIsTriedLessAndLess(int attempt, int seconds)
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var newer = header with { Version = LogBatchHeader.CurrentVersion + 1 };
        var failures = new[]
        {
            await Should.ThrowAsync<ApplicationFailureException>(() => RunAsync(newer, array, attempt: attempt)),
            await Should.ThrowAsync<ApplicationFailureException>(() =>
                RunAsync(header, array, "binary/encrypted", attempt)),
        };
        failures.ShouldAllBe(failure => !failure.NonRetryable && failure.NextRetryDelay == TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task ABatchForAnotherWorkerLeavesTheLocalActivityAtOnce()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        var newer = header with { Version = LogBatchHeader.CurrentVersion + 1 };
        (await Should.ThrowAsync<ApplicationFailureException>(() => RunAsync(newer, array, isLocal: true)))
            .NonRetryable.ShouldBeTrue();
    }

    [Fact]
    public async Task AFullDiskIsTriedAgain()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        _disk.Fault = operation => operation.Verb == StoreVerb.Write ? new StoreFault(StoreFaultKind.NoSpace) : null;
        await Should.ThrowAsync<BatchNotWrittenException>(() => RunAsync(header, array));
    }

    [Fact]
    public async Task ABatchBringsAReportAndIsWrittenAlsoWhenItIsNone()
    {
        var (header, array) = SomeBatch.Of(1, "app");
        await RunAsync(header with { Publisher = SomeReport.Of() }, array);
        _publishers.Read().ShouldHaveSingleItem().Report!.Host.ShouldBe("host-1");
        var (next, more) = SomeBatch.Of(2, "app");
        (await RunAsync(next with { Publisher = SomeReport.Of(source: "../x") }, more)).RecordCount.ShouldBe(1);
        _publishers.Read().ShouldHaveSingleItem();
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe([1, 2]);
    }

    [Fact]
    public async Task AReportWithoutRecordsIsTakenAndLeavesNothingOnTheDisk()
    {
        var header = SomeBatch.Of(1, "app").Header with
        {
            Version = LogBatchHeader.ReportVersion, RecordCount = 0, Publisher = SomeReport.Of(),
        };
        var receipt = await RunAsync(header, "[]"u8.ToArray());
        (receipt.RecordCount, receipt.DeadLettered, receipt.Files.Count).ShouldBe((0, 0, 0));
        _publishers.Read().ShouldHaveSingleItem();
        SomeBatch.Files(_disk.Root).ShouldBeEmpty();
        _disk.Root.Directory(DeadLetterBox.DirectoryName).List().ShouldBeEmpty();
    }
}
