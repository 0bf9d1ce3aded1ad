using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using Grpc.Core;
using Temporalio.Api.Failure.V1;
using Temporalio.Api.History.V1;
using Temporalio.Api.Update.V1;
using Temporalio.Api.WorkflowService.V1;
using TemporalDevServer.Engine;
using TemporalDevServer.Tests.Reads;

namespace TemporalDevServer.Tests.Limits;

/// <summary>Messages that are well-formed for the transport and meant to end the server.</summary>
public sealed class HostileMessageTests
{
    readonly EngineRig _rig = new();

    [Fact]
    public void WhatIsTakenIsReadableWhereItIsKept()
    {
        var deepest = 0;
        for (var depth = 1; depth <= 100; depth++)
        {
            var request = new RespondActivityTaskFailedRequest { Failure = Nested(depth) };
            if (!IsTaken(request)) break;
            deepest = depth;
            var e = new HistoryEvent { ActivityTaskFailedEventAttributes = new() { Failure = request.Failure } };
            var page = new GetWorkflowExecutionHistoryResponse { History = new() { Events = { e } } };
            Should.NotThrow(() => GetWorkflowExecutionHistoryResponse.Parser.ParseFrom(page.ToByteArray()));
        }
        deepest.ShouldBeInRange(50, 90);
    }

    public static TheoryData<Any> Unreadable => new()
    {
        new Any { TypeUrl = Any.Pack(new Acceptance()).TypeUrl, Value = ByteString.CopyFrom(0xff) },
        new Any { TypeUrl = Any.Pack(new Response()).TypeUrl, Value = ByteString.CopyFrom(0xff) },
        new Any { TypeUrl = Any.Pack(new Rejection()).TypeUrl, Value = ByteString.CopyFrom(0xff) },
        Any.Pack(new Rejection { Failure = Nested(95) }),
        Any.Pack(new Response { Outcome = new() { Failure = Nested(95) } }),
    };

    [Theory]
    [MemberData(nameof(Unreadable))]
    public void AnUpdatesAnswerThatCannotBeReadFailsItsTask(Any body)
    {
        _rig.Start("a");
        var first = Poll();
        _rig.Call<RespondWorkflowTaskCompletedResponse>(
            new RespondWorkflowTaskCompletedRequest { Namespace = "default", TaskToken = first.TaskToken });
        _rig.Begin(new UpdateWorkflowExecutionRequest
        {
            Namespace = "default", WorkflowExecution = new() { WorkflowId = "a" },
            WaitPolicy = new() { LifecycleStage = Temporalio.Api.Enums.V1.UpdateWorkflowExecutionLifecycleStage.Completed },
            Request = new() { Meta = new() { UpdateId = "u" }, Input = new() { Name = "u" } },
        });
        var refused = Should.Throw<ServiceError>(
            () => _rig.Call<IMessage>(new RespondWorkflowTaskCompletedRequest
            {
                Namespace = "default",
                TaskToken = Poll().TaskToken,
                Messages = { new Temporalio.Api.Protocol.V1.Message { ProtocolInstanceId = "u", Body = body } },
            }));
        refused.Code.ShouldBe(StatusCode.InvalidArgument);
        refused.Message.ShouldContain("unreadable message");
    }

    PollWorkflowTaskQueueResponse Poll() => _rig.Call<PollWorkflowTaskQueueResponse>(
        new PollWorkflowTaskQueueRequest { Namespace = "default", TaskQueue = new() { Name = "q" } });

    static bool IsTaken(IMessage request)
    {
        try
        {
            CallerMessages.Parse(Calls.Of(request.GetType())!.Parser, request.ToByteArray());
            return true;
        }
        catch (InvalidProtocolBufferException)
        {
            return false;
        }
    }

    static Failure Nested(int depth)
    {
        var failure = new Failure { Message = "the innermost" };
        for (var i = 1; i < depth; i++) failure = new Failure { Cause = failure };
        return failure;
    }
}
