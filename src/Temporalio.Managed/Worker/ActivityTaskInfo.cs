using Google.Protobuf.WellKnownTypes;
using Temporalio.Activities;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Common;
using Temporalio.Converters;

namespace Temporalio.Worker;

/// <summary>Reads a polled task.</summary>
static class ActivityTaskInfo
{
    /// <summary>The worker's converter, told where it is used.</summary>
    public static DataConverter ConverterFor(PollActivityTaskQueueResponse task, ActivityWorkerSettings settings) =>
        settings.DataConverter.WithSerializationContext(new ISerializationContext.Activity(
            NamespaceOf(task, settings),
            task.ActivityId,
            NullIfEmpty(task.WorkflowExecution?.WorkflowId),
            NullIfEmpty(task.WorkflowType?.Name),
            task.ActivityType?.Name,
            settings.TaskQueue,
            IsLocal: false));

    public static ActivityInfo Of(PollActivityTaskQueueResponse task, ActivityWorkerSettings settings, DataConverter converter)
    {
        var workflowId = NullIfEmpty(task.WorkflowExecution?.WorkflowId);
        return new(
            ActivityId: task.ActivityId,
            ActivityType: task.ActivityType?.Name ?? "",
            Attempt: task.Attempt,
            CurrentAttemptScheduledTime: Time(task.CurrentAttemptScheduledTime),
            DataConverter: converter,
            HeartbeatDetails: task.HeartbeatDetails?.Payloads_.ToArray() ?? [],
            HeartbeatTimeout: Timeout(task.HeartbeatTimeout),
            IsLocal: false,
            Namespace: NamespaceOf(task, settings),
            Priority: task.Priority == null ? Priority.Default : new(task.Priority),
            RetryPolicy: task.RetryPolicy == null ? null : RetryPolicy.FromProto(task.RetryPolicy),
            ScheduleToCloseTimeout: Timeout(task.ScheduleToCloseTimeout),
            ScheduledTime: Time(task.ScheduledTime),
            StartToCloseTimeout: Timeout(task.StartToCloseTimeout),
            StartedTime: Time(task.StartedTime),
            TaskQueue: settings.TaskQueue,
            TaskToken: task.TaskToken.ToByteArray(),
            WorkflowId: workflowId,
            WorkflowNamespace: workflowId == null ? null : NamespaceOf(task, settings),
            WorkflowRunId: workflowId == null ? null : task.WorkflowExecution!.RunId,
            WorkflowType: workflowId == null ? null : task.WorkflowType?.Name ?? "");
    }

    static string NamespaceOf(PollActivityTaskQueueResponse task, ActivityWorkerSettings settings) =>
        NullIfEmpty(task.WorkflowNamespace) ?? settings.Namespace;

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;

    /// <summary>The server writes a timeout that is not set as zero.</summary>
    static TimeSpan? Timeout(Duration? duration) => duration?.ToTimeSpan() is { } timeout && timeout > TimeSpan.Zero ? timeout : null;

    static DateTime Time(Timestamp? timestamp) => timestamp?.ToDateTime() ?? DateTime.MinValue;
}
