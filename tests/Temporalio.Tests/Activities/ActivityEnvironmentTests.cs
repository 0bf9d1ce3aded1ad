using Temporalio.Activities;
using Temporalio.Testing;

namespace Temporalio.Tests.Activities;

public class ActivityEnvironmentTests
{
    [Fact]
    public async Task CodeRunsInTheContextItWasGiven()
    {
        var beats = new List<object?>();
        var environment = new ActivityEnvironment
        {
            Info = ActivityEnvironment.DefaultInfo with { Attempt = 4 },
            Heartbeater = beats.AddRange,
        };
        var attempt = await environment.RunAsync(async () =>
        {
            await Task.Yield();
            ActivityExecutionContext.Current.Heartbeat("a", 1);
            return ActivityExecutionContext.Current.Info.Attempt;
        });
        attempt.ShouldBe(4);
        beats.ShouldBe(["a", 1]);
        ActivityExecutionContext.HasCurrent.ShouldBeFalse();
        Should.Throw<InvalidOperationException>(() => ActivityExecutionContext.Current);
    }

    [Fact]
    public async Task ASynchronousActionRunsToItsEnd()
    {
        var ran = false;
        await new ActivityEnvironment().RunAsync(() => { ran = ActivityExecutionContext.HasCurrent; });
        ran.ShouldBeTrue();
    }

    [Fact]
    public async Task CancellingTellsTheFirstReason()
    {
        var environment = new ActivityEnvironment();
        await environment.RunAsync(() =>
        {
            environment.Cancel(ActivityCancelReason.Timeout, new() { IsTimedOut = true });
            environment.Cancel();
            ActivityExecutionContext.Current.CancellationToken.IsCancellationRequested.ShouldBeTrue();
            ActivityExecutionContext.Current.CancelReason.ShouldBe(ActivityCancelReason.Timeout);
            ActivityExecutionContext.Current.CancellationDetails!.IsTimedOut.ShouldBeTrue();
        });
    }
}
