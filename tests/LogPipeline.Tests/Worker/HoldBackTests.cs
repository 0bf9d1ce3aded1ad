using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Worker;

public sealed class HoldBackTests
{
    static readonly TimeSpan WaitMax = TimeSpan.FromMilliseconds(200);
    readonly TestClock _time = new(DateTimeOffset.UnixEpoch);
    readonly HashSet<BatchId> _written = [];
    readonly List<long> _disordered = [];
    readonly HoldBack<PreparedBatch> _held;

    public HoldBackTests() => _held = new(WaitMax, waitingMax: 3, _time, batch => batch);

    static BatchId Id(long first, string instance = "i1") => new("shop", instance, first);

    static PreparedBatch Batch(long first, long? previous = null, string instance = "i1") =>
        new(Id(first, instance), new byte[10], [new("app", 10, 1, 0)], previous is { } p ? Id(p, instance) : null);

    long[] Take(int countMax = 100, int bytesMax = 1000) =>
        [.. _held.TakeReady(_written.Contains, _ => false, countMax, bytesMax, batch => _disordered.Add(batch.Id.FirstSequence))
            .Select(b => b.Id.FirstSequence)];

    [Fact]
    public void BatchesThatCameInAnyOrderGoInTheirs()
    {
        foreach (var first in (long[])[3, 1, 2]) _held.Add(Batch(first, first == 1 ? null : first - 1));
        Take().ShouldBe([1, 2, 3]);
        _held.Count.ShouldBe(0);
    }

    [Fact]
    public void ABatchWaitsForTheOneBeforeIt()
    {
        _held.Add(Batch(3, 2));
        Take().ShouldBeEmpty();
        _written.Add(Id(2));
        Take().ShouldBe([3]);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void AWaitInVainEnds()
    {
        _held.Add(Batch(3, 2));
        _time.Advance(WaitMax - TimeSpan.FromMilliseconds(1));
        Take().ShouldBeEmpty();
        _held.TakeVain().ShouldBeEmpty();
        _held.UntilNextExpiry().ShouldBe(TimeSpan.FromMilliseconds(1));
        _time.Advance(TimeSpan.FromMilliseconds(1));
        Take().ShouldBeEmpty();
        _held.TakeVain().Select(b => b.Id.FirstSequence).ShouldBe([3]);
        _held.Count.ShouldBe(0);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void AnUrgentBatchGoesBeforeOtherSourcesAndBehindItsOwn()
    {
        foreach (var batch in (PreparedBatch[])[Batch(1, instance: "i1"), Batch(1, instance: "i2"),
            Batch(2, 1, "i2") with { IsUrgent = true }]) _held.Add(batch);
        _held.TakeReady(_written.Contains, _ => false, 2, 1000, _ => { }).Select(b => (b.Id.Instance, b.Id.FirstSequence))
            .ShouldBe([("i2", 1), ("i2", 2)]);
        Take().ShouldBe([1]);
    }

    [Fact]
    public void OnlyTheFirstOfARowAsksForWhatIsBeforeIt()
    {
        foreach (var first in (long[])[5, 3, 4]) _held.Add(Batch(first, first - 1));
        _time.Advance(WaitMax);
        Take().ShouldBeEmpty();
        _held.TakeVain().Select(b => b.Id.FirstSequence).ShouldBe([3]);
        _held.UntilNextExpiry().ShouldBe(TimeSpan.Zero);
        _held.TakeVain().Select(b => b.Id.FirstSequence).ShouldBe([4]);
    }

    [Fact]
    public void ABatchWhosePredecessorIsElsewhereGoesAtOnce()
    {
        _held.Add(Batch(3, 2) with { IsSettled = true });
        Take().ShouldBe([3]);
        _disordered.ShouldBeEmpty();
    }

    [Fact]
    public void TheLastInLineGoBackWhereTooManyWait()
    {
        foreach (var first in (long[])[6, 4, 5, 3, 7]) _held.Add(Batch(first, first - 1));
        Take().ShouldBeEmpty();
        _held.TakeVain().Select(b => b.Id.FirstSequence).ShouldBe([6, 7]);
        _written.Add(Id(2));
        Take().ShouldBe([3, 4, 5]);
    }

    [Fact]
    public void ABatchThatNamesNoneAndIsNotTheFirstIsTold()
    {
        _held.Add(Batch(3));
        Take().ShouldBe([3]);
        _disordered.ShouldBe([3]);
    }

    [Fact]
    public void ABatchThatIsWrittenAlreadyDoesNotWait()
    {
        _written.Add(Id(3));
        _held.Add(Batch(3, 2));
        Take().ShouldBe([3]);
    }

    [Fact]
    public void AGroupIsBoundedAndKeepsItsOrder()
    {
        for (var first = 5L; first >= 1; first--) _held.Add(Batch(first, first == 1 ? null : first - 1));
        Take(countMax: 2).ShouldBe([1, 2]);
        _written.UnionWith([Id(1), Id(2)]);
        Take(bytesMax: 10).ShouldBe([3]);
        _written.Add(Id(3));
        Take(bytesMax: 1).ShouldBe([4]);
    }

    [Fact]
    public void WhatNobodyWaitsForIsDropped()
    {
        _held.Add(Batch(3, 2));
        _held.TakeReady(_written.Contains, _ => true, 10, 100, _ => { }).ShouldBeEmpty();
        _held.Count.ShouldBe(0);
    }
}
