using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
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
        var outcome = WorkflowStarter.OutcomeOf(new RpcException(code, "said the server", null), Given);
        outcome!.Value.Kind.ShouldBe((OutcomeKind)kind);
        outcome.Value.IsAmbiguous.ShouldBe(isAmbiguous);
        outcome.Value.Reason.ShouldEndWith(".");
    }

    [Fact]
    public void AlreadyStartedIsAccepted() =>
        WorkflowStarter.OutcomeOf(new WorkflowAlreadyStartedException("again", "logs/a/b/000000000001", "LogProcessingWorkflow", "run"),
            Given)!.Value.Kind.ShouldBe(OutcomeKind.Accepted);

    [Fact]
    public async Task OptionsThatHaveBecomeWrongAreADenialUntilTheyAreRightAgain()
    {
        var connector = new ClientConnector(() => throw new ConfigurationException("temporal.toml cannot be read"), _ =>
            throw new InvalidOperationException(), null, TimeProvider.System);
        var starter = new WorkflowStarter(connector, "queue", TimeSpan.FromSeconds(5));
        (await starter.StartAsync(Batch, CancellationToken.None))
            .ShouldBe(new PublishOutcome(OutcomeKind.Denied, "temporal.toml cannot be read."));
    }

    public static TheoryData<Exception> FailedConnects =>
    [
        new InvalidOperationException("Connection failed: Server connection error: Connection refused"),
        new RpcException(Code.Unavailable, "closed", null),
        new RpcException(Code.DeadlineExceeded, "too slow", null),
        new TimeoutException(),
    ];

    [Theory, MemberData(nameof(FailedConnects))]
    public async Task WithoutAConnectionTemporalCannotHaveTheBatch(Exception failure)
    {
        var connector = new ClientConnector(
            () => Given, _ => Task.FromException<ITemporalClient>(failure), null, TimeProvider.System);
        var starter = new WorkflowStarter(connector, "queue", TimeSpan.FromSeconds(5));
        var outcome = await starter.StartAsync(Batch, CancellationToken.None);
        (outcome.Kind, outcome.IsAmbiguous).ShouldBe((OutcomeKind.Unreachable, false));
    }

    [Fact]
    public async Task AClientWhoseCallWasNotAnsweredIsLeftForANewOneAndOneThatHasJustConnectedIsNot()
    {
        var connects = 0;
        var connector = new ClientConnector(() => Given, _ =>
        {
            connects++;
            // Its calls fail, as nobody is there.
            return Task.FromResult<ITemporalClient>(TemporalClient.CreateLazy(Given));
        }, null, TimeProvider.System);
        var starter = new WorkflowStarter(connector, "queue", TimeSpan.FromSeconds(5));
        int[] expected = [1, 1, 2, 2, 3];
        foreach (var count in expected)
        {
            (await starter.StartAsync(Batch, CancellationToken.None)).Kind.ShouldBe(OutcomeKind.Unreachable);
            connects.ShouldBe(count);
        }
    }

    static TemporalClientConnectOptions Given { get; } = new($"127.0.0.1:{FreePort.Next()}");

    static FrozenBatch Batch
    {
        get
        {
            var id = Some.BatchId();
            return new FrozenBatch(Some.Header(id, Some.Records(1, id)), LogBatchRecords.Encode([.. Some.Records(1, id)]));
        }
    }
}
