using LogPipeline.TestSupport;
using LogPipeline.Worker.Ordering;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

public sealed class OrderQueueTests
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(12);
    static readonly TimeSpan CrowdedWaitMax = TimeSpan.FromSeconds(3);
    static readonly TimeSpan Brief = TimeSpan.FromMilliseconds(250);
    static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(1);

    readonly TestClock _time = new(DateTimeOffset.UnixEpoch);
    readonly HashSet<BatchId> _written = [];
    readonly List<long> _disordered = [];
    readonly Predecessors _predecessors = new();
    readonly OrderSlots _slots = new(1);
    readonly OrderQueue<OrderedBatch> _queue;

    public OrderQueueTests() => _queue = Queue();

    OrderQueue<OrderedBatch> Queue(long bytesMax = 1 << 20, bool isShared = false) => new(new OrderPolicy(WaitMax, bytesMax, isShared), _predecessors, _slots, _time);

    static BatchId Id(long first, string instance = "i1") => new("shop", instance, first);

    static OrderedBatch Batch(long first, long? previous = null, string instance = "i1", bool isUrgent = false, bool isInHurry = false, bool isGone = false, int bytes = 10) =>
        new(Id(first, instance), previous is { } p ? Id(p, instance) : null, bytes, isUrgent, new(isInHurry), new(isGone));

    long[] Take(int countMax = 100, int bytesMax = 1000) => Take(_queue, countMax, bytesMax);

    long[] Take(OrderQueue<OrderedBatch> queue, int countMax = 100, int bytesMax = 1000) =>
        [.. queue.TakeReady(_written.Contains, countMax, bytesMax, batch => _disordered.Add(batch.Id.FirstSequence)).Select(b => b.Id.FirstSequence)];

    long[] TakeVain() => [.. _queue.TakeVain().Select(one => one.Item.Id.FirstSequence)];

    bool HasFreeSlot() => _slots.TryReserveSlot(null!) is not null;

    [Fact]
    public void BatchesThatCameInAnyOrderGoInTheirs()
    {
        foreach (var first in (long[])[3, 1, 2]) _queue.Add(Batch(first, first == 1 ? null : first - 1));
        Take().ShouldBe([1, 2, 3]);
        _queue.Count.ShouldBe(0);
    }

    [Fact]
    public void ABatchWaitsForTheOneBeforeIt()
    {
        _queue.Add(Batch(3, 2));
        Take().ShouldBeEmpty();
        _written.Add(Id(2));
        Take().ShouldBe([3]);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void AWaitInVainEnds()
    {
        _queue.Add(Batch(3, 2));
        Take().ShouldBeEmpty();
        _time.Advance(WaitMax - Tick);
        TakeVain().ShouldBeEmpty();
        _time.Advance(Tick);
        TakeVain().ShouldBe([3]);
        _queue.Count.ShouldBe(0);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void AnUrgentBatchGoesBeforeOtherRunsAndBehindItsOwn()
    {
        foreach (var batch in (OrderedBatch[])[Batch(1, instance: "i1"), Batch(1, instance: "i2"), Batch(2, 1, "i2", isUrgent: true)]) _queue.Add(batch);
        _queue.TakeReady(_written.Contains, 2, 1000, _ => { }).Select(b => (b.Id.Instance, b.Id.FirstSequence)).ShouldBe([("i2", 1), ("i2", 2)]);
        Take().ShouldBe([1]);
    }

    [Fact]
    public void ABatchThatWaitsLendsOutItsSlotUntilItGoes()
    {
        HasFreeSlot().ShouldBeTrue();
        HasFreeSlot().ShouldBeFalse();
        _queue.Add(Batch(2, 1));
        Take();
        HasFreeSlot().ShouldBeTrue();
        _queue.Add(Batch(1));
        Take().ShouldBe([1, 2]);
        // One of the two that are in use now pays it back.
        _slots.ReleaseSlot(null!);
        HasFreeSlot().ShouldBeFalse();
        _slots.ReleaseSlot(null!);
        HasFreeSlot().ShouldBeTrue();
    }

    [Fact]
    public void WhereTooMuchWaitsABatchKeepsItsSlotAndGoesBackSoon()
    {
        var queue = Queue(bytesMax: 20_000);
        foreach (var first in (long[])[3, 4, 5]) queue.Add(Batch(first, first - 1, bytes: 9_000));
        Take(queue);
        _time.Advance(CrowdedWaitMax);
        queue.TakeVain().ShouldHaveSingleItem().Item.Id.ShouldBe(Id(5));
        _written.Add(Id(2));
        Take(queue, bytesMax: 100_000).ShouldBe([3, 4]);
        // What went has made room.
        queue.Add(Batch(6, 5, bytes: 9_000));
        Take(queue);
        _time.Advance(WaitMax - Tick);
        queue.TakeVain().ShouldBeEmpty();
    }

    [Fact]
    public void SmallBatchesTakeSomeMemoryToo()
    {
        var queue = Queue(bytesMax: 3 * 8192);
        for (var first = 2L; first < 7; first++) queue.Add(Batch(first, first - 1));
        Take(queue);
        _time.Advance(CrowdedWaitMax);
        queue.TakeVain().Select(one => one.Item.Id.FirstSequence).ShouldBe([5, 6]);
    }

    [Fact]
    public void ABatchInAHurryWaitsBrieflyAndKeepsItsSlot()
    {
        HasFreeSlot().ShouldBeTrue();
        _queue.Add(Batch(3, 2, isInHurry: true));
        Take().ShouldBeEmpty();
        HasFreeSlot().ShouldBeFalse();
        _time.Advance(Brief - Tick);
        TakeVain().ShouldBeEmpty();
        _time.Advance(Tick);
        TakeVain().ShouldBe([3]);
    }

    [Fact]
    public void WhoeverStandsBehindAnotherOfItsRunOrBehindOneThatWillComeIsInLine()
    {
        foreach (var first in (long[])[5, 3, 8]) _queue.Add(Batch(first, first - 1));
        _queue.Add(Batch(3, 2, "i2"));
        _predecessors[Id(2, "i2")] = PredecessorPlace.Expected;
        Take();
        _time.Advance(WaitMax);
        _queue.TakeVain().Select(one => (one.Item.Id.Instance, one.Item.Id.FirstSequence, one.IsInLine))
            .ShouldBe([("i1", 3, false), ("i1", 5, true), ("i1", 8, true), ("i2", 3, true)]);
    }

    [Fact]
    public void ASecondCopyIsNotInLineBehindTheFirst()
    {
        for (var copy = 0; copy < 2; copy++) _queue.Add(Batch(3, 2));
        Take();
        _time.Advance(WaitMax);
        _queue.TakeVain().ShouldAllBe(one => !one.IsInLine);
    }

    [Fact]
    public void ABatchThatWouldWaitInACircleGoesAndIsTold()
    {
        _queue.Add(Batch(3, 3));
        _queue.Add(Batch(4, 9));
        Take().ShouldBe([3, 4]);
        _disordered.ShouldBe([3, 4]);
    }

    [Fact]
    public void ABatchWhosePredecessorIsElsewhereGoesAtOnce()
    {
        _queue.Add(Batch(3, 2));
        _predecessors[Id(2)] = PredecessorPlace.Done;
        Take().ShouldBe([3]);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void ABatchWhosePredecessorWillNotComeGoesAndIsTold()
    {
        _queue.Add(Batch(3, 2));
        _predecessors[Id(2)] = PredecessorPlace.Lost;
        Take().ShouldBe([3]);
        _disordered.ShouldBe([3]);
    }

    [Fact]
    public void WhereOthersTakeAPartABatchThatHasWaitedGoesAndIsTold()
    {
        var queue = Queue(isShared: true);
        queue.Add(Batch(3, 2));
        queue.Add(Batch(3, 2, "i2", isUrgent: true));
        Take(queue).ShouldBeEmpty();
        _time.Advance(CrowdedWaitMax);
        Take(queue).ShouldBe([3]);
        _disordered.ShouldBe([3]);
        // An urgent one goes back and stays behind its own.
        queue.TakeVain().ShouldHaveSingleItem().Item.IsUrgent.ShouldBeTrue();
    }

    [Fact]
    public void OnlyThoseThatAreNotHereAreMissing()
    {
        foreach (var first in (long[])[3, 4, 7, 10]) _queue.Add(Batch(first, first - 1));
        _written.Add(Id(9));
        _queue.Missing(_written.Contains).Order(Comparer<BatchId>.Create((a, b) => a.FirstSequence.CompareTo(b.FirstSequence))).ShouldBe([Id(2), Id(6)]);
    }

    [Fact]
    public void ABatchThatNamesNoneAndIsNotTheFirstIsTold()
    {
        _queue.Add(Batch(3));
        Take().ShouldBe([3]);
        _disordered.ShouldBe([3]);
    }

    [Fact]
    public void ABatchThatIsWrittenAlreadyDoesNotWait()
    {
        _written.Add(Id(3));
        _queue.Add(Batch(3, 2));
        Take().ShouldBe([3]);
    }

    [Fact]
    public void AGroupIsBoundedAndKeepsItsOrder()
    {
        for (var first = 5L; first >= 1; first--) _queue.Add(Batch(first, first == 1 ? null : first - 1));
        Take(countMax: 2).ShouldBe([1, 2]);
        _written.UnionWith([Id(1), Id(2)]);
        Take(bytesMax: 10).ShouldBe([3]);
        _written.Add(Id(3));
        Take(bytesMax: 1).ShouldBe([4]);
    }

    [Fact]
    public void WhatNobodyWaitsForIsDropped()
    {
        _queue.Add(Batch(1, isGone: true));
        Take().ShouldBeEmpty();
        _queue.Count.ShouldBe(0);
    }
}
