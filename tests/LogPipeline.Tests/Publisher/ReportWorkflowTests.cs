using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Activities;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Worker;

namespace LogPipeline.Tests.Publisher;

/// <summary>Reports on their way through Temporal: with a batch, and by themselves.</summary>
public sealed class ReportWorkflowTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _folder = new();
    readonly InMemoryDisk _disk = new();
    readonly PublisherBooks _books = new(TimeProvider.System);
    readonly string _queue = Some.Name("reports");

    public void Dispose() => _folder.Dispose();

    // Of the second and later events of Information the books tell, and no batch.
    TemporalSinkOptions Options => new()
    {
        Address = server.Address, Source = _queue, TaskQueue = _queue, SpoolDirectory = _folder.File("spool"),
        Sampling = { Information = 1_000_000 }, Timeouts = { Close = TimeSpan.FromSeconds(20) },
    };

    async Task<(TemporalClient Client, string Report)> LogAsync()
    {
        await using var sink = new TemporalSink(Options, ignoreEnvironment: true);
        sink.Emit(SomeEvent.Of("sent"));
        await sink.FlushAsync();
        for (var i = 0; i < 4; i++) sink.Emit(SomeEvent.Of("left out"));
        return (await TemporalClient.ConnectAsync(new(server.Address)), PipelineDefaults.ReportId(_queue, sink.Instance));
    }

    [Fact]
    public async Task AWorkerKnowsWhatAPublisherSaidLast()
    {
        var (client, report) = await LogAsync();
        await using var writer = new LogWriter(_disk.Root, new LogWriterOptions(), TimeProvider.System);
        writer.Start();
        var box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 30);
        var keeper = new OrderKeeper(new BatchWriter(writer, box, "me", TimeProvider.System), TimeSpan.FromSeconds(1),
            isShared: false, slots: 100, TimeProvider.System);
        var activity = new LogProcessingActivity(keeper, NullLogger<LogProcessingActivity>.Instance, _books);
        using var worker = new TemporalWorker(client, new TemporalWorkerOptions(_queue).AddWorkflow<LogProcessingWorkflow>()
            .AddActivity(activity.WriteAsync));
        await worker.ExecuteAsync(async () =>
        {
            var receipt = await client.GetWorkflowHandle<LogProcessingWorkflow, WriteReceipt>(report).GetResultAsync();
            (receipt.RecordCount, receipt.DeadLetter).ShouldBe((0, null));
            await Eventually.TrueAsync(() => Task.FromResult(SomeBatch.Lines(_disk.Root, "app").Count == 1), TimeSpan.FromSeconds(30));
        });
        var said = _books.Read().ShouldHaveSingleItem().Report!;
        (said.Source, said.Host, said.Breaker.State, said.Ended).ShouldBe((_queue, Environment.MachineName, "closed", true));
        var counts = said.Counts;
        (counts.Emitted, counts.Filtered, counts.InTemporal, counts.Queued + counts.Spooled).ShouldBe((5, 4, 1, 0));
        SomeBatch.Lines(_disk.Root, "app").Count.ShouldBe(1);
    }

    [Fact]
    public async Task WithoutAWorkerThatKnowsReportsOneWaitsForAMinuteAndNoMore()
    {
        var (client, report) = await LogAsync();
        var description = await client.GetWorkflowHandle(report).DescribeAsync();
        var started = (await client.GetWorkflowHandle(report).FetchHistoryAsync()).Events.First().WorkflowExecutionStartedEventAttributes;
        started.WorkflowExecutionTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(1));
        description.Status.ShouldBe(WorkflowExecutionStatus.Running);
        // What a worker does that knows no reports: it leaves the batch to a newer one, and makes no dead letter of it.
        Should.Throw<NewerBatchException>(() => BatchAdmission.Admit(SomeBatch.Of(1, "app").Header with
        {
            Version = LogBatchHeader.ReportVersion, RecordCount = 0, Publisher = SomeReport.Of(),
        }));
    }
}
