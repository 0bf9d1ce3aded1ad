using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>Ids on their bound, and what is remembered of them.</summary>
public sealed class IdBoundTests
{
    readonly EngineRig _server = new();

    [Fact]
    public void NamesOfAThousandCharactersAreTaken()
    {
        var name = new string('n', 1000);
        var run = _server.Start(
            name,
            request => (request.WorkflowType.Name, request.TaskQueue.Name, request.RequestId) = (name, name, name));
        run.ShouldNotBeEmpty();
    }

    [Fact]
    public void OfMoreThanAThousandRequestIdsTheOldestAloneIsDropped()
    {
        _server.Start("a");
        for (var i = 0; i <= 1000; i++) Signal($"r{i}");
        var before = HistoryLength();
        for (var i = 1; i <= 1000; i++) Signal($"r{i}");
        HistoryLength().ShouldBe(before, "each of the last thousand is known again");
    }

    void Signal(string requestId) => _server.Call<SignalWorkflowExecutionResponse>(new SignalWorkflowExecutionRequest
    {
        Namespace = "default", WorkflowExecution = new() { WorkflowId = "a" }, SignalName = "s", RequestId = requestId,
    });

    long HistoryLength() => _server.Call<DescribeWorkflowExecutionResponse>(
        new DescribeWorkflowExecutionRequest { Namespace = "default", Execution = new() { WorkflowId = "a" } })
        .WorkflowExecutionInfo.HistoryLength;
}
