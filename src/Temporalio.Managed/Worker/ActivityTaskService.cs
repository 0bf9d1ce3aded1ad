using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>The activity worker's calls over a connection.</summary>
sealed class ActivityTaskService(Func<WorkflowService> service) : IActivityTaskService
{
    static readonly RpcOptions Retried = new() { Retry = true };

    public Task<PollActivityTaskQueueResponse> PollAsync(PollActivityTaskQueueRequest request, CancellationToken cancellationToken) =>
        service().PollActivityTaskQueueAsync(request, new() { CancellationToken = cancellationToken });

    public Task<RecordActivityTaskHeartbeatResponse> HeartbeatAsync(RecordActivityTaskHeartbeatRequest request) =>
        service().RecordActivityTaskHeartbeatAsync(request, Retried);

    public Task CompleteAsync(RespondActivityTaskCompletedRequest request) => service().RespondActivityTaskCompletedAsync(request, Retried);

    public Task FailAsync(RespondActivityTaskFailedRequest request) => service().RespondActivityTaskFailedAsync(request, Retried);

    public Task CancelAsync(RespondActivityTaskCanceledRequest request) => service().RespondActivityTaskCanceledAsync(request, Retried);
}
