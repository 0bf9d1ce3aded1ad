using Microsoft.Extensions.Logging;
using Temporalio.Api.Common.V1;
using Temporalio.Api.Enums.V1;
using Temporalio.Worker.Interceptors;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>What a worker's options come to: checked, with defaults filled in, and handed to its parts.</summary>
sealed class WorkerPlan
{
    readonly IWorkerClient _client;
    readonly TemporalWorkerOptions _options;
    readonly WorkerTuner _tuner;
    readonly string _buildId;
    readonly WorkerVersionCapabilities? _capabilities;

    /// <exception cref="ArgumentException">The options miss something, or contradict each other.</exception>
    public WorkerPlan(IWorkerClient client, TemporalWorkerOptions options)
    {
        _client = client;
        _options = options;
        Check(options);
        Identity = options.Identity ?? client.WorkerConnection.Options.Identity ?? "";
        Interceptors = [.. client.Options.Interceptors?.OfType<IWorkerInterceptor>() ?? [], .. options.Interceptors ?? []];
        Metrics = new(client.WorkerConnection.Options.Runtime, Namespace, options.TaskQueue!);
        _tuner = options.Tuner ?? WorkerTuner.CreateFixedSize(
            options.MaxConcurrentWorkflowTasks ?? 100, options.MaxConcurrentActivities ?? 100, options.MaxConcurrentLocalActivities ?? 100);
#pragma warning disable CS0618 // Still there, though not advised.
        _buildId = options.DeploymentOptions?.Version?.BuildId ?? options.BuildId ?? SdkVersion.DefaultBuildId;
        if (options.DeploymentOptions == null) _capabilities = new() { BuildId = _buildId, UseVersioning = options.UseWorkerVersioning };
#pragma warning restore CS0618
    }

    public string Namespace => _client.Options.Namespace;

    public string Identity { get; }

    /// <summary>Names this worker among those of its process.</summary>
    public string InstanceKey { get; } = Guid.NewGuid().ToString();

    public string StickyQueue { get; } = $"{Environment.MachineName}-{Guid.NewGuid():N}";

    public WorkerMetrics Metrics { get; }

    /// <summary>The client's stand around the worker's.</summary>
    public IReadOnlyList<IWorkerInterceptor> Interceptors { get; }

    /// <summary>Eager activities come past the poll that a limit of their rate holds back.</summary>
    public bool RunsEagerly => !_options.DisableEagerActivityExecution && _options.MaxActivitiesPerSecond is not > 0;

    public ActivityWorkerSettings ForActivities() => new()
    {
        Namespace = Namespace,
        TaskQueue = _options.TaskQueue!,
        Identity = Identity,
        BuildId = _buildId,
        DataConverter = _client.Options.DataConverter,
        Pollers = _options.ActivityTaskPollerBehavior ?? new PollerBehavior.SimpleMaximum(_options.MaxConcurrentActivityTaskPolls),
        Slots = _tuner.ActivityTaskSlotSupplier,
        GracefulShutdownTimeout = _options.GracefulShutdownTimeout,
        MaxHeartbeatThrottleInterval = _options.MaxHeartbeatThrottleInterval,
        DefaultHeartbeatThrottleInterval = _options.DefaultHeartbeatThrottleInterval,
        MaxActivitiesPerSecond = _options.MaxActivitiesPerSecond is > 0 and var rate ? rate : null,
        MaxTaskQueueActivitiesPerSecond = _options.MaxTaskQueueActivitiesPerSecond,
        DeploymentOptions = _options.DeploymentOptions?.ToProto(),
        VersionCapabilities = _capabilities,
        WorkerInstanceKey = InstanceKey,
        Metrics = Metrics,
    };

    public WorkflowWorkerSettings ForWorkflows() => new()
    {
        Namespace = Namespace,
        TaskQueue = _options.TaskQueue!,
        StickyQueue = StickyQueue,
        Identity = Identity,
        BuildId = _buildId,
        DataConverter = _client.Options.DataConverter,
        MaxCachedWorkflows = _options.MaxCachedWorkflows,
        Slots = _tuner.WorkflowTaskSlotSupplier,
        Pollers = _options.WorkflowTaskPollerBehavior ?? new PollerBehavior.SimpleMaximum(_options.MaxConcurrentWorkflowTaskPolls),
        NonStickyToStickyPollRatio = _options.NonStickyToStickyPollRatio,
        StickyScheduleToStartTimeout = _options.StickyQueueScheduleToStartTimeout,
        DeploymentOptions = _options.DeploymentOptions?.ToProto(),
        DefaultVersioningBehavior = (VersioningBehavior)(_options.DeploymentOptions?.DefaultVersioningBehavior ?? 0),
        VersionCapabilities = _capabilities,
        WorkerInstanceKey = InstanceKey,
        Metrics = Metrics,
        DebugMode = _options.DebugMode,
    };

    public WorkflowRunFactory RunFactory(ActivityRegistry registry, ILoggerFactory loggers) => new(new()
    {
        Namespace = Namespace,
        TaskQueue = _options.TaskQueue!,
        Workflows = [.. _options.Workflows],
        DataConverter = _client.Options.DataConverter,
        LoggerFactory = loggers,
        Interceptors = Interceptors,
        FailureExceptionTypes = _options.WorkflowFailureExceptionTypes ?? [],
        IsLocalActivity = registry.Has,
        TaskEvents = _options.TaskEvents(),
        ActivatesPatch = _options.PatchActivationCallback,
        MetricMeter = new(() => Metrics.UserMeter),
        StackTraces = _options.WorkflowStackTrace,
        Watched = !_options.DisableWorkflowTracingEventListener,
        DeploymentVersion = _options.DeploymentOptions?.Version ?? new("", _buildId),
    });

    public LocalActivityRunner LocalActivities(ActivityExecutor executor, ILogger logger, CancellationToken shutdown)
    {
        var slots = new WorkerSlots(
            _tuner.LocalActivitySlotSupplier, new(SlotType.LocalActivity, _options.TaskQueue!, Identity, _buildId, IsSticky: false), TimeProvider.System, logger);
        Metrics.Watch(slots, "LocalActivityWorker");
        return new(executor, _client.Options.DataConverter, slots, Metrics, TimeProvider.System, shutdown);
    }

    static void Check(TemporalWorkerOptions options)
    {
        if (string.IsNullOrEmpty(options.TaskQueue)) throw Wrong("TaskQueue must be set");
        if (options.Activities.Count == 0 && options.Workflows.Count == 0) throw Wrong("Must have at least one workflow and/or activity");
        if (options.Workflows.FirstOrDefault(w => !w.Instantiable) is { } unusable)
            throw Wrong($"Workflow {unusable.Type} cannot be instantiated; register the class, not its interface");
        if (options.MaxEagerActivityReservationsPerWorkflowTask <= 0)
            throw Wrong($"MaxEagerActivityReservationsPerWorkflowTask was {options.MaxEagerActivityReservationsPerWorkflowTask}; it must be positive");
        if (options.Tuner != null
            && (options.MaxConcurrentWorkflowTasks ?? options.MaxConcurrentActivities ?? options.MaxConcurrentLocalActivities) != null)
            throw Wrong("Cannot set both Tuner and any of MaxConcurrentWorkflowTasks, MaxConcurrentActivities, or MaxConcurrentLocalActivities");
        CheckVersion(options);
    }

    static void CheckVersion(TemporalWorkerOptions options)
    {
#pragma warning disable CS0618 // Still there, though not advised.
        if (options.DeploymentOptions is not { } deployment)
        {
            if (options.UseWorkerVersioning && options.BuildId == null) throw Wrong("BuildId must be explicitly set when UseWorkerVersioning is true");
            return;
        }
        if (deployment.Version == null) throw Wrong("Worker options DeploymentOptions.Version must be set");
        if (options.UseWorkerVersioning) throw Wrong("DeploymentOptions and UseWorkerVersioning cannot be used together in worker options");
        if (options.BuildId != null) throw Wrong("DeploymentOptions and BuildId cannot be used together in worker options");
#pragma warning restore CS0618
        if (!deployment.UseWorkerVersioning && deployment.DefaultVersioningBehavior != Common.VersioningBehavior.Unspecified)
            throw Wrong("DefaultVersioningBehavior must be Unspecified when UseWorkerVersioning is false");
    }

    static ArgumentException Wrong(string message) => new(message, "options");
}
