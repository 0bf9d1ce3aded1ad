using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;
using Temporalio.Common;
using Temporalio.Worker;

namespace Temporalio.Tests.Replay;

public sealed class LocalActivityRetryTests
{
    static readonly Failure Plain = new() { ApplicationFailureInfo = new() { Type = "Plain" } };

    [Fact]
    public void WaitsDoubleUpToAHundredTimesTheFirst()
    {
        double[] waits = [.. new uint[] { 1, 2, 3, 7, 8, 1000 }.Select(attempt => LocalActivityRetry.NextDelay(null, attempt, Plain)!.Value.TotalSeconds)];
        waits.ShouldBe([1, 2, 4, 64, 100, 100]);
    }

    [Fact]
    public void ThePolicyBoundsWaitsAndAttempts()
    {
        var policy = new RetryPolicy { InitialInterval = TimeSpan.FromSeconds(2), BackoffCoefficient = 3, MaximumInterval = TimeSpan.FromSeconds(5), MaximumAttempts = 3 };
        LocalActivityRetry.NextDelay(policy, 1, Plain).ShouldBe(TimeSpan.FromSeconds(2));
        LocalActivityRetry.NextDelay(policy, 2, Plain).ShouldBe(TimeSpan.FromSeconds(5));
        LocalActivityRetry.NextDelay(policy, 3, Plain).ShouldBeNull();
    }

    [Fact]
    public void SomeFailuresAreFinal()
    {
        LocalActivityRetry.NextDelay(null, 1, new() { ApplicationFailureInfo = new() { NonRetryable = true } }).ShouldBeNull();
        LocalActivityRetry.NextDelay(new() { NonRetryableErrorTypes = ["Plain"] }, 1, Plain).ShouldBeNull();
        LocalActivityRetry.NextDelay(null, 1, new() { TimeoutFailureInfo = new() { TimeoutType = TimeoutType.ScheduleToClose } }).ShouldBeNull();
        LocalActivityRetry.NextDelay(null, 1, new() { TimeoutFailureInfo = new() { TimeoutType = TimeoutType.StartToClose } }).ShouldNotBeNull();
    }

    [Fact]
    public void AFailureMayChooseItsWait() =>
        LocalActivityRetry.NextDelay(null, 5, new() { ApplicationFailureInfo = new() { NextRetryDelay = new() { Seconds = 9 } } }).ShouldBe(TimeSpan.FromSeconds(9));
}
