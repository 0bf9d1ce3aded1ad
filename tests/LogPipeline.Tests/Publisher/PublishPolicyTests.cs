using LogPipeline.Publisher.Publishing;

namespace LogPipeline.Tests.Publisher;

public sealed class PublishPolicyTests
{
    static readonly PublishPolicy Policy = new(10, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(1));

    static readonly PublishView Quiet = new()
    {
        PendingCount = 0, PendingAge = TimeSpan.Zero, PendingIsUrgent = false, QueueIsFilling = false, IsStarting = false,
        IsHolding = false, HeldIsForDisk = false, HeldIsOldest = true, SpoolHasBatches = false, IsReachable = true,
        RetryIn = TimeSpan.Zero, DiskRetryIn = TimeSpan.Zero, IsClosing = false,
    };

    static readonly PublishView Away = Quiet with { IsReachable = false, RetryIn = TimeSpan.FromSeconds(3) };

    [Fact]
    public void NothingPendingWaitsForASignal() => Policy.Decide(Quiet).ShouldBe((PublishStep.Wait, Timeout.InfiniteTimeSpan));

    [Fact]
    public void FewRecordsWaitForOthersNoLongerThanTheFlushInterval()
    {
        Policy.Decide(Quiet with { PendingCount = 9, PendingAge = TimeSpan.FromSeconds(2) })
            .ShouldBe((PublishStep.Wait, TimeSpan.FromSeconds(3)));
        Policy.Decide(Quiet with { PendingCount = 9, PendingAge = TimeSpan.FromSeconds(5) }).Step.ShouldBe(PublishStep.StartPending);
    }

    [Fact]
    public void EnoughRecordsOrAnUrgentOneGoAtOnce()
    {
        Policy.Decide(Quiet with { PendingCount = 10 }).Step.ShouldBe(PublishStep.StartPending);
        Policy.Decide(Quiet with { PendingCount = 1, PendingIsUrgent = true }).Step.ShouldBe(PublishStep.StartPending);
        Policy.Decide(Quiet with { PendingCount = 1, IsClosing = true }).Step.ShouldBe(PublishStep.StartPending);
    }

    [Fact]
    public void WhileAStartIsUnderWayTheNextBatchGrowsUntilTheQueueIsHalfFull()
    {
        var starting = Quiet with { IsStarting = true, PendingCount = 500, PendingAge = TimeSpan.FromSeconds(9) };
        Policy.Decide(starting).ShouldBe((PublishStep.Wait, Timeout.InfiniteTimeSpan));
        Policy.Decide(starting with { QueueIsFilling = true }).Step.ShouldBe(PublishStep.SpillPending);
    }

    [Fact]
    public void WhatIsOnDiskGoesFirst() =>
        Policy.Decide(Quiet with { SpoolHasBatches = true, PendingCount = 100 }).Step.ShouldBe(PublishStep.StartSpooled);

    [Fact]
    public void WhileTemporalIsAwayRecordsGoToTheDiskWithinTheSpillInterval()
    {
        Policy.Decide(Away with { PendingCount = 100 }).ShouldBe((PublishStep.Wait, TimeSpan.FromSeconds(1)));
        Policy.Decide(Away with { PendingCount = 1, PendingAge = TimeSpan.FromSeconds(1) }).Step.ShouldBe(PublishStep.SpillPending);
        Policy.Decide(Away with { PendingCount = 1, IsClosing = true }).Step.ShouldBe(PublishStep.SpillPending);
    }

    [Fact]
    public void WhileTemporalIsAwayTheNextTrialIsTheSpoolsOldest()
    {
        var spooled = Away with { SpoolHasBatches = true };
        Policy.Decide(spooled).ShouldBe((PublishStep.Wait, TimeSpan.FromSeconds(3)));
        Policy.Decide(spooled with { RetryIn = TimeSpan.Zero, PendingCount = 100 }).Step.ShouldBe(PublishStep.StartSpooled);
    }

    [Fact]
    public void WithNothingOnDiskTheNextTrialIsWhateverIsPending() =>
        Policy.Decide(Away with { RetryIn = TimeSpan.Zero, PendingCount = 1 }).Step.ShouldBe(PublishStep.StartPending);

    [Fact]
    public void NothingOvertakesABatchThatTheDiskDidNotTake()
    {
        var held = Away with { IsHolding = true, HeldIsForDisk = true, PendingCount = 1000,
            PendingAge = TimeSpan.FromSeconds(9), QueueIsFilling = true };
        Policy.Decide(held with { DiskRetryIn = TimeSpan.FromSeconds(1) }).ShouldBe((PublishStep.Wait, TimeSpan.FromSeconds(1)));
        Policy.Decide(held).Step.ShouldBe(PublishStep.SpillHeld);
        Policy.Decide(held with { RetryIn = TimeSpan.Zero }).Step.ShouldBe(PublishStep.StartHeld);
        Policy.Decide(held with { RetryIn = TimeSpan.Zero, SpoolHasBatches = true, HeldIsOldest = false }).Step.ShouldBe(
            PublishStep.StartSpooled);
    }

    [Fact]
    public void ABatchThatMayBeInTemporalIsRepeatedBeforeAnythingElse() =>
        Policy.Decide(Quiet with { IsHolding = true, PendingCount = 1000 }).Step.ShouldBe(PublishStep.StartHeld);

    [Fact]
    public void EveryViewHasADecisionThatMakesProgressOrWaits()
    {
        foreach (var pending in (int[])[0, 1, 1000])
        foreach (var age in (int[])[0, 2, 9])
        foreach (var bits in Enumerable.Range(0, 64))
        foreach (var (isHolding, isForDisk) in ((bool, bool)[])[(false, false), (true, true), (true, false)])
        foreach (var retry in (int[])[-1, 0, 3])
        {
            bool Bit(int i) => (bits >> i & 1) != 0;
            var view = new PublishView
            {
                PendingCount = pending, PendingAge = TimeSpan.FromSeconds(age), PendingIsUrgent = Bit(0), QueueIsFilling = pending > 0
                    && Bit(1), IsStarting = Bit(2),
                IsHolding = isHolding, HeldIsForDisk = isForDisk, HeldIsOldest = !Bit(3)
                    || Bit(1), SpoolHasBatches = Bit(3), IsReachable = Bit(4), RetryIn = TimeSpan.FromSeconds(retry),
                    DiskRetryIn = TimeSpan.Zero, IsClosing = Bit(5),
            };
            var decision = Policy.Decide(view);
            if (decision.Step is PublishStep.StartHeld or PublishStep.StartPending or PublishStep.StartSpooled)
                view.IsStarting.ShouldBeFalse();
            if (decision.Step is PublishStep.StartPending or PublishStep.SpillPending) pending.ShouldBeGreaterThan(0);
            if (decision.Step == PublishStep.StartPending) view.SpoolHasBatches.ShouldBeFalse("a record would overtake the spool");
            // A wait without an end is only right when something else is sure to wake the loop.
            if (decision.Step == PublishStep.Wait && decision.Wait == Timeout.InfiniteTimeSpan && !view.IsStarting)
                (pending == 0 && !view.SpoolHasBatches && !isHolding).ShouldBeTrue($"{view} waits for ever");
        }
    }
}
