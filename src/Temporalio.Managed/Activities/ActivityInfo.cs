using System.Text.Json.Serialization;
using Temporalio.Api.Common.V1;
using Temporalio.Converters;

namespace Temporalio.Activities;

/// <summary>
/// What an activity can know about its attempt. Times are UTC; a timeout that is not set is null. Workflow fields are
/// null for an activity that no workflow started. The constructor may get more parameters: use <c>with</c>.
/// </summary>
/// <param name="ActivityId">Unique within the workflow.</param>
/// <param name="ActivityType">The activity's name.</param>
/// <param name="Attempt">From 1 on.</param>
/// <param name="CurrentAttemptScheduledTime">When this attempt was put on the task queue.</param>
/// <param name="DataConverter">For heartbeat details.</param>
/// <param name="HeartbeatDetails">What the last attempt's last heartbeat said.</param>
/// <param name="HeartbeatTimeout">Longest time without a heartbeat.</param>
/// <param name="IsLocal">Whether it runs inside the workflow's worker, without the server.</param>
/// <param name="Namespace">The workflow's namespace.</param>
/// <param name="Priority">Its place on the task queue.</param>
/// <param name="RetryPolicy">As the server holds it; null when the server did not say.</param>
/// <param name="ScheduleToCloseTimeout">For all attempts together.</param>
/// <param name="ScheduledTime">When the first attempt was put on the task queue.</param>
/// <param name="StartToCloseTimeout">For one attempt.</param>
/// <param name="StartedTime">When this attempt was handed to this worker.</param>
/// <param name="TaskQueue">The queue that this worker polls.</param>
/// <param name="TaskToken">Names this attempt to the server; for asynchronous completion.</param>
/// <param name="WorkflowId">The workflow that asked for it.</param>
/// <param name="WorkflowNamespace">The namespace of that workflow.</param>
/// <param name="WorkflowRunId">The run of that workflow.</param>
/// <param name="WorkflowType">The type of that workflow.</param>
public record ActivityInfo(
    string ActivityId,
    string ActivityType,
    int Attempt,
    DateTime CurrentAttemptScheduledTime,
    [property: JsonIgnore] DataConverter DataConverter,
    IReadOnlyCollection<Payload> HeartbeatDetails,
    TimeSpan? HeartbeatTimeout,
    bool IsLocal,
    string Namespace,
    Common.Priority Priority,
    Common.RetryPolicy? RetryPolicy,
    TimeSpan? ScheduleToCloseTimeout,
    DateTime ScheduledTime,
    TimeSpan? StartToCloseTimeout,
    DateTime StartedTime,
    string TaskQueue,
    byte[] TaskToken,
    string? WorkflowId,
    string? WorkflowNamespace,
    string? WorkflowRunId,
    string? WorkflowType)
{
    public bool IsWorkflowActivity => WorkflowId != null;

    /// <summary>One detail of the last heartbeat.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer details; see <see cref="HeartbeatDetails"/>.</exception>
    public Task<T> HeartbeatDetailAtAsync<T>(int index) => DataConverter.ToValueAsync<T>(HeartbeatDetails.ElementAt(index));

    /// <summary>What every log line of the activity carries.</summary>
    internal Dictionary<string, object> LoggerScope()
    {
        var scope = new Dictionary<string, object>
        {
            ["ActivityId"] = ActivityId,
            ["ActivityType"] = ActivityType,
            ["Attempt"] = Attempt,
            ["Namespace"] = Namespace,
        };
        if (WorkflowId == null) return scope;
        scope["WorkflowId"] = WorkflowId;
        scope["WorkflowNamespace"] = WorkflowNamespace ?? "";
        scope["WorkflowRunId"] = WorkflowRunId ?? "";
        scope["WorkflowType"] = WorkflowType ?? "";
        return scope;
    }
}
