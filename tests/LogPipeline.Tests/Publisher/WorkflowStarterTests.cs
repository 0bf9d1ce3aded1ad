using LogPipeline.Publisher.Publishing;
using Temporalio.Exceptions;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace LogPipeline.Tests.Publisher;

public sealed class WorkflowStarterTests
{
    [Theory]
    [InlineData(Code.Unavailable, OutcomeKind.Unreachable, true)]
    [InlineData(Code.DeadlineExceeded, OutcomeKind.Unreachable, true)]
    [InlineData(Code.ResourceExhausted, OutcomeKind.Busy, false)]
    [InlineData(Code.Unauthenticated, OutcomeKind.Denied, false)]
    [InlineData(Code.PermissionDenied, OutcomeKind.Denied, false)]
    [InlineData(Code.NotFound, OutcomeKind.Denied, false)]
    [InlineData(Code.InvalidArgument, OutcomeKind.Refused, false)]
    public void EveryStatusHasItsConsequence(Code code, object kind, bool isAmbiguous)
    {
        var error = new RpcException(code, "said the server", null);
        foreach (var outcome in new[] { WorkflowStarter.OutcomeOf(error), WorkflowStarter.OutcomeOf(new InvalidOperationException("Connection failed", error)) })
        {
            outcome!.Value.Kind.ShouldBe((OutcomeKind)kind);
            outcome.Value.IsAmbiguous.ShouldBe(isAmbiguous);
            outcome.Value.Reason.ShouldStartWith("said the server.");
        }
    }

    [Fact]
    public void AlreadyStartedIsAccepted() =>
        WorkflowStarter.OutcomeOf(new WorkflowAlreadyStartedException("again", "logs/a/b/000000000001", "LogProcessingWorkflow", "run"))!.Value.Kind.ShouldBe(OutcomeKind.Accepted);
}
