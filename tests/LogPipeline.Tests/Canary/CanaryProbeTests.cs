using LogPipeline.TestSupport;
using LogPipeline.Worker.Canary;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows;
using Temporalio.Activities;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Worker;

namespace LogPipeline.Tests.Canary;

/// <summary>Where a canary is lost is said, on the embedded server and with a worker that a test decides on.</summary>
public sealed class CanaryProbeTests(EmbeddedServer server) : IClassFixture<EmbeddedServer>, IDisposable
{
    readonly TempDirectory _directory = new();
    readonly TestClock _time = new();
    readonly string _queue = Some.Name("canary");
    BatchId _id = CanaryEvent.FirstOf(Some.Instant);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task OneThatIsInItsFileCameThrough()
    {
        var result = await SendAsync(new File(_directory.Path), _directory.Path);
        result.Problem.ShouldBeNull();
        result.Stages().Select(stage => stage.Stage).ShouldBe(["accepted", "written", "read"]);
        (result.File, result.Worker, result.Batch).ShouldBe(("line", "me", _id.ToString()));
    }

    [Fact]
    public async Task AFileOnAnotherMachineIsNotReadAndThatIsNoProblem()
    {
        var result = await SendAsync(new File(_directory.Path), null);
        (result.Problem, result.WrittenSeconds is not null, result.ReadSeconds).ShouldBe((null, true, null));
    }

    [Fact]
    public async Task OneThatIsNotWhereItsReceiptSaysIsMissing()
    {
        var result = await SendAsync(new File(_directory.Path) { Shift = 1 }, _directory.Path);
        result.Problem.ShouldBe($"Its receipt names line, and it is not in that file in {_directory.Path}.");
        result.ReadSeconds.ShouldBeNull();
        (await SendAsync(new File(_directory.Path), _directory.File("nowhere"))).Problem.ShouldNotBeNull()
            .ShouldStartWith("Its receipt names line");
    }

    [Fact]
    public async Task OneThatNobodyWritesIsMissingAfterAMinuteAndTemporalHasIt()
    {
        var client = await ConnectAsync();
        var sent = Probe(null).SendAsync(client, _id, default);
        await Eventually.TrueAsync(async () => await IsThereAsync(client), TimeSpan.FromSeconds(30));
        // Until the minute is over it may still come.
        while (!sent.IsCompleted) await Task.WhenAny(sent, Advance());
        var result = await sent;
        result.Problem.ShouldBe("Temporal has it, and no worker wrote it within 1m; 'logworker doctor' says more.");
        result.AcceptedSeconds.ShouldNotBeNull();

        async Task Advance()
        {
            _time.Advance(CanaryProbe.TimeMax);
            await Task.Yield();
        }
    }

    [Fact]
    public void EachNamesTheOneBeforeItAndIsInTheCanarysChannel()
    {
        var first = CanaryEvent.Of(_id, Some.Instant);
        first.Header.Previous.ShouldBeNull();
        var second = CanaryEvent.Of(new BatchId(_id.Source, _id.Instance, 2), Some.Instant);
        second.Header.Previous.ShouldBe(_id.ToString());
        second.Header.Channels.Keys.ShouldBe([".canary"]);
        Encoding.UTF8.GetString(second.Record).ShouldContain("\"Number\":2,\"channel\":\".canary\"");
    }

    async Task<CanaryResult> SendAsync(File file, string? directory)
    {
        var client = await ConnectAsync();
        _id = new BatchId(_id.Source, Some.Name("i"), 1);
        var options = new TemporalWorkerOptions(_queue);
        options.AddWorkflow<LogProcessingWorkflow>();
        options.AddActivity(file.WriteAsync);
        using var worker = new TemporalWorker(client, options);
        return await worker.ExecuteAsync(() => Probe(directory).SendAsync(client, _id, default));
    }

    CanaryProbe Probe(string? directory) => new(new(server.Address), _queue, _ => directory, null, _time);

    async Task<TemporalClient> ConnectAsync() => await TemporalClient.ConnectAsync(new(server.Address));

    async Task<bool> IsThereAsync(TemporalClient client)
    {
        try
        {
            await client.GetWorkflowHandle(_id.ToString()).DescribeAsync();
            return true;
        }
        catch (Temporalio.Exceptions.RpcException)
        {
            return false;
        }
    }

    sealed class File(string directory) : ILogProcessingActivity
    {
        /// <summary>How far from its line the receipt names it.</summary>
        public int Shift { get; init; }

        [Activity(PipelineDefaults.ActivityName)]
        public Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records)
        {
            var line = LogBatchRecords.Decode(records.Payload.Data.Memory).ShouldHaveSingleItem();
            System.IO.File.WriteAllBytes(Path.Combine(directory, "line"), [.. line.Span, (byte)'\n']);
            return Task.FromResult(new WriteReceipt
            {
                BatchId = header.Id.ToString(), RecordCount = 1, Bytes = line.Length + 1, Worker = "me",
                Files = [new WrittenRange { File = "line", Offset = Shift, Length = line.Length + 1, RecordCount = 1 }],
            });
        }
    }
}
