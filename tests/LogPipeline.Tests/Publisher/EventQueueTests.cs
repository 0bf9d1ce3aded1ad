using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Capture;

namespace LogPipeline.Tests.Publisher;

public sealed class EventQueueTests
{
    static readonly QueueLimits Limits = new(4, 1_000_000, TimeSpan.FromMilliseconds(50), 2);
    readonly Books _books = new();

    static CapturedRecord Record(string text = "x") =>
        new RecordFormatter("s", "i", "app", CaptureLimits.Default).Format(SomeEvent.Of(text));

    EventQueue Queue(QueueLimits? limits = null, Action? wake = null) => new(_books, limits ?? Limits, TimeProvider.System, wake ?? (() => { }));

    [Fact]
    public void NumbersAreConsecutiveAndWhatIsRefusedLeavesNoGap()
    {
        var queue = Queue();
        for (var i = 0; i < 6; i++) queue.TryEnqueue(Record(), urgent: false, out _).ShouldBe(i < 4);
        queue.Take(4, long.MaxValue).Select(r => r.Sequence).ShouldBe([1, 2, 3, 4]);
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
        queue.Take(4, long.MaxValue).Single().Sequence.ShouldBe(5);
        var stats = _books.Snapshot();
        stats.DroppedByReason[DropReason.QueueFull].ShouldBe(2);
        stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public void AFullQueueIsWaitedForOnceAndThenRefusesAtOnceUntilThereIsRoom()
    {
        var queue = Queue(Limits with { BackPressure = TimeSpan.FromMilliseconds(200) });
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        var watch = Stopwatch.StartNew();
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        watch.Elapsed.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(150));
        watch.Restart();
        for (var i = 0; i < 1000; i++) queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        watch.Elapsed.ShouldBeLessThan(TimeSpan.FromMilliseconds(1000 * 200 / 10));
    }

    [Fact]
    public async Task AThreadThatWaitsGoesOnWhenThereIsRoom()
    {
        var full = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var wakes = 0;
        var queue = Queue(Limits with { BackPressure = TimeSpan.FromSeconds(30) }, () => { if (Interlocked.Increment(ref wakes) == 3) full.SetResult(); });
        for (var i = 0; i < 4; i++) queue.TryEnqueue(Record(), urgent: false, out _);
        var waiting = Task.Run(() => queue.TryEnqueue(Record(), urgent: false, out _));
        await full.Task.WaitAsync(TimeSpan.FromSeconds(30));
        queue.Take(1, long.MaxValue).Count.ShouldBe(1);
        (await waiting.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBeTrue();
    }

    [Fact]
    public void BytesAreBoundedAndARecordLargerThanTheBoundStillPassesAlone()
    {
        var queue = Queue(Limits with { BytesMax = 1_000, BackPressure = TimeSpan.Zero, CountMax = 100 });
        queue.TryEnqueue(Record(new string('x', 5_000)), urgent: false, out _).ShouldBeTrue();
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        queue.Take(10, 10).Count.ShouldBe(1);
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeTrue();
    }

    [Fact]
    public void AFullBatchTakesNoMoreBytesThanItMay()
    {
        var queue = Queue(Limits with { CountMax = 1_000 });
        for (var i = 0; i < 500; i++) queue.TryEnqueue(Record(new string('x', i)), urgent: false, out _);
        long previous = 0;
        while (queue.Look().Count > 0)
        {
            var taken = queue.Take(100, 20_000);
            taken[0].Sequence.ShouldBe(previous + 1);
            previous = taken[^1].Sequence;
            BatchBuilder.Seal(taken, "s", "i", null).Records.Length.ShouldBeLessThanOrEqualTo(20_000);
        }
        previous.ShouldBe(500);
    }

    [Fact]
    public void AClosedQueueCountsWhatComesLate()
    {
        var queue = Queue();
        queue.Close();
        queue.TryEnqueue(Record(), urgent: false, out _).ShouldBeFalse();
        _books.Snapshot().DroppedByReason[DropReason.Closed].ShouldBe(1);
    }
}
