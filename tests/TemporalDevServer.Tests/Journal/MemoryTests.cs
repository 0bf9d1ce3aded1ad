using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;

namespace TemporalDevServer.Tests.Journal;

public sealed class MemoryTests
{
    [Fact]
    public void AServerWithoutAJournalDropsTheOldestClosedRunsWhenTheyTakeTooMuch()
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
            engine.Step(
                new CallInput(i, new TerminateWorkflowExecutionRequest
                {
                    Namespace = "default",
                    WorkflowExecution = new() { WorkflowId = $"workflow-{i}" },
                }),
                now);
        }
        engine.RunCount.ShouldBeInRange(fitting - 2, fitting + 1);
        engine.Runs.Min(run => run.Number).ShouldBeGreaterThan(15);
    }

    [Fact]
    public void AHundredThousandClosedRunsAreKeptAndTheOldestLeavesFirst()
    {
        var engine = WorkflowEngine.New(1);
        var now = new DateTime(2026, 11, 21, 8, 0, 0, DateTimeKind.Utc);
        engine.Step(new EnsureNamespaceInput("default"), now);
        var start = new StartWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowType = new() { Name = "some" }, TaskQueue = new() { Name = "queue" },
        };
        var end = new TerminateWorkflowExecutionRequest { Namespace = "default", WorkflowExecution = new() };
        for (var i = 0; i < 100_000; i++) StartAndEnd(i);
        engine.Step(new TickInput(), now);
        engine.RunCount.ShouldBe(100_000);
        StartAndEnd(100_000);
        engine.Step(new TickInput(), now);
        engine.RunCount.ShouldBe(100_000);
        engine.Runs.Min(run => run.Number).ShouldBe(2);

        void StartAndEnd(int number)
        {
            start.WorkflowId = end.WorkflowExecution.WorkflowId = $"workflow-{number}";
            engine.Step(new CallInput(number, start.Clone()), now);
            engine.Step(new CallInput(number, end.Clone()), now);
        }
    }
}
