using LogPipeline.Publisher.Buffering;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;
using Temporalio.Client;
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

    [Fact]
    public async Task AClientWhoseCallWasNotAnsweredIsLeftForANewOne()
    {
        var clients = 0;
        var starter = new WorkflowStarter(() =>
        {
            clients++;
            return TemporalClient.CreateLazy(new TemporalClientConnectOptions($"127.0.0.1:{FreePort.Next()}"));
        }, "queue", TimeSpan.FromSeconds(5));
        for (var attempt = 1; attempt <= 3; attempt++)
        {
            (await starter.StartAsync(Batch, CancellationToken.None)).Kind.ShouldBe(OutcomeKind.Unreachable);
            clients.ShouldBe(attempt);
        }
    }

    [Fact]
    public async Task OptionsThatHaveBecomeWrongAreADenialUntilTheyAreRightAgain()
    {
        var starter = new WorkflowStarter(() => throw new ConfigurationException("temporal.toml cannot be read"), "queue", TimeSpan.FromSeconds(5));
        (await starter.StartAsync(Batch, CancellationToken.None)).ShouldBe(new PublishOutcome(OutcomeKind.Denied, "temporal.toml cannot be read."));
    }

    static FrozenBatch Batch
    {
        get
        {
            var id = Some.BatchId();
            return new FrozenBatch(Some.Header(id, Some.Records(1, id)), LogBatchRecords.Encode([.. Some.Records(1, id)]));
        }
    }
}
