using Microsoft.Extensions.Logging;
using Temporalio.Activities;

namespace Temporalio.Worker;

/// <summary>What an activity worker tells. Numbers 5201 to 5299.</summary>
static partial class ActivityLog
{
    [LoggerMessage(5201, LogLevel.Debug, "Completing activity {ActivityType} as cancelled, reason {Reason}")]
    public static partial void Canceled(ILogger logger, string activityType, ActivityCancelReason reason);

    [LoggerMessage(5202, LogLevel.Warning, "Completing activity {ActivityType} as failed: a heartbeat could not be recorded")]
    public static partial void HeartbeatFailed(ILogger logger, Exception error, string activityType);

    [LoggerMessage(5203, LogLevel.Debug, "Completing activity {ActivityType} as failed (benign)")]
    public static partial void FailedBenign(ILogger logger, Exception error, string activityType);

    [LoggerMessage(5204, LogLevel.Warning, "Completing activity {ActivityType} as failed, attempt {Attempt}")]
    public static partial void Failed(ILogger logger, Exception error, string activityType, int attempt);

    [LoggerMessage(5205, LogLevel.Warning, "The heartbeat of activity {ActivityType} ({ActivityId}) did not reach the server")]
    public static partial void HeartbeatNotSent(ILogger logger, Exception error, string activityType, string activityId);

    [LoggerMessage(5206, LogLevel.Warning, "The result of activity {ActivityType} ({ActivityId}) came too late: the server no longer waits for it")]
    public static partial void ResultTooLate(ILogger logger, string activityType, string activityId);

    [LoggerMessage(5207, LogLevel.Error, "The result of activity {ActivityType} ({ActivityId}) did not reach the server; it will be tried again after its timeout")]
    public static partial void ResultNotSent(ILogger logger, Exception error, string activityType, string activityId);

    [LoggerMessage(5208, LogLevel.Information, "Stopping activities on {TaskQueue}: {Running} running, cancelled after {GracefulShutdownTimeout}")]
    public static partial void Stopping(ILogger logger, string taskQueue, int running, TimeSpan gracefulShutdownTimeout);

    [LoggerMessage(5209, LogLevel.Warning, "Cancelling {Running} activities on {TaskQueue}: the worker is stopping")]
    public static partial void CancellingForShutdown(ILogger logger, int running, string taskQueue);
}
