using Temporalio.Grpc;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Tests.Grpc;

public sealed class RetryDecisionTests
{
    static readonly HashSet<Code> Passing =
        [Code.DataLoss, Code.Internal, Code.Unknown, Code.ResourceExhausted, Code.Aborted, Code.OutOfRange, Code.Unavailable];

    public static TheoryData<Code> Codes => [.. Enum.GetValues<Code>().Where(code => code != Code.OK)];

    [Theory]
    [MemberData(nameof(Codes))]
    public void ACallIsRepeatedExactlyAfterTheCodesThatTemporalsSdksRepeat(Code code) =>
        (After(code) is not null).ShouldBe(Passing.Contains(code));

    [Theory]
    [MemberData(nameof(Codes))]
    public void AWorkersPollGoesOnAfterAnythingForAMinute(Code code) =>
        After(code, RpcKind.TaskLongPoll, RetryPlan.TaskPoll, elapsed: TimeSpan.FromSeconds(60)).ShouldNotBeNull();

    [Theory]
    [MemberData(nameof(Codes))]
    public void AWorkersPollGoesOnForEverAfterWhatPasses(Code code) =>
        (After(code, RpcKind.TaskLongPoll, RetryPlan.TaskPoll, failures: 1000, elapsed: TimeSpan.FromDays(1)) is not null)
            .ShouldBe(Passing.Contains(code) || code is Code.Cancelled or Code.DeadlineExceeded);

    [Fact]
    public void WaitsGrowToTheLongestOne() =>
        Enumerable.Range(1, 9).Select(n => Math.Round(RetryPlan.Default.Wait(n, 0.5).TotalMilliseconds))
            .ShouldBe([100, 170, 289, 491, 835, 1420, 2414, 4103, 5000]);

    [Theory]
    [InlineData(0.0, 80)]
    [InlineData(0.5, 100)]
    [InlineData(0.999999, 120)]
    public void ChanceMovesAWaitByAFifth(double chance, int milliseconds) =>
        RetryPlan.Default.Wait(1, chance).TotalMilliseconds.ShouldBe(milliseconds, 0.01);

    [Fact]
    public void AThrottledCallWaitsASecondAndMore()
    {
        After(Code.ResourceExhausted).ShouldBe(TimeSpan.FromSeconds(1));
        After(Code.ResourceExhausted, failures: 3, throttles: 3).ShouldBe(TimeSpan.FromSeconds(4));
        After(Code.ResourceExhausted, failures: 3, throttles: 1).ShouldBe(TimeSpan.FromSeconds(1));
    }

    [Theory]
    [InlineData("grpc: received message larger than max (5242933 vs. 4194304)")]
    [InlineData("grpc: message after decompression larger than max (5242933 vs. 4194304)")]
    [InlineData("grpc: received message after decompression larger than max 4194304")]
    public void AMessageThatIsTooLargeIsNeverRepeated(string message)
    {
        var status = new GrpcStatusLine(Code.ResourceExhausted, message);
        RetryDecision.After(status, RpcKind.Normal, RetryPlan.Default, 1, 1, TimeSpan.Zero, 0.5).ShouldBeNull();
        RetryDecision.After(status, RpcKind.TaskLongPoll, RetryPlan.TaskPoll, 1, 1, TimeSpan.Zero, 0.5).ShouldBeNull();
    }

    [Fact]
    public void TenAttemptsAndTenSecondsAreTheEnd()
    {
        After(Code.Unavailable, failures: 9).ShouldNotBeNull();
        After(Code.Unavailable, failures: 10).ShouldBeNull();
        After(Code.Unavailable, elapsed: TimeSpan.FromSeconds(10)).ShouldNotBeNull();
        After(Code.Unavailable, elapsed: TimeSpan.FromSeconds(10.001)).ShouldBeNull();
    }

    [Fact]
    public void ALongPollThatGotNoAnswerAtAllIsRepeatedButTheServersDeadlineIsNot()
    {
        var silent = new GrpcStatusLine(Code.DeadlineExceeded, "no answer", Cause: new OperationCanceledException());
        RetryDecision.After(silent, RpcKind.UserLongPoll, RetryPlan.Default, 1, 0, TimeSpan.Zero, 0.5).ShouldNotBeNull();
        RetryDecision.After(silent, RpcKind.Normal, RetryPlan.Default, 1, 0, TimeSpan.Zero, 0.5).ShouldBeNull();
        After(Code.DeadlineExceeded, RpcKind.UserLongPoll).ShouldBeNull();
    }

    static TimeSpan? After(
        Code code, RpcKind kind = RpcKind.Normal, RetryPlan? plan = null, int failures = 1, int throttles = 1, TimeSpan elapsed = default) =>
        RetryDecision.After(new(code, "it failed"), kind, plan ?? RetryPlan.Default, failures, throttles, elapsed, 0.5);
}
