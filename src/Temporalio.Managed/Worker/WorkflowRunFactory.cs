using Microsoft.Extensions.Logging;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>Makes a run's code from the event that started it. Shared by worker and replayer.</summary>
sealed class WorkflowRunFactory(
    string @namespace,
    string taskQueue,
    IReadOnlyCollection<WorkflowDefinition> workflows,
    DataConverter dataConverter,
    IReadOnlyCollection<Type> failureExceptionTypes,
    Func<string, bool> isLocalActivity,
    ILoggerFactory loggerFactory)
{
    /// <summary>For the metrics of workflow code.</summary>
    public MetricMeter MetricMeter { get; init; } = MetricMeterNoop.Instance;

    public IWorkflowTaskEvents? TaskEvents { get; init; }

    readonly Dictionary<string, WorkflowDefinition> _definitions = workflows.ToDictionary(w => w.Name!);

    public WorkflowRun Create(string workflowId, string runId) =>
        new(workflowId, runId, (started, machines) => CreateInstance(workflowId, runId, started, machines));

    WorkflowInstance CreateInstance(string workflowId, string runId, HistoryEvent started, WorkflowMachines machines)
    {
        var attributes = started.WorkflowExecutionStartedEventAttributes
            ?? throw new InvalidWorkflowOperationException($"The history of run {runId} begins with {started.EventType}.");
        if (!_definitions.TryGetValue(attributes.WorkflowType.Name, out var definition))
            throw new WorkflowTypeNotFoundException(
                $"Workflow type {attributes.WorkflowType.Name} is not registered on this worker, available workflows: {string.Join(", ", _definitions.Keys.Order(StringComparer.Ordinal))}");
        return new WorkflowInstance(
            new WorkflowInstanceDetails(
                definition,
                InfoOf(workflowId, runId, started, attributes, machines),
                attributes.Input?.Payloads_ ?? [],
                attributes.Memo,
                attributes.SearchAttributes,
                dataConverter.PayloadConverter,
                dataConverter.FailureConverter,
                failureExceptionTypes,
                isLocalActivity,
                loggerFactory)
            {
                MetricMeter = MetricMeter.WithTags([new("namespace", @namespace), new("task_queue", taskQueue), new("workflow_type", definition.Name!)]),
                TaskEvents = TaskEvents,
            },
            machines);
    }

    WorkflowInfo InfoOf(string workflowId, string runId, HistoryEvent started, WorkflowExecutionStartedEventAttributes attributes, WorkflowMachines machines) => new(
        Attempt: attributes.Attempt,
        ContinuedRunId: NullIfEmpty(attributes.ContinuedExecutionRunId),
        CronSchedule: NullIfEmpty(attributes.CronSchedule),
        ExecutionTimeout: ProtoTime.ToTimeSpan(attributes.WorkflowExecutionTimeout),
        FirstExecutionRunId: attributes.FirstExecutionRunId,
        Headers: attributes.Header?.Fields,
        LastFailure: attributes.ContinuedFailure == null ? null : dataConverter.FailureConverter.ToException(attributes.ContinuedFailure, dataConverter.PayloadConverter),
        LastResult: attributes.LastCompletionResult?.Payloads_.Select(p => (IRawValue)new RawValue(p)).ToArray(),
        Namespace: @namespace,
        Parent: attributes.ParentWorkflowExecution is { } parent
            ? new(NullIfEmpty(attributes.ParentWorkflowNamespace) ?? @namespace, parent.RunId, parent.WorkflowId)
            : null,
        Priority: attributes.Priority == null ? Priority.Default : new Priority(attributes.Priority),
        RetryPolicy: attributes.RetryPolicy == null ? null : RetryPolicy.FromProto(attributes.RetryPolicy),
        Root: attributes.RootWorkflowExecution is { } root ? new(root.RunId, root.WorkflowId) : null,
        RunId: runId,
        RunTimeout: ProtoTime.ToTimeSpan(attributes.WorkflowRunTimeout),
        StartTime: machines.Now,
        TaskQueue: taskQueue,
        TaskTimeout: attributes.WorkflowTaskTimeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(10),
        WorkflowId: workflowId,
        WorkflowStartTime: started.EventTime.ToDateTime(),
        WorkflowType: attributes.WorkflowType.Name);

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>The worker does not have the workflow's code. Another worker of the queue may.</summary>
sealed class WorkflowTypeNotFoundException(string message) : TemporalException(message);
