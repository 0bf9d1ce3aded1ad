using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

/// <summary>Whatever the clock does, nothing is old before it would have been without that.</summary>
public sealed class SteadyClockTests
{
    static readonly TimeSpan Hour = TimeSpan.FromHours(1);

    readonly TestClock _time = new();
    readonly List<TimeSpan> _jumps = [];
    readonly SteadyClock _clock;

    public SteadyClockTests() => _clock = new SteadyClock(_time, _jumps.Add);

    void Jump(TimeSpan by) => _time.Set(by);

    [Fact]
    public void AClockThatGoesOnIsBelieved()
    {
        for (var i = 0; i < 100; i++)
        {
            _time.Advance(TimeSpan.FromHours(7));
            _clock.GetNow().ShouldBe(_time.GetUtcNow());
        }
        _jumps.ShouldBeEmpty();
    }

    [Fact]
    public void WhatIsSetRightByLessThanAnHourIsBelievedAtOnceHoweverOften()
    {
        for (var i = 0; i < 100; i++)
        {
            Jump(Hour - TimeSpan.FromTicks(1));
            _clock.GetNow().ShouldBe(_time.GetUtcNow());
        }
        _jumps.ShouldBeEmpty();
    }

    [Fact]
    public void AfterAJumpForwardTheTimeGoesOnAsItWasForADay()
    {
        var before = _time.GetUtcNow();
        Jump(TimeSpan.FromDays(365));
        _clock.GetNow().ShouldBe(before);
        _time.Advance(TimeSpan.FromDays(1) - TimeSpan.FromTicks(1));
        _clock.GetNow().ShouldBe(before.AddDays(1).AddTicks(-1));
        _time.Advance(TimeSpan.FromTicks(1));
        _clock.GetNow().ShouldBe(_time.GetUtcNow());
        _jumps.ShouldBe([TimeSpan.FromDays(365)]);
    }

    [Fact]
    public void AfterAJumpBackTheEarlierTimeHolds()
    {
        Jump(-TimeSpan.FromDays(1));
        _clock.GetNow().ShouldBe(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromHours(5));
        _clock.GetNow().ShouldBe(_time.GetUtcNow());
        _jumps.ShouldBe([-TimeSpan.FromDays(1)]);
    }

    [Fact]
    public void AClockThatIsSetBackToWhereItWasIsBelievedAtOnce()
    {
        Jump(TimeSpan.FromDays(30));
        _clock.GetNow();
        Jump(-TimeSpan.FromDays(30));
        _clock.GetNow().ShouldBe(_time.GetUtcNow());
        _time.Advance(TimeSpan.FromDays(2));
        _clock.GetNow().ShouldBe(_time.GetUtcNow());
    }

    [Fact]
    public void AnotherJumpBeginsAnotherDay()
    {
        var before = _time.GetUtcNow();
        Jump(TimeSpan.FromDays(30));
        _clock.GetNow();
        _time.Advance(TimeSpan.FromHours(23));
        Jump(TimeSpan.FromDays(30));
        _clock.GetNow();
        _time.Advance(TimeSpan.FromHours(23));
        _clock.GetNow().ShouldBe(before.AddHours(46));
        _jumps.ShouldBe([TimeSpan.FromDays(30), TimeSpan.FromDays(60)]);
    }
}
