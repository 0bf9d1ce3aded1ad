using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>What a publisher says of itself, and when.</summary>
public sealed class PublisherReportsTests
{
    readonly TestClock _time = new();
    PublisherStats _now = new()
    {
        Emitted = 10, Notices = 0, Adopted = 0, FilteredByReason = new Dictionary<FilterReason, long>(), Queued = 1, Spooled = 4,
        Accepted = 4, WrittenToFiles = 0, SetAside = 0, DroppedByReason = new Dictionary<DropReason, long> { [DropReason.QueueFull] = 1 },
        LastError = new string('x', 5_000),
    };

    PublisherReports Reports(int seconds = 60) => new("shop", "i1", TimeSpan.FromSeconds(seconds), () => _now, _time);

    [Fact]
    public void TheBatchThatBringsAReportCountsAsTakenInIt()
    {
        var spooled = Reports().WithBatch(3, Location.Spool)!.Counts;
        (spooled.Queued, spooled.Spooled, spooled.InTemporal).ShouldBe((1, 1, 7));
        var queued = Reports().WithBatch(1, Location.Queue)!.Counts;
        (queued.Queued, queued.Spooled, queued.InTemporal).ShouldBe((0, 4, 5));
        queued.Dropped.ShouldBe(new Dictionary<string, long> { ["queue_full"] = 1 });
    }

    [Fact]
    public void ItSaysShortlyWhyTemporalWasAwayAndThatItIsBack()
    {
        _now = _now with { Breaker = BreakerState.HalfOpen };
        var breaker = Reports().WithBatch(1, Location.Spool)!.Breaker;
        (breaker.State, breaker.Since).ShouldBe(("closed", _time.GetUtcNow()));
        breaker.Reason!.Length.ShouldBeLessThan(400);
        Reports().Own()!.Breaker.State.ShouldBe("half_open");
    }

    [Fact]
    public void SinceWhenTemporalIsReachedStays()
    {
        var since = _time.GetUtcNow() - TimeSpan.FromDays(1);
        _now = _now with { Breaker = BreakerState.Closed, BreakerSince = since };
        Reports().WithBatch(1, Location.Spool)!.Breaker.Since.ShouldBe(since);
    }

    [Fact]
    public void BatchesBringOneASecondAndAClosingSinkOneEach()
    {
        var reports = Reports();
        reports.WithBatch(1, Location.Spool).ShouldNotBeNull();
        _time.Advance(TimeSpan.FromSeconds(0.9));
        reports.WithBatch(1, Location.Spool).ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(0.1));
        reports.WithBatch(1, Location.Spool).ShouldNotBeNull();
        reports.IsClosing = true;
        reports.WithBatch(1, Location.Spool).ShouldNotBeNull();
    }

    [Fact]
    public void WithoutABatchOneGoesWhenTheBooksHaveChangedAndElseOnceAMinute()
    {
        var reports = Reports();
        reports.WithBatch(4, Location.Spool).ShouldNotBeNull();
        _now = _now with { Accepted = 8, Spooled = 0 };
        Due(9).ShouldBe(0, "the batch was on its way a moment ago");
        Due(50).ShouldBe(0, "the batch told the same");
        Due(2).ShouldBe(1, "a minute has passed");
        _now = _now with { Emitted = 11, Queued = 2 };
        Due(55).ShouldBe(0, "the last of its own went less than a minute ago");
        Due(10).ShouldBe(1);
        Due(300).ShouldBe(5);

        int Due(int seconds)
        {
            var sent = 0;
            for (var i = 0; i < seconds; i++)
            {
                _time.Advance(TimeSpan.FromSeconds(1));
                if (reports.Own() is not null) sent++;
            }
            return sent;
        }
    }

    [Fact]
    public void AChangeIsToldTenSecondsAfterTheLastBatch()
    {
        var reports = Reports();
        reports.WithBatch(3, Location.Spool);
        _now = _now with { Emitted = 20, Spooled = 14 };
        _time.Advance(TimeSpan.FromSeconds(9));
        reports.Own().ShouldBeNull();
        _time.Advance(TimeSpan.FromSeconds(1));
        reports.Own()!.Counts.Emitted.ShouldBe(20);
    }

    [Fact]
    public void TheBatchThatLeavesNothingBehindIsTheLastWord()
    {
        var reports = Reports();
        reports.WithBatch(4, Location.Spool)!.Ended.ShouldBeFalse();
        reports.IsClosing = true;
        reports.WithBatch(4, Location.Spool)!.Ended.ShouldBeFalse("one is in memory still");
        _now = _now with { Queued = 0 };
        reports.WithBatch(4, Location.Spool)!.Ended.ShouldBeTrue();
        _now = _now with { Accepted = 8, Spooled = 0 };
        reports.Last().ShouldBeNull();
    }

    [Fact]
    public void WithoutSuchABatchTheSinkHasALastWordOfItsOwn()
    {
        _now = _now with { Queued = 0, Spooled = 0 };
        var reports = Reports();
        reports.WithBatch(0, Location.Spool);
        reports.IsClosing = true;
        reports.Last()!.Ended.ShouldBeTrue();
        reports.Last().ShouldBeNull();
        _now = _now with { Emitted = 12, Queued = 3 };
        reports.Last()!.Ended.ShouldBeFalse();
    }

    [Fact]
    public void WithoutAnIntervalNothingIsSaid()
    {
        var reports = Reports(seconds: 0);
        _time.Advance(TimeSpan.FromHours(1));
        (reports.AreOn, reports.WithBatch(1, Location.Spool), reports.Own(), reports.Last()).ShouldBe((false, null, null, null));
    }
}
