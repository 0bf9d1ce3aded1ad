using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

public sealed class EventQueueTests
{
    static readonly TemporalSinkOptions Options = new()
    {
        Source = "orders",
        Limits = { QueueCountMax = 4, QueueBytesMax = 1_000_000 },
        Timeouts = { BackPressure = TimeSpan.FromMilliseconds(50) },
        BufferSize = 2,
    };

    readonly Books _books = new();

    static CapturedRecord Record(string text = "x") =>
        new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i").Format(SomeEvent.Of(text));

    /// <summary>On a thread of its own, so that a wait without end fails the test and does not hang it.</summary>
    static (bool Taken, TimeSpan Waited) Enqueue(EventQueue queue)
    {
        (bool Taken, TimeSpan Waited) result = default;
        var thread = new Thread(() =>
        {
            var begun = Stopwatch.GetTimestamp();
            var taken = queue.TryEnqueue(Record(), urgent: false, out _);
            result = (taken, Stopwatch.GetElapsedTime(begun));
        }) { IsBackground = true };
        thread.Start();
        thread.Join(TimeSpan.FromSeconds(30)).ShouldBeTrue("it waits without end");
        return result;
    }

    EventQueue Queue(TemporalSinkOptions? limits = null) => new(limits ?? Options, "i", _books, TimeProvider.System);

    [Fact]
    public void NumbersAreConsecutiveAndWhatIsRefusedLeavesNoGap()
    {
        var queue = Queue();
        for (var i = 0; i < 6; i++) Enqueue(queue).Taken.ShouldBe(i < 4);
        queue.Take(4, long.MaxValue).Select(r => r.Sequence).ShouldBe([1, 2, 3, 4]);
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
        queue.Take(4, long.MaxValue).Single().Sequence.ShouldBe(5);
        var stats = _books.GetSnapshot();
        stats.DroppedByReason[DropReason.QueueFull].ShouldBe(2);
        stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public void AFullQueueIsWaitedForOnceAndThenRefusesAtOnceUntilThereIsRoom()
    {
        var queue = Queue(Options with { Timeouts = Options.Timeouts with { BackPressure = TimeSpan.FromMilliseconds(200) } });
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        var (taken, waited) = Enqueue(queue);
        taken.ShouldBeFalse();
        waited.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
        var watch = Stopwatch.StartNew();
        for (var i = 0; i < 1000; i++) queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMilliseconds(1000 * 200 / 10));
    }

    [Fact]
    public async Task AThreadThatWaitsGoesOnWhenThereIsRoom()
    {
        var queue = Queue(Options with { Timeouts = Options.Timeouts with { BackPressure = TimeSpan.FromSeconds(30) } });
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        await queue.Work.WaitAsync();
        var waiting = Task.Run(() => queue.TryEnqueue(Record(), urgent: false, out _));
        // One that waits asks for room.
        await queue.Work.WaitAsync().WaitAsync(TimeSpan.FromSeconds(30));
        queue.Take(1, long.MaxValue).Count.ShouldBe(1);
        (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
    }

    [Fact]
    public void BytesAreBoundedAndARecordLargerThanTheBoundStillPassesAlone()
    {
        var queue = Queue(Options with { Limits = Options.Limits with { QueueBytesMax = 1_000, QueueCountMax = 100 },
            Timeouts = Options.Timeouts with { BackPressure = TimeSpan.Zero } });
        queue.TryEnqueue(Record(new string('x', 5_000)), urgent: false, out _).ShouldBeTrue();
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        queue.Take(10, 10).Count.ShouldBe(1);
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
    }

    [Fact]
    public void AFullBatchTakesNoMoreBytesThanItMay()
    {
        var queue = Queue(Options with { Limits = Options.Limits with { QueueCountMax = 1_000 } });
        for (var i = 0; i < 500; i++) queue.TryEnqueue(Record(new string('x', i)), urgent: false, out _);
        long previous = 0;
        while (queue.GetSnapshot().Count > 0)
        {
            var taken = queue.Take(100, 20_000);
            taken[0].Sequence.ShouldBe(previous + 1);
            previous = taken[^1].Sequence;
            BatchBuilder.Build(taken, "s", "i", null).Records.Length.ShouldBeLessThanOrEqualTo(20_000);
        }
        previous.ShouldBe(500);
    }

    /// <summary>A busy machine adds to the wait, so the shortest of some is the one that tells.</summary>
    [Fact]
    public void AThreadThatFindsNoRoomWaitsForTheBackPressureTimeAndNoLonger()
    {
        var queue = Queue(Options with { Timeouts = Options.Timeouts with { BackPressure = TimeSpan.FromMilliseconds(40) } });
        var waits = new List<TimeSpan>();
        while (waits.Count < 20 && (waits.Count == 0 || waits.Min() > TimeSpan.FromMilliseconds(60)))
        {
            while (queue.GetSnapshot().Count < 4) queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
            var (taken, waited) = Enqueue(queue);
            taken.ShouldBeFalse();
            waits.Add(waited);
            queue.Take(1, long.MaxValue);
        }
        // The system's clock ticks every few milliseconds.
        waits.Min().ShouldBeInRange(TimeSpan.FromMilliseconds(20), TimeSpan.FromMilliseconds(60));
    }

    [Fact]
    public void WhileThereIsRoomNobodyWaits()
    {
        var queue = Queue(Options with { Limits = Options.Limits with { QueueCountMax = 1_000 },
            Timeouts = Options.Timeouts with { BackPressure = TimeSpan.FromMinutes(5) } });
        var begun = Stopwatch.GetTimestamp();
        for (var i = 0; i < 1_000; i++) queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
        Stopwatch.GetElapsedTime(begun).ShouldBeLessThan(TimeSpan.FromMinutes(1));
    }

    [Theory]
    [InlineData(20, 1_000_000, false)]
    [InlineData(1_000, 20_000, false)]
    [InlineData(20, 1_000_000, true)]
    [InlineData(1_000, 20_000, true)]
    public void ItHoldsAsMuchEachTimeItIsFilled(int countMax, long bytesMax, bool deferred)
    {
        var formatter =
            new RecordFormatter(new CaptureContext(
                new TemporalSinkOptions { Source = "s", Durability = deferred ? Durability.Memory : Durability.ProcessSafe }), "i");
        var queue = Queue(Options with { Limits = Options.Limits with { QueueCountMax = countMax,
            QueueBytesMax = bytesMax }, Timeouts = Options.Timeouts with { BackPressure = TimeSpan.Zero } });
        var held = new List<int>();
        for (var round = 0; round < 3; round++)
        {
            while (queue.TryEnqueue(formatter.Capture(SomeEvent.Of("{Text}", ("Text", new string('x', 300)))), urgent: false, out _)) { }
            queue.Fill.ShouldBeInRange(0.9, 1);
            held.Add(queue.GetSnapshot().Count);
            while (queue.GetSnapshot().Count > 0) queue.Take(7, 3_000);
            queue.Fill.ShouldBe(0);
        }
        held.ShouldAllBe(count => count == held[0]);
        if (countMax < 1_000) held[0].ShouldBe(countMax);
        _books.GetSnapshot().Balances.ShouldBeTrue();
    }

    [Fact]
    public void ANoticeTellsHowManyFoundNoRoomAndWhenTheFirstAndTheLastCame()
    {
        var clock = new TestClock();
        var start = clock.GetUtcNow();
        var queue = new EventQueue(Options with { Timeouts = Options.Timeouts with { BackPressure = TimeSpan.Zero } }, "20261121T080000-1",
            _books, clock);
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        foreach (var milliseconds in (int[])[1_500, 250, 4])
        {
            clock.Advance(TimeSpan.FromMilliseconds(milliseconds));
            queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        }
        queue.TryTakeNotice(fill: 0.51).ShouldBeNull("there is no room yet");
        queue.Take(4, long.MaxValue);
        var notice = queue.TryTakeNotice(fill: 0.5)!;
        notice.ShouldBe(new DropNotice(3, start.AddMilliseconds(1_500), start.AddMilliseconds(1_754), DropReason.QueueFull));
        queue.TryTakeNotice(fill: 0).ShouldBeNull("it was told");

        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        clock.Advance(TimeSpan.FromMilliseconds(46));
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        queue.ReturnNotice(notice);
        queue.Take(4, long.MaxValue);
        queue.TryTakeNotice(fill: 0).ShouldBe(notice with { Count = 4, To = start.AddMilliseconds(1_800) });
    }

    [Fact]
    public void ANoticeReachesBackToTheFirstAlsoWhenTheReasonHasChangedMeanwhile()
    {
        var clock = new TestClock();
        var start = clock.GetUtcNow();
        var queue = new EventQueue(Options with { Timeouts = Options.Timeouts with { BackPressure = TimeSpan.Zero } }, "20261121T080000-1",
            _books, clock);
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        foreach (var reason in (DropReason[])[DropReason.QueueFull, DropReason.DiskFailed, DropReason.SpoolFull])
        {
            queue.SetFullReason(reason);
            clock.Advance(TimeSpan.FromSeconds(1));
            queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        }
        queue.Take(4, long.MaxValue);
        queue.TryTakeNotice(fill: 0).ShouldBe(new DropNotice(3, start.AddSeconds(1), start.AddSeconds(3), DropReason.SpoolFull));
    }

    [Fact]
    public void AClosedQueueCountsWhatComesLate()
    {
        var queue = Queue();
        queue.Close();
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        _books.GetSnapshot().DroppedByReason[DropReason.Closed].ShouldBe(1);
    }
}
