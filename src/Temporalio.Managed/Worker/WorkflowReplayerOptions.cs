using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Runtime;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>What a replayer replays with.</summary>
public class WorkflowReplayerOptions : ICloneable
{
    List<WorkflowDefinition> _workflows = [];

    /// <inheritdoc cref="TemporalWorkerOptions.WorkflowTaskStarting"/>
    public event EventHandler<WorkflowTaskStartingEventArgs>? WorkflowTaskStarting;

    /// <inheritdoc cref="TemporalWorkerOptions.WorkflowTaskCompleted"/>
    public event EventHandler<WorkflowTaskCompletedEventArgs>? WorkflowTaskCompleted;

    public IList<WorkflowDefinition> Workflows => _workflows;

    public string Namespace { get; set; } = "ReplayNamespace";

    public string TaskQueue { get; set; } = "ReplayTaskQueue";

    public Converters.DataConverter DataConverter { get; set; } = Converters.DataConverter.Default;

    /// <summary>As for a worker; null: none.</summary>
    public IReadOnlyCollection<Interceptors.IWorkerInterceptor>? Interceptors { get; set; }

    /// <summary>What <see cref="Workflow.CurrentBuildId"/> says where history does not.</summary>
    public string? BuildId { get; set; }

    /// <summary>Kept for source compatibility: a replay tells nobody who it is.</summary>
    public string? Identity { get; set; }

    /// <summary>
    /// Whose meter <see cref="Workflow.MetricMeter"/> is made from. Null: <see cref="TemporalRuntime.Default"/>.
    /// </summary>
    public TemporalRuntime? Runtime { get; set; }

    /// <summary>No deadlock detection, for a debugger. Default: what the environment variable <c>TEMPORAL_DEBUG</c> says.</summary>
    public bool DebugMode { get; set; } = Environment.GetEnvironmentVariable("TEMPORAL_DEBUG") is { } debug && (debug == "1" || debug.Equals("true", StringComparison.OrdinalIgnoreCase));

    /// <summary>Do not look for tasks that workflow code hands to other schedulers.</summary>
    public bool DisableWorkflowTracingEventListener { get; set; }

    public ILoggerFactory LoggerFactory { get; set; } = NullLoggerFactory.Instance;

    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    public WorkflowReplayerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    public WorkflowReplayerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    public WorkflowReplayerOptions AddWorkflow(WorkflowDefinition definition)
    {
        _workflows.Add(definition);
        return this;
    }

    public virtual object Clone()
    {
        var copy = (WorkflowReplayerOptions)MemberwiseClone();
        copy._workflows = [.. _workflows];
        return copy;
    }

    internal WorkflowTaskListeners? TaskEvents() => WorkflowTaskListeners.Of(WorkflowTaskStarting, WorkflowTaskCompleted);
}
