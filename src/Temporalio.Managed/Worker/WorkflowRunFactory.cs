using Microsoft.Extensions.Logging;
using Temporalio.Api.History.V1;
using Temporalio.Common;
using Temporalio.Converters;
using Temporalio.Exceptions;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Replay;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>Makes a run's code from the event that started it. Shared by worker and replayer.</summary>
sealed class WorkflowRunFactory
{
    readonly WorkflowRunSettings _settings;
    readonly Dictionary<string, WorkflowDefinition> _definitions = [];
    readonly WorkflowDefinition? _dynamic;
    readonly Lazy<MetricMeter> _meter;

    /// <exception cref="ArgumentException">A name comes twice, or there are two dynamic workflows.</exception>
    public WorkflowRunFactory(WorkflowRunSettings settings)
    {
        _settings = settings;
        _meter = new(() => settings.MetricMeter.Value.WithTags([new("namespace", settings.Namespace), new("task_queue", settings.TaskQueue)]));
        foreach (var workflow in settings.Workflows)
        {
            if (workflow.Name == null)
                _dynamic = _dynamic == null ? workflow : throw new ArgumentException("Multiple dynamic workflows provided");
            else if (!_definitions.TryAdd(workflow.Name, workflow))
                throw new ArgumentException($"Duplicate workflow named {workflow.Name}");
        }
        if (settings.Watched) WorkflowTracingEventListener.EnsureListening();
    }

    public WorkflowRun Create(string workflowId, string runId)
    {
        var run = new WorkflowRun(workflowId, runId, (started, machines) => CreateInstance(workflowId, runId, started, machines));
        run.Machines.OwnDeploymentVersion = _settings.DeploymentVersion;
        return run;
    }

    WorkflowInstance CreateInstance(string workflowId, string runId, HistoryEvent started, WorkflowMachines machines)
    {
        var attributes = started.WorkflowExecutionStartedEventAttributes
            ?? throw new InvalidWorkflowOperationException($"The history of run {runId} begins with {started.EventType}.");
        var type = attributes.WorkflowType.Name;
        var definition = _definitions.GetValueOrDefault(type) ?? _dynamic
            ?? throw new WorkflowTypeNotFoundException(
                $"Workflow type {type} is not registered on this worker, available workflows: {string.Join(", ", _definitions.Keys.Order(StringComparer.Ordinal))}");
        return new WorkflowInstance(
            new WorkflowInstanceDetails(
                definition,
                InfoOf(workflowId, runId, started, attributes, machines),
                NullIfEmpty(attributes.OriginalExecutionRunId) ?? runId,
                attributes.Input?.Payloads_ ?? [],
                attributes.Memo,
                attributes.SearchAttributes,
                _settings.DataConverter.PayloadConverter,
                _settings.DataConverter.FailureConverter,
                _settings.FailureExceptionTypes,
                _settings.IsLocalActivity,
                _settings.LoggerFactory,
                _settings.Interceptors,
                _meter.Value.WithTags([new("workflow_type", type)]),
                _settings.StackTraces,
                _settings.Watched,
                _settings.TaskEvents,
                _settings.ActivatesPatch),
            machines);
    }

    WorkflowInfo InfoOf(string workflowId, string runId, HistoryEvent started, WorkflowExecutionStartedEventAttributes attributes, WorkflowMachines machines) => new(
        Attempt: attributes.Attempt,
        ContinuedRunId: NullIfEmpty(attributes.ContinuedExecutionRunId),
        CronSchedule: NullIfEmpty(attributes.CronSchedule),
        ExecutionTimeout: ProtoTime.ToTimeSpan(attributes.WorkflowExecutionTimeout),
        FirstExecutionRunId: attributes.FirstExecutionRunId,
        Headers: attributes.Header?.Fields,
        LastFailure: attributes.ContinuedFailure == null ? null : _settings.DataConverter.FailureConverter.ToException(attributes.ContinuedFailure, _settings.DataConverter.PayloadConverter),
        LastResult: attributes.LastCompletionResult?.Payloads_.Select(p => (IRawValue)new RawValue(p)).ToArray(),
        Namespace: _settings.Namespace,
        Parent: attributes.ParentWorkflowExecution is { } parent
            ? new(NullIfEmpty(attributes.ParentWorkflowNamespace) ?? _settings.Namespace, parent.RunId, parent.WorkflowId)
            : null,
        Priority: attributes.Priority == null ? Priority.Default : new Priority(attributes.Priority),
        RetryPolicy: attributes.RetryPolicy == null ? null : RetryPolicy.FromProto(attributes.RetryPolicy),
        Root: attributes.RootWorkflowExecution is { } root ? new(root.RunId, root.WorkflowId) : null,
        RunId: runId,
        RunTimeout: ProtoTime.ToTimeSpan(attributes.WorkflowRunTimeout),
        StartTime: machines.Now,
        TaskQueue: _settings.TaskQueue,
        TaskTimeout: attributes.WorkflowTaskTimeout?.ToTimeSpan() ?? TimeSpan.FromSeconds(10),
        WorkflowId: workflowId,
        WorkflowStartTime: started.EventTime.ToDateTime(),
        WorkflowType: attributes.WorkflowType.Name);

    static string? NullIfEmpty(string? text) => string.IsNullOrEmpty(text) ? null : text;
}

/// <summary>What the runs of one worker, or replayer, have in common.</summary>
sealed record WorkflowRunSettings
{
    public required string Namespace { get; init; }

    public required string TaskQueue { get; init; }

    public required IReadOnlyCollection<WorkflowDefinition> Workflows { get; init; }

    public required DataConverter DataConverter { get; init; }

    public required ILoggerFactory LoggerFactory { get; init; }

    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; init; } = [];

    public IReadOnlyCollection<Type> FailureExceptionTypes { get; init; } = [];

    /// <summary>Whether an activity of that name can run in this worker.</summary>
    public Func<string, bool> IsLocalActivity { get; init; } = _ => true;

    public WorkflowTaskListeners? TaskEvents { get; init; }

    /// <inheritdoc cref="TemporalWorkerOptions.PatchActivationCallback"/>
    public Func<PatchActivationInput, bool>? ActivatesPatch { get; init; }

    public Lazy<MetricMeter> MetricMeter { get; init; } = new(() => MetricMeterNoop.Instance);

    public WorkflowStackTrace StackTraces { get; init; }

    /// <summary>Whether tasks that workflow code hands to other schedulers are looked for.</summary>
    public bool Watched { get; init; } = true;

    /// <summary>Of this worker; null: not known.</summary>
    public WorkerDeploymentVersion? DeploymentVersion { get; init; }
}

/// <summary>The worker does not have the workflow's code. Another worker of the queue may.</summary>
sealed class WorkflowTypeNotFoundException(string message) : TemporalException(message);
