using Google.Protobuf;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Grpc;

namespace Temporalio.Client;

/// <summary>Which calls wait at the server, and how long calls may take.</summary>
static class RpcKinds
{
    // The server answers a poll after 60 s at the latest.
    static readonly TimeSpan LongPollTimeout = TimeSpan.FromSeconds(70);
    static readonly TimeSpan CallTimeout = TimeSpan.FromSeconds(30);

    public static RpcKind Of(IMessage request) => request switch
    {
        PollWorkflowTaskQueueRequest or PollActivityTaskQueueRequest => RpcKind.TaskLongPoll,
        GetWorkflowExecutionHistoryRequest { WaitNewEvent: true } or UpdateWorkflowExecutionRequest
            or PollWorkflowExecutionUpdateRequest or ExecuteMultiOperationRequest => RpcKind.UserLongPoll,
        _ => RpcKind.Normal,
    };

    public static TimeSpan Timeout(RpcKind kind) => kind == RpcKind.Normal ? CallTimeout : LongPollTimeout;
}
