using Grpc.Core;
using Temporalio.Api.Command.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>Who may call for one namespace reaches nothing of another.</summary>
public sealed class NamespaceBoundTests
{
    readonly EngineRig _rig = new();

    public NamespaceBoundTests() => _rig.Step(new EnsureNamespaceInput("other"));

#pragma warning disable CS0612 // Temporal's SDKs no longer fill it in, and whoever does otherwise is the one to be held off.
    public static TheoryData<Command> OtherNamespace => new()
    {
        new Command
        {
            CommandType = CommandType.StartChildWorkflowExecution,
            StartChildWorkflowExecutionCommandAttributes = new()
            {
                Namespace = "other", WorkflowId = "b", WorkflowType = new() { Name = "W" },
            },
        },
        new Command
        {
            CommandType = CommandType.SignalExternalWorkflowExecution,
            SignalExternalWorkflowExecutionCommandAttributes = new()
            {
                Namespace = "other", Execution = new() { WorkflowId = "b" }, SignalName = "s",
            },
        },
        new Command
        {
            CommandType = CommandType.RequestCancelExternalWorkflowExecution,
            RequestCancelExternalWorkflowExecutionCommandAttributes = new() { Namespace = "other", WorkflowId = "b" },
        },
    };
#pragma warning restore CS0612

    [Theory]
    [MemberData(nameof(OtherNamespace))]
    public void ACommandForAnotherNamespaceFailsItsTask(Command command)
    {
        var refused = Refused(new RespondWorkflowTaskCompletedRequest
        {
            Namespace = "default", TaskToken = Polled().TaskToken, Commands = { command },
        });
        refused.Message.ShouldContain("Namespace other is not the one of this workflow");
    }

    [Fact]
    public void ATaskIsAnsweredInItsOwnNamespace() => Refused(new RespondWorkflowTaskCompletedRequest
    {
        Namespace = "other", TaskToken = Polled().TaskToken,
    }).Message.ShouldContain("different namespace");

    [Theory]
    [InlineData("other", "default")]
    [InlineData("default", "other")]
    public void AnUpdateWithStartIsOfOneNamespace(string start, string update) => Refused(new ExecuteMultiOperationRequest
    {
        Namespace = "default",
        Operations =
        {
            new ExecuteMultiOperationRequest.Types.Operation
            {
                StartWorkflow = new()
                {
                    Namespace = start,
                    WorkflowId = "a",
                    WorkflowType = new() { Name = "W" },
                    TaskQueue = new() { Name = "q" },
                },
            },
            new ExecuteMultiOperationRequest.Types.Operation
            {
                UpdateWorkflow = new()
                {
                    Namespace = update,
                    WorkflowExecution = new() { WorkflowId = "a" },
                    Request = new() { Input = new() { Name = "u" } },
                },
            },
        },
    }).Message.ShouldContain("namespace");

    PollWorkflowTaskQueueResponse Polled()
    {
        _rig.Start("a");
        return _rig.Call<PollWorkflowTaskQueueResponse>(
            new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });
    }

    ServiceError Refused(Google.Protobuf.IMessage request)
    {
        var error = Should.Throw<ServiceError>(() => _rig.Call<Google.Protobuf.IMessage>(request));
        error.Code.ShouldBe(StatusCode.InvalidArgument);
        return error;
    }
}
