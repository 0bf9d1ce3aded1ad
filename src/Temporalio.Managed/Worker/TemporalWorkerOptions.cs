using System.Diagnostics;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Worker.Replay;
using Temporalio.Worker.Tuning;
using Temporalio.Workflows;

namespace Temporalio.Worker;

/// <summary>What a worker runs and how much of it at once.</summary>
public class TemporalWorkerOptions : ICloneable
{
    List<ActivityDefinition> _activities = [];
    List<WorkflowDefinition> _workflows = [];

    public TemporalWorkerOptions()
    {
    }

    public TemporalWorkerOptions(string taskQueue) => TaskQueue = taskQueue;

    /// <summary>
    /// Before workflow code goes on, replays included; several times a task when it has local activities. Handlers are to be
    /// added before the worker is made. What one throws fails the task.
    /// </summary>
    public event EventHandler<WorkflowTaskStartingEventArgs>? WorkflowTaskStarting;

    /// <summary>After workflow code has gone as far as it can, before the server hears of it. Does not come after a deadlock.</summary>
    public event EventHandler<WorkflowTaskCompletedEventArgs>? WorkflowTaskCompleted;

    /// <summary>Required. A misspelt name is a queue of its own that nobody fills.</summary>
    public string? TaskQueue { get; set; }

    public IList<ActivityDefinition> Activities => _activities;

    public IList<WorkflowDefinition> Workflows => _workflows;

    /// <summary>Runs synchronous activities. Default: the thread pool.</summary>
    public TaskFactory ActivityTaskFactory { get; set; } = Task.Factory;

    /// <summary>Inside of the client's interceptors that are worker interceptors too; those need not stand here.</summary>
    public IReadOnlyCollection<Interceptors.IWorkerInterceptor>? Interceptors { get; set; }

    /// <summary>Names the code that runs, for the server. Default: the module version of the entry assembly. Excludes <see cref="DeploymentOptions"/>.</summary>
    [Obsolete("Use DeploymentOptions instead")]
    public string? BuildId { get; set; }

    /// <summary>The older kind of versioning: take only tasks that fit <see cref="BuildId"/>, which must be set.</summary>
    [Obsolete("Use DeploymentOptions instead")]
    public bool UseWorkerVersioning { get; set; }

    /// <summary>Which version of which deployment this worker is. Null: none.</summary>
    public WorkerDeploymentOptions? DeploymentOptions { get; set; }

    /// <summary>Names this worker in histories and UIs. Null: the client's.</summary>
    public string? Identity { get; set; }

    /// <summary>Null: 100.</summary>
    public int? MaxConcurrentActivities { get; set; }

    /// <summary>Null: 100.</summary>
    public int? MaxConcurrentWorkflowTasks { get; set; }

    /// <summary>Null: 100.</summary>
    public int? MaxConcurrentLocalActivities { get; set; }

    public TimeSpan MaxHeartbeatThrottleInterval { get; set; } = TimeSpan.FromSeconds(60);

    public TimeSpan DefaultHeartbeatThrottleInterval { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>For this worker alone: it does not poll for more. Turns eager activities off. Null: unlimited.</summary>
    public double? MaxActivitiesPerSecond { get; set; }

    /// <summary>For all workers of the queue together; kept by the server, eager activities excepted. Null: unlimited.</summary>
    public double? MaxTaskQueueActivitiesPerSecond { get; set; }

    /// <summary>How long running activities may go on after shutdown begins, before they are cancelled. Default: zero.</summary>
    public TimeSpan GracefulShutdownTimeout { get; set; } = TimeSpan.Zero;

    /// <summary>Zero replays every workflow from its first event on every task.</summary>
    public int MaxCachedWorkflows { get; set; } = 10000;

    /// <summary>Take workflow tasks only; activities run as local ones.</summary>
    public bool LocalActivityWorkerOnly { get; set; }

    /// <summary>How long a task waits for the worker that remembers its workflow before any other may take it.</summary>
    public TimeSpan StickyQueueScheduleToStartTimeout { get; set; } = TimeSpan.FromSeconds(10);

    public int MaxConcurrentWorkflowTaskPolls { get; set; } = 5;

    /// <summary>Share of the workflow pollers that ask for workflows this worker does not remember.</summary>
    public float NonStickyToStickyPollRatio { get; set; } = 0.2F;

    public int MaxConcurrentActivityTaskPolls { get; set; } = 5;

    /// <summary>In place of <see cref="MaxConcurrentWorkflowTaskPolls"/>.</summary>
    public PollerBehavior? WorkflowTaskPollerBehavior { get; set; }

    /// <summary>In place of <see cref="MaxConcurrentActivityTaskPolls"/>.</summary>
    public PollerBehavior? ActivityTaskPollerBehavior { get; set; }

    /// <summary>In place of the three numbers of concurrent workflow tasks, activities and local activities, none of which may be set then.</summary>
    public WorkerTuner? Tuner { get; set; }

    /// <summary>
    /// Do not take activities with the server's answer to the workflow task that scheduled them, which saves them the way
    /// through the task queue. It is such activities that <see cref="MaxTaskQueueActivitiesPerSecond"/> does not count.
    /// </summary>
    public bool DisableEagerActivityExecution { get; set; }

    /// <summary>How many activities may come with one answer; positive.</summary>
    public int MaxEagerActivityReservationsPerWorkflowTask { get; set; } = 3;

    /// <summary>Exceptions, beside Temporal's own failures, that fail a workflow instead of its current task.</summary>
    public IReadOnlyCollection<Type>? WorkflowFailureExceptionTypes { get; set; }

    /// <summary>
    /// Asked when a run reaches <see cref="Workflow.Patched"/> of a patch for the first time, and not on replay: false leaves the
    /// run on the old branch for good, and nothing stands in its history. Null: a new patch is always taken. It may use neither
    /// the workflow's randomness nor anything that waits or asks for something, which fails the workflow task. So code with a patch
    /// can reach all workers before any of them uses it.
    /// </summary>
    public Func<PatchActivationInput, bool>? PatchActivationCallback { get; set; }

    /// <summary>No deadlock detection: a debugger may stop in workflow code. Default: whether TEMPORAL_DEBUG is <c>1</c> or <c>true</c>, or a debugger is attached.</summary>
    public bool DebugMode { get; set; } = Debugger.IsAttached
        || Environment.GetEnvironmentVariable("TEMPORAL_DEBUG") is { } value && (value == "1" || value.Equals("true", StringComparison.OrdinalIgnoreCase));

    /// <summary>
    /// Do not listen to the runtime's task events, which costs every task of the process a little: a <c>Task.Run</c> in
    /// workflow code is then noticed only when it comes back.
    /// </summary>
    public bool DisableWorkflowTracingEventListener { get; set; }

    /// <summary>Whether the stack trace of a workflow can be asked for by query. None by default: taking them costs every wait of every workflow.</summary>
    public WorkflowStackTrace WorkflowStackTrace { get; set; } = WorkflowStackTrace.None;

    /// <summary>
    /// Send replies of any size: a proxy on the way may make them smaller. Default: a task whose reply holds more than the
    /// namespace takes is failed, to be tried again.
    /// </summary>
    public bool DisablePayloadErrorLimit { get; set; }

    /// <summary>Null: the client's.</summary>
    public ILoggerFactory? LoggerFactory { get; set; }

    public TemporalWorkerOptions AddActivity(Delegate del) => AddActivity(ActivityDefinition.Create(del));

    public TemporalWorkerOptions AddActivity(ActivityDefinition definition)
    {
        _activities.Add(definition);
        return this;
    }

    public TemporalWorkerOptions AddAllActivities<T>(T? instance) => AddAllActivities(typeof(T), instance);

    public TemporalWorkerOptions AddAllActivities(Type type, object? instance)
    {
        _activities.AddRange(ActivityDefinition.CreateAll(type, instance));
        return this;
    }

    public TemporalWorkerOptions AddWorkflow<T>() => AddWorkflow(typeof(T));

    public TemporalWorkerOptions AddWorkflow(Type type) => AddWorkflow(WorkflowDefinition.Create(type));

    public TemporalWorkerOptions AddWorkflow(WorkflowDefinition definition)
    {
        _workflows.Add(definition);
        return this;
    }

    public virtual object Clone()
    {
        var copy = (TemporalWorkerOptions)MemberwiseClone();
        copy._activities = [.. _activities];
        copy._workflows = [.. _workflows];
        copy.DeploymentOptions = (WorkerDeploymentOptions?)DeploymentOptions?.Clone();
        return copy;
    }

    internal WorkflowTaskListeners? TaskEvents() => WorkflowTaskListeners.Of(WorkflowTaskStarting, WorkflowTaskCompleted);
}
