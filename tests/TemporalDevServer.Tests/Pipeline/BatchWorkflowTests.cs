using Google.Protobuf;
using LogPipeline.Workflows;
using Temporalio.Activities;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Client;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker;

namespace TemporalDevServer.Tests.Pipeline;

/// <summary>
/// The times and retries of a batch's workflow, as its history tells them, on a server whose clock the test moves on.
/// </summary>
public sealed class BatchWorkflowTests : IAsyncLifetime
{
    readonly LateClock _clock = new();
    readonly string _queue = $"batches-{Guid.NewGuid():n}";
    DevServer _server = null!;
    TemporalClient _client = null!;

    public async Task InitializeAsync()
    {
        _server = await DevServer.StartAsync(new DevServerOptions { TimeProvider = _clock });
        _client = await TemporalClient.ConnectAsync(new(_server.Address));
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task WhatCannotBeWrittenTwiceInTheWorkerIsAnActivityThatIsNeverGivenUp()
    {
        var file = new File((call, _) => call <= 2 ? throw new ApplicationFailureException("the disk is full") : []);
        var events = await RunAsync(file, untilDone: true);
        file.Local.ShouldBe([true, true, false]);
        var scheduled = events.Single(
            e => e.EventType == EventType.ActivityTaskScheduled).ActivityTaskScheduledEventAttributes;
        scheduled.StartToCloseTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromMinutes(1));
        scheduled.ScheduleToCloseTimeout.ToTimeSpan().ShouldBe(TimeSpan.Zero);
        scheduled.ScheduleToStartTimeout.ToTimeSpan().ShouldBe(TimeSpan.Zero);
        var retry = scheduled.RetryPolicy;
        (retry.InitialInterval.ToTimeSpan(), retry.BackoffCoefficient, retry.MaximumInterval.ToTimeSpan(), retry.MaximumAttempts)
            .ShouldBe((TimeSpan.FromSeconds(1), 2, TimeSpan.FromSeconds(5), 0));
        retry.NonRetryableErrorTypes.ShouldBe([PipelineDefaults.PredecessorMissing]);
    }

    [Fact]
    public async Task InTheWorkerABatchHasTwentySecondsForAllItsAttempts()
    {
        var file = new File((call, _) => call == 1 ? throw new ApplicationFailureException("the disk is full") : []);
        await RunAsync(file, untilDone: true);
        file.Times.ShouldBe(
            [(TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20)), (TimeSpan.FromSeconds(20), TimeSpan.FromSeconds(20))]);
    }

    [Fact]
    public async Task ABatchWaitsTwoMinutesForTheOneBeforeItAndIsThenWrittenWithoutIt()
    {
        var file = new File(
            (_, header) =>
                header.Previous is null
                    ? []
                    : throw new ApplicationFailureException("not yet", PipelineDefaults.PredecessorMissing));
        var events = await RunAsync(file, untilDone: true);
        var timers = TimersOf(events);
        timers.ShouldAllBe(time => time == TimeSpan.FromSeconds(2));
        timers.Count.ShouldBeInRange(55, 60);
        file.Local.ShouldAllBe(local => local);
        // One attempt each time: the failure is not one to be tried again at once.
        file.Local.Count.ShouldBe(timers.Count + 1 + 1);
    }

    [Fact]
    public async Task TheTwoMinutesBeginAnewWhenAWorkerHadTheBatchMeanwhile()
    {
        // Two minutes and a half in an activity, within the minute that each attempt has.
        var file = new File((call, header) =>
        {
            if (call is > 2 and <= 5) _clock.Pass(TimeSpan.FromSeconds(50));
            if (call <= 4) throw new ApplicationFailureException("the disk is full");
            if (call == 5) throw new ApplicationFailureException("not yet", PipelineDefaults.PredecessorMissing);
            return header.Previous is null
                ? throw new ApplicationFailureException("it was given up", nonRetryable: true)
                : [];
        });
        var events = await RunAsync(file, untilDone: true);
        TimersOf(events).ShouldBe([TimeSpan.FromSeconds(2)]);
        file.Local.ShouldBe([true, true, false, false, false, true]);
    }

    [Fact]
    public async Task WhatABatchWaitsInLineIsNoPartOfTheTwoMinutes()
    {
        var file = new File((call, header) => call switch
        {
            <= 8 => throw new ApplicationFailureException("not yet", PipelineDefaults.PredecessorMissing,
                details: [PipelineDefaults.PredecessorInLine]),
            9 => throw new ApplicationFailureException("not yet", PipelineDefaults.PredecessorMissing),
            _ => header.Previous is null
                ? throw new ApplicationFailureException("it was given up", nonRetryable: true)
                : [],
        });
        var events = await RunAsync(file, untilDone: true);
        TimersOf(events).Select(time => time.TotalSeconds).ShouldBe([2, 4, 8, 16, 30, 30, 30, 30, 2]);
    }

    [Fact]
    public async Task ForOneThatIsInLineABatchWaitsAsLongAsItTakesAndLessAndLessOften()
    {
        var file = new File((call, header) => call switch
        {
            <= 12 => throw new ApplicationFailureException(
                "not yet", PipelineDefaults.PredecessorMissing, details: [PipelineDefaults.PredecessorInLine]),
            _ when header.Previous is null =>
                throw new ApplicationFailureException("it was given up", nonRetryable: true),
            _ => [],
        });
        var events = await RunAsync(file, untilDone: true);
        TimersOf(events).Select(time => time.TotalSeconds).ShouldBe([2, 4, 8, 16, 30, 30, 30, 30, 30, 30, 30, 30]);
        file.Local.Count.ShouldBe(13);
    }

    [Fact]
    public async Task ADeliveryHasTheTimeThatItsDestinationHasAndIsTriedAtLeastEachMinute()
    {
        var file = new File((_, _) => [new DeliveryTarget { Destination = "elsewhere", GiveUpAfterSeconds = 7.5 }]);
        var events = await RunAsync(file, untilDone: false);
        var scheduled = events.Single(
            e => e.EventType == EventType.ActivityTaskScheduled).ActivityTaskScheduledEventAttributes;
        scheduled.TaskQueue.Name.ShouldBe($"{_queue}-elsewhere");
        scheduled.ScheduleToCloseTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(7.5));
        // The server makes an attempt's time no longer than that of all.
        scheduled.StartToCloseTimeout.ToTimeSpan().ShouldBe(TimeSpan.FromSeconds(7.5));
        var retry = scheduled.RetryPolicy;
        (retry.InitialInterval.ToTimeSpan(), retry.BackoffCoefficient, retry.MaximumInterval.ToTimeSpan(), retry.MaximumAttempts)
            .ShouldBe((TimeSpan.FromSeconds(1), 2, TimeSpan.FromMinutes(1), 0));
    }

    async Task<IReadOnlyList<HistoryEvent>> RunAsync(File file, bool untilDone)
    {
        using var worker = new TemporalWorker(
            _client,
            new TemporalWorkerOptions(_queue).AddWorkflow<LogProcessingWorkflow>().AddActivity(file.WriteAsync));
        var id = Some.BatchId();
        var records = Some.Records(1, id);
        var payload = new Payload
        {
            Data = ByteString.CopyFrom(LogBatchRecords.Encode(records)),
            Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") },
        };
        var header = Some.Header(id, records, "app") with { Previous = new BatchId("shop", "before", 1).ToString() };
        return await worker.ExecuteAsync(async () =>
        {
            var handle = await _client.StartWorkflowAsync(
                (LogProcessingWorkflow w) => w.RunAsync(header, new RawValue(payload)), new(id.ToString(), _queue));
            while (true)
            {
                // Each question wakes the server, which sees what has become due.
                var events = (await handle.FetchHistoryAsync()).Events.ToList();
                if (events[^1].EventType == EventType.WorkflowExecutionCompleted
                    || (!untilDone && events.Any(e => e.EventType == EventType.ActivityTaskScheduled)))
                    return events;
                events[^1].EventType.ShouldNotBe(EventType.WorkflowExecutionFailed);
                if (events[^1].EventType == EventType.TimerStarted)
                    _clock.Pass(events[^1].TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan());
            }
        });
    }

    static List<TimeSpan> TimersOf(IEnumerable<HistoryEvent> events) =>
        [.. events.Where(e => e.EventType == EventType.TimerStarted)
            .Select(e => e.TimerStartedEventAttributes.StartToFireTimeout.ToTimeSpan())];

    sealed class File(Func<int, LogBatchHeader, DeliveryTarget[]> write) : ILogProcessingActivity
    {
        public List<bool> Local { get; } = [];

        /// <summary>For all attempts, and for one.</summary>
        public List<(TimeSpan? All, TimeSpan? One)> Times { get; } = [];

        [Activity(PipelineDefaults.ActivityName)]
        public Task<WriteReceipt> WriteAsync(LogBatchHeader header, IRawValue records)
        {
            int call;
            lock (Local)
            {
                var info = ActivityExecutionContext.Current.Info;
                Local.Add(info.IsLocal);
                Times.Add((info.ScheduleToCloseTimeout, info.StartToCloseTimeout));
                call = Local.Count;
            }
            var targets = write(call, header);
            return Task.FromResult(new WriteReceipt
            {
                BatchId = header.Id.ToString(),
                RecordCount = header.RecordCount,
                Bytes = 1,
                Worker = "file",
                DeliverTo = targets,
                Files = [new WrittenRange { File = "host-1/app/2026-11-21.001.clef", Offset = 0, Length = 1, RecordCount = 1 }],
            });
        }
    }

    /// <summary>The system's clock, and what the test has added to it.</summary>
    sealed class LateClock : TimeProvider
    {
        long _added;

        public void Pass(TimeSpan time) => Interlocked.Add(ref _added, time.Ticks);

        public override DateTimeOffset GetUtcNow() =>
            base.GetUtcNow() + TimeSpan.FromTicks(Interlocked.Read(ref _added));
    }
}
