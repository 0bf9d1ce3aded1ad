using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Worker.Replay;

namespace Temporalio.Tests.Replay;

public sealed class HistoryCursorTests
{
    readonly HistoryCursor _cursor = new();

    static HistoryEvent[] Events(long first, params EventType[] types) => [.. types.Select((type, i) => new HistoryEvent { EventId = first + i, EventType = type })];

    WorkflowTaskEvents Take()
    {
        _cursor.TryTake(out var task).ShouldBeTrue();
        return task!;
    }

    [Fact]
    public void ATaskEndsWithItsStartAndKnowsWhatItDecided()
    {
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted, EventType.WorkflowTaskCompleted,
            EventType.MarkerRecorded, EventType.TimerStarted, EventType.TimerFired, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted)).ShouldBeTrue();
        var first = Take();
        first.Events.Select(e => e.EventId).ShouldBe([1, 2, 3]);
        first.Decided.Select(e => e.EventId).ShouldBe([5, 6]);
        first.Replaying.ShouldBeTrue();
        var second = Take();
        second.Events.Select(e => e.EventId).ShouldBe([4, 5, 6, 7, 8, 9]);
        second.Replaying.ShouldBeFalse();
        _cursor.TryTake(out _).ShouldBeFalse();
    }

    [Theory, InlineData(EventType.WorkflowTaskFailed), InlineData(EventType.WorkflowTaskTimedOut)]
    public void ATaskThatDecidedNothingBelongsToTheNext(EventType end)
    {
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted, end,
            EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted));
        Take().Events.Count.ShouldBe(6);
    }

    [Fact]
    public void NewEventsMustFollowTheKnownOnes()
    {
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted)).ShouldBeTrue();
        Take();
        _cursor.TryAdd(Events(5, EventType.TimerFired)).ShouldBeFalse();
        _cursor.TryAdd(Events(2, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted, EventType.WorkflowTaskCompleted,
            EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted)).ShouldBeTrue();
        Take().Events.Select(e => e.EventId).ShouldBe([4, 5, 6]);
    }

    [Fact]
    public void WhatATaskDidNotTakeIsSaidAnew()
    {
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled)).ShouldBeTrue();
        _cursor.TryTake(out _).ShouldBeFalse();
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted)).ShouldBeTrue();
        Take().Events.Count.ShouldBe(3);
    }

    [Fact]
    public void TheEndOfAClosedHistoryIsTheRest()
    {
        _cursor.TryAdd(Events(1, EventType.WorkflowExecutionStarted, EventType.WorkflowTaskScheduled, EventType.WorkflowTaskStarted,
            EventType.WorkflowTaskCompleted, EventType.WorkflowExecutionCompleted));
        Take().Decided.Count.ShouldBe(1);
        _cursor.TakeRest().Select(e => e.EventId).ShouldBe([4, 5]);
        _cursor.LastTakenEventId.ShouldBe(5);
    }
}
