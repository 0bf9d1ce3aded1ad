using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Journal;

public sealed class MemoryTests
{
    [Fact]
    public void AServerWithoutAJournalForgetsTheOldestClosedRunsWhenTheyTakeTooMuch()
    {
        const int bytes = 2_000_000;
        var engine = WorkflowEngine.New(1);
        var now = new DateTime(2026, 11, 21, 8, 0, 0, DateTimeKind.Utc);
        engine.Step(new EnsureNamespaceInput("default"), now);
        // The runs share one payload, so that the test needs less than the server would.
        var payload = UnsafeByteOperations.UnsafeWrap(new byte[bytes]);
        var fitting = (int)(Engine.Limits.ClosedBytesInMemoryMax / bytes);
        for (var i = 0; i < fitting + 20; i++)
        {
            engine.Step(new CallInput(i, new StartWorkflowExecutionRequest
            {
                Namespace = "default",
                WorkflowId = $"workflow-{i}",
                WorkflowType = new() { Name = "some" },
                TaskQueue = new() { Name = "queue" },
                Input = new() { Payloads_ = { new Temporalio.Api.Common.V1.Payload { Data = payload } } },
            }), now);
            engine.Step(new CallInput(i, new TerminateWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = new() { WorkflowId = $"workflow-{i}" } }), now);
        }
        engine.RunCount.ShouldBeInRange(fitting - 2, fitting + 1);
        engine.Runs.Min(run => run.Number).ShouldBeGreaterThan(15);
    }
}
