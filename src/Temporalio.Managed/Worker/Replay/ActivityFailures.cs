using Temporalio.Api.Enums.V1;
using Temporalio.Api.Failure.V1;

namespace Temporalio.Worker.Replay;

/// <summary>The failure that workflow code sees around an activity's own.</summary>
static class ActivityFailures
{
    public static Failure Wrap(string message, Failure? cause, string activityId, string activityType, RetryState retryState) => new()
    {
        Message = message,
        Cause = cause,
        ActivityFailureInfo = new() { ActivityId = activityId, ActivityType = new() { Name = activityType }, RetryState = retryState },
    };
}
