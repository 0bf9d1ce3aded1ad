using Google.Protobuf;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;
using Temporalio.Api.Common.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Converters;

namespace LogPipeline.Tests.Worker;

/// <summary>Batches that wait in a server, and one that comes to the worker before them.</summary>
public sealed class OrderKeeperTests : IAsyncLifetime
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(1);

    readonly InMemoryDisk _disk = new();
    readonly EmbeddedServer _server = new();
    readonly WriterRecorder _events = new();
    readonly BatchWriter _batches;
    readonly DeadLetterBox _box;
    readonly LogWriter _writer;
    TemporalClient _client = null!;

    public OrderKeeperTests()
    {
        _writer = new LogWriter(_disk.Root, new LogWriterOptions(), TimeProvider.System, _events);
        _box = new DeadLetterBox(() => _disk.Root.Directory(DeadLetterBox.DirectoryName), 1 << 20);
        _batches = new BatchWriter(_writer, _box, "me", TimeProvider.System);
    }

    public async Task InitializeAsync()
    {
        _writer.Start();
        await _server.InitializeAsync();
        _client = await TemporalClient.ConnectAsync(new(_server.Address));
    }

    public async Task DisposeAsync()
    {
        await _writer.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task WhatWaitsBeforeABatchIsBroughtAndWrittenInOrder()
    {
        for (var first = 1; first <= 100; first++) await StartAsync(first);
        await WriteAsWorkflowAsync(101, Keeper());
        Written().ShouldBe(Enumerable.Range(1, 101).Select(n => (long)n));
        // When its own task comes up it finds its receipt.
        (await WriteAsync(50)).AlreadyWritten.ShouldBeTrue();
        Disorders().ShouldBeEmpty();
    }

    [Fact]
    public async Task MoreThanIsKeptInMemoryIsFetchedAgain()
    {
        var bulk = new string('x', 1 << 20);
        for (var first = 1; first <= 20; first++) await StartAsync(first, text: bulk);
        // On a busy machine fetching them takes longer than one attempt waits.
        await WriteAsWorkflowAsync(21, Keeper());
        Written().ShouldBe(Enumerable.Range(1, 21).Select(n => (long)n));
    }

    [Fact]
    public async Task ManyOfOneRowThatComeInAnyOrderAreWrittenInTheirs()
    {
        var order = Enumerable.Range(1, 200).ToArray();
        foreach (var first in order) await StartAsync(first);
        new Random(7).Shuffle(order);
        var keeper = Keeper();
        // Half of them come up, as many at a time as a worker takes; the rest stays in the queue.
        await Parallel.ForEachAsync(order.Take(100), new ParallelOptions { MaxDegreeOfParallelism = 100 }, async (first, _) =>
            await WriteAsWorkflowAsync(first, keeper));
        Written().ShouldBe(Enumerable.Range(1, order.Take(100).Max()).Select(n => (long)n));
        Disorders().ShouldBeEmpty();
    }

    [Fact]
    public async Task ABatchInAnothersHandsIsWaitedForUntilItIsGivenBack()
    {
        await StartAsync(1);
        var task = await _client.WorkflowService.PollWorkflowTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = PipelineDefaults.TaskQueue } });
        task.WorkflowExecution.WorkflowId.ShouldBe(Batch(1).Header.Id.ToString());
        (await Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(2))).IsInLine.ShouldBeFalse();
        Written().ShouldBeEmpty();

        await _client.WorkflowService.RespondWorkflowTaskFailedAsync(new() { Namespace = "default", TaskToken = task.TaskToken });
        await WriteAsync(2);
        Written().ShouldBe([1, 2]);
    }

    [Fact]
    public async Task ABatchInAnothersHandsStopsThoseBehindItAndNotThoseBefore()
    {
        for (var first = 1; first <= 8; first++) await StartAsync(first);
        var tasks = new List<PollWorkflowTaskQueueResponse>();
        do tasks.Add(await _client.WorkflowService.PollWorkflowTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = PipelineDefaults.TaskQueue } }));
        while (tasks[^1].WorkflowExecution.WorkflowId != Batch(5).Header.Id.ToString());
        foreach (var task in tasks[..^1])
            await _client.WorkflowService.RespondWorkflowTaskFailedAsync(new() { Namespace = "default", TaskToken = task.TaskToken });

        var keeper = Keeper();
        var behind = Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(9, keeper));
        // On a busy machine one attempt may end first.
        await WriteAsWorkflowAsync(4, keeper);
        await behind;
        Written().ShouldBe([1, 2, 3, 4]);
        Disorders().ShouldBeEmpty();
    }

    [Fact]
    public async Task WhereMostSlotsAreHeldByThoseThatWaitARowThatStandsGoesBackAtOnce()
    {
        await StartAsync(1, encoding: "binary/encrypted");
        await StartAsync(2);
        var keeper = new OrderKeeper(_batches, TimeSpan.FromHours(1), isShared: false, slots: 2, TimeProvider.System);
        await Task.WhenAll(((int[])[2, 3]).Select(first =>
            Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(first, keeper))));
        Written().ShouldBeEmpty();
    }

    [Fact]
    public async Task WhatStandsBehindABatchThatCannotBeReadIsWrittenWhenThatWasWaitedFor()
    {
        await StartAsync(1, encoding: "binary/encrypted");
        await StartAsync(2);
        var keeper = new OrderKeeper(_batches, TimeSpan.FromHours(1), isShared: false, slots: 100,
            new LaterClock(WaitingBatches.UnreadableWaitMax));
        await WriteAsync(3, keeper);
        Written().ShouldBe([2, 3]);
        Disorders().ShouldBe([2]);
    }

    /// <summary>As a worker's is when a batch was started so long ago.</summary>
    sealed class LaterClock(TimeSpan by) : TimeProvider
    {
        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
    }

    /// <summary>Many rows that never move would hold up one another for ever.</summary>
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task ARowThatWaitsForItsTurnIsInLineUnlessItHasStood(bool hasStood)
    {
        var row = new WaitingRow(TimeProvider.System);
        var crowd = new Crowd(slots: 1, TimeProvider.System);
        var (header, array) = Batch(2);
        var member = row.Join(header, array)!;
        if (hasStood) crowd.Stood((header.Source, header.Instance));
        crowd.Enter();
        var begun = TimeProvider.System.GetTimestamp();
        var carrier = new RowCarrier((header.Source, header.Instance), row, _batches,
            new RowWalk(_batches.HasWritten, TimeProvider.System), crowd, _client, TimeProvider.System);
        using var turns = new SemaphoreSlim(0);
        var carried = carrier.RunAsync(turns);
        // Without a turn it is sent back, as slots are scarce.
        (await member.Receipt).ShouldBeNull();
        row.HasMovedSince(begun).ShouldBe(!hasStood);
        row.Leave(member);
        await carried;
    }

    [Fact]
    public async Task WhereTheyAreNotItIsWaitedFor()
    {
        await StartAsync(1, encoding: "binary/encrypted");
        await StartAsync(2);
        var keeper = Keeper(slots: 4);
        var since = TimeProvider.System.GetTimestamp();
        await Task.WhenAll(((int[])[2, 3]).Select(first =>
            Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(first, keeper))));
        TimeProvider.System.GetElapsedTime(since).ShouldBeGreaterThanOrEqualTo(WaitMax);
    }

    [Fact]
    public async Task TwoCopiesOfABatchThatWaitBothGetTheReceipt()
    {
        await StartAsync(1);
        var task = await _client.WorkflowService.PollWorkflowTaskQueueAsync(
            new() { Namespace = "default", TaskQueue = new() { Name = PipelineDefaults.TaskQueue } });
        var keeper = Keeper();
        var copies = new[] { WriteAsync(2, keeper), WriteAsync(2, keeper) };
        await Task.Delay(WaitMax / 2);
        await _client.WorkflowService.RespondWorkflowTaskFailedAsync(new() { Namespace = "default", TaskToken = task.TaskToken });
        (await Task.WhenAll(copies)).ShouldAllBe(receipt => receipt.RecordCount == Batch(2).Header.RecordCount);
        Written().ShouldBe([1, 2]);
    }

    [Fact]
    public async Task WhereOthersTakeAPartABatchThatHasWaitedGoesAndIsTold()
    {
        await StartAsync(1);
        await _client.WorkflowService.PollWorkflowTaskQueueAsync(new() { Namespace = "default",
            TaskQueue = new() { Name = PipelineDefaults.TaskQueue } });
        await WriteAsync(2, Keeper(isShared: true));
        Written().ShouldBe([2]);
        Disorders().ShouldBe([2]);
    }

    [Fact]
    public async Task AnUrgentBatchStaysBehindItsOwnAlsoWhereOthersTakeAPart()
    {
        await StartAsync(1);
        await _client.WorkflowService.PollWorkflowTaskQueueAsync(new() { Namespace = "default",
            TaskQueue = new() { Name = PipelineDefaults.TaskQueue } });
        var (header, array) = Batch(2);
        var urgent = header with { Levels = new Dictionary<string, int> { ["error"] = 1 } };
        await Should.ThrowAsync<PredecessorMissingException>(() => Keeper(isShared: true).WriteAsync(_client,
            urgent.Id.ToString(), urgent, array, CancellationToken.None));
        Written().ShouldBeEmpty();
    }

    [Fact]
    public async Task ABatchWhosePredecessorWasTerminatedOrNeverWasGoesAndIsTold()
    {
        await StartAsync(1);
        await _client.GetWorkflowHandle(Batch(1).Header.Id.ToString()).TerminateAsync();
        await WriteAsync(2);
        await WriteAsync(5);
        Written().ShouldBe([2, 5]);
        Disorders().ShouldBe([2, 5]);
    }

    [Fact]
    public async Task ABatchWhosePredecessorsWorkflowHasEndedWellGoesWithoutAWord()
    {
        await StartAsync(1);
        await StartAsync(2);
        var task = await PollAsync();
        // Which of the two is given out first is Temporal's affair.
        while (task.WorkflowExecution.WorkflowId != Batch(1).Header.Id.ToString()) task = await PollAsync();
        var end = new RespondWorkflowTaskCompletedRequest { Namespace = "default", TaskToken = task.TaskToken };
        end.Commands.Add(new Temporalio.Api.Command.V1.Command { CommandType =
            Temporalio.Api.Enums.V1.CommandType.CompleteWorkflowExecution,
            CompleteWorkflowExecutionCommandAttributes = new() });
        await _client.WorkflowService.RespondWorkflowTaskCompletedAsync(end);
        await WriteAsync(3);
        Written().ShouldBe([2, 3]);
        Disorders().ShouldBeEmpty();
    }

    [Fact]
    public async Task ABatchThatAnotherWorkerCannotReadIsNotTakenForALostOne()
    {
        await StartAsync(1, encoding: "binary/encrypted");
        (await Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(2))).Message.ShouldContain("000000000001");
        Written().ShouldBeEmpty();
    }

    [Theory]
    [InlineData("null")]
    [InlineData("\"text\"")]
    [InlineData("{\"version\":1}")]
    [InlineData("")]
    public async Task AHeaderThatIsNoneIsNotTheFailureOfTheBatchBehindIt(string json)
    {
        await _client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [Json(json), Array.Empty<int>()],
            new WorkflowOptions(Batch(1).Header.Id.ToString(), PipelineDefaults.TaskQueue));
        await Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(2));
    }

    [Fact]
    public async Task ABatchThatIsBroughtIsWrittenByItsWorkflowsNameAndNotByItsHeaders()
    {
        var (stranger, array) = Batch(1);
        var records = Json(Encoding.UTF8.GetString(array));
        await _client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [stranger with { Instance = "i2" }, records],
            new WorkflowOptions(stranger.Id.ToString(), PipelineDefaults.TaskQueue));
        await Should.ThrowAsync<PredecessorMissingException>(() => WriteAsync(2));
        _writer.HasWritten(new BatchId("shop", "i2", 1)).ShouldBeFalse();
        _box.List().ShouldHaveSingleItem().Head!.Workflow.ShouldBe(stranger.Id.ToString());
    }

    [Fact]
    public async Task WithoutTemporalABatchGoesBackAfterItsWait()
    {
        var other = new EmbeddedServer();
        await other.InitializeAsync();
        var away = await TemporalClient.ConnectAsync(new(other.Address));
        await other.DisposeAsync();
        var (header, array) = Batch(2);
        await Should.ThrowAsync<PredecessorMissingException>(() => Keeper()
            .WriteAsync(away, header.Id.ToString(), header, array, CancellationToken.None));
    }

    static RawValue Json(string text) => new(new Payload { Data = ByteString.CopyFromUtf8(text),
        Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } });

    OrderKeeper Keeper(bool isShared = false, int slots = 200) => new(_batches, WaitMax, isShared, slots, TimeProvider.System);

    Task<WriteReceipt> WriteAsync(long first, OrderKeeper? keeper = null)
    {
        var (header, array) = Batch(first);
        return (keeper ?? Keeper()).WriteAsync(_client, header.Id.ToString(), header, array, CancellationToken.None);
    }

    /// <summary>Again and again while it goes back, as a workflow does that gets along slowly.</summary>
    async Task WriteAsWorkflowAsync(long first, OrderKeeper keeper)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                await WriteAsync(first, keeper);
                return;
            }
            catch (PredecessorMissingException) when (attempt < 20)
            {
            }
        }
    }

    Task<PollWorkflowTaskQueueResponse> PollAsync() => _client.WorkflowService.PollWorkflowTaskQueueAsync(
        new() { Namespace = "default", TaskQueue = new() { Name = PipelineDefaults.TaskQueue } });

    async Task StartAsync(long first, string text = "", string encoding = "json/plain")
    {
        var (header, array) = Batch(first, text);
        var records = new Payload { Data = ByteString.CopyFrom(array), Metadata = { ["encoding"] = ByteString.CopyFromUtf8(encoding) } };
        await _client.StartWorkflowAsync(PipelineDefaults.WorkflowName, [header, new RawValue(records)],
            new WorkflowOptions(header.Id.ToString(), PipelineDefaults.TaskQueue));
    }

    static (LogBatchHeader Header, byte[] Array) Batch(long first, string text = "")
    {
        var (header, array) = SomeBatch.Of(first, "app");
        array = Encoding.UTF8.GetBytes(Encoding.UTF8.GetString(array).Replace("Event", "Event" + text, StringComparison.Ordinal));
        return (header with { Bytes = array.Length, Previous = first == 1 ? null : new BatchId("shop", "i1", first - 1)
            .ToString() }, array);
    }

    List<long> Written() => _disk.Root.ListDirectories().Contains("app") ? SomeBatch.Sequences(_disk.Root, "app") : [];

    long[] Disorders() => [.. _events.Disorders.Select(batch => batch.FirstSequence)];
}
