using Temporalio.Api.WorkflowService.V1;

namespace Temporalio.Worker;

/// <summary>The calls to the server that an activity worker makes; each retried as the SDKs do, each with a deadline.</summary>
interface IActivityTaskService
{
    /// <summary>A long poll; the answer has no task token when nothing came.</summary>
    Task<PollActivityTaskQueueResponse> PollAsync(PollActivityTaskQueueRequest request, CancellationToken cancellationToken);

    Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(RecordActivityTaskHeartbeatRequest request);

    Task CompleteAsync(RespondActivityTaskCompletedRequest request);

    Task FailAsync(RespondActivityTaskFailedRequest request);

    Task CancelAsync(RespondActivityTaskCanceledRequest request);
}
