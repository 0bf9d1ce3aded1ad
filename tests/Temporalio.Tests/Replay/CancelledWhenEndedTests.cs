using Temporalio.Api.Enums.V1;
using Temporalio.Api.History.V1;
using Temporalio.Worker.Replay;

namespace Temporalio.Tests.Replay;

/// <summary>A cancellation in the same workflow task as the end of what it cancels: the server refuses a command for what has ended.</summary>
public sealed class CancelledWhenEndedTests
{
    readonly CommandBuffer _commands = new();
    readonly ActivationJobs _jobs = new();

    [Fact]
    public async Task AnActivityThatHasEndedIsNotCancelled()
    {
        var activity = new ActivityMachine(new() { ActivityId = "1", ActivityType = new() { Name = "Greet" } }, null, default);
        activity.OnRecorded(new() { EventId = 5, ActivityTaskScheduledEventAttributes = new() { ActivityId = "1", ActivityType = new() { Name = "Greet" } } });
        activity.OnEvent(new() { EventId = 6, EventType = EventType.ActivityTaskCompleted, ActivityTaskCompletedEventAttributes = new() }, _jobs);
        activity.Cancel(_commands);
        _commands.Count.ShouldBe(0);
        foreach (var job in _jobs.Take()) job();
        (await activity.Task).Failure.ShouldBeNull();
    }

    [Fact]
    public void ATimerThatHasFiredIsCancelledWithoutACommand()
    {
        var timer = new TimerMachine(1, TimeSpan.FromSeconds(1), null);
        timer.OnRecorded(new() { EventId = 5, TimerStartedEventAttributes = new() { TimerId = "1" } });
        timer.OnEvent(new HistoryEvent { EventId = 6, EventType = EventType.TimerFired }, _jobs);
        timer.Cancel(_commands, new CancellationToken(true));
        _commands.Count.ShouldBe(0);
        timer.Task.IsCanceled.ShouldBeTrue();
    }

    [Theory, InlineData(true), InlineData(false)]
    public void AChildThatHasEndedLetsGoOfWhatWouldCancelIt(bool started)
    {
        var child = new ChildWorkflowMachine(new() { WorkflowId = "child", WorkflowType = new() { Name = "W" } }, null, default);
        using var scope = new CancellationTokenSource();
        var called = false;
        child.CancelledBy(scope.Token.Register(() => called = true));
        child.OnRecorded(new() { EventId = 5, StartChildWorkflowExecutionInitiatedEventAttributes = new() { WorkflowId = "child", WorkflowType = new() { Name = "W" } } });
        child.OnEvent(
            started
                ? new() { EventId = 6, EventType = EventType.ChildWorkflowExecutionCompleted, ChildWorkflowExecutionCompletedEventAttributes = new() }
                : new() { EventId = 6, EventType = EventType.StartChildWorkflowExecutionFailed, StartChildWorkflowExecutionFailedEventAttributes = new() },
            _jobs);
        foreach (var job in _jobs.Take()) job();
        scope.Cancel();
        called.ShouldBeFalse();
    }
}
