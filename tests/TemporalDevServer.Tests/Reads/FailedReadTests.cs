using Google.Protobuf;
using Grpc.Core;
using Temporalio.Api.History.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Engine.State;
using TemporalDevServer.Host;

namespace TemporalDevServer.Tests.Reads;

/// <summary>A read that meets a mistake of the server's own.</summary>
public sealed class FailedReadTests
{
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(30);

    public static TheoryData<IMessage> HistoryReads => new()
    {
        new GetWorkflowExecutionHistoryRequest { Namespace = "default", Execution = new() { WorkflowId = "a" } },
        new GetWorkflowExecutionHistoryReverseRequest { Namespace = "default", Execution = new() { WorkflowId = "a" } },
    };

    [Theory]
    [MemberData(nameof(HistoryReads))]
    public async Task AReadThatThrowsIsInternalAndTheServerGoesOn(IMessage read)
    {
        var rig = new EngineRig(new ThrowingArchive());
        rig.Start("a");
        var run = rig.Engine.Runs.Single();
        rig.Engine.Archive(run.Number, new HistoryPart { File = 1, FirstEventId = 1, Events = 1 });
        await using var loop = new EngineLoop(rig.Engine, TimeProvider.System);
        loop.Start();

        var refused = await loop.CallAsync(read, default, out _).WaitAsync(WaitMax);

        var error = refused.Error.ShouldNotBeNull();
        error.Code.ShouldBe(StatusCode.Internal);
        error.Message.ShouldBe(
            $"The server could not answer {read.GetType().Name}: it met InvalidTimeZoneException, and goes on.");
        var next = new CountWorkflowExecutionsRequest { Namespace = "default" };
        (await loop.CallAsync(next, default, out _).WaitAsync(WaitMax)).Message
            .ShouldBeOfType<CountWorkflowExecutionsResponse>().Count.ShouldBe(1);
    }

    sealed class ThrowingArchive : IHistoryArchive
    {
        public IReadOnlyList<HistoryEvent> Read(HistoryPart part) => throw new InvalidTimeZoneException();
    }
}
