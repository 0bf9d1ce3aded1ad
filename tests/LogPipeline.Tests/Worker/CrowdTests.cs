using LogPipeline.TestSupport;
using LogPipeline.Worker.Ordering;

namespace LogPipeline.Tests.Worker;

/// <summary>When the worker is full of batches that wait, and what it remembers of their rows.</summary>
public sealed class CrowdTests
{
    static readonly (string, string) Row = ("shop", "i1");

    readonly TestClock _clock = new();
    readonly Crowd _crowd;

    public CrowdTests() => _crowd = new Crowd(slots: 4, _clock);

    [Fact]
    public void ItIsDenseWhileMoreThanHalfOfTheSlotsAreHeld()
    {
        for (var i = 0; i < 2; i++) _crowd.Enter();
        _crowd.IsDense.ShouldBeFalse();
        _crowd.Enter();
        _crowd.IsDense.ShouldBeTrue();
        _crowd.Leave();
        _crowd.IsDense.ShouldBeFalse();
    }

    [Fact]
    public void ARowHasStoodUntilItMovesOrIsDueForAnotherLook()
    {
        _crowd.HasStood(Row).ShouldBeFalse();
        _crowd.Stood(Row);
        _crowd.HasStood(Row).ShouldBeTrue();
        _crowd.HasStood(("shop", "i2")).ShouldBeFalse();
        _crowd.Moved(Row);
        _crowd.HasStood(Row).ShouldBeFalse();
        _crowd.Stood(Row);
        _clock.Advance(Crowd.LookInterval);
        _crowd.HasStood(Row).ShouldBeFalse();
        _crowd.Stands(Row).ShouldBeTrue();
        _crowd.Moved(Row);
        _crowd.Stands(Row).ShouldBeFalse();
    }
}
