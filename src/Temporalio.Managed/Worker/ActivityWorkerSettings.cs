using Temporalio.Api.Common.V1;
using Temporalio.Converters;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>What an activity worker needs of its worker's options; defaults are those of the worker's options.</summary>
sealed record ActivityWorkerSettings
{
    public required string Namespace { get; init; }

    public required string TaskQueue { get; init; }

    public required string Identity { get; init; }

    public DataConverter DataConverter { get; init; } = DataConverter.Default;

    public string BuildId { get; init; } = "";

    public PollerBehavior Pollers { get; init; } = new PollerBehavior.SimpleMaximum(5);

    public SlotSupplier Slots { get; init; } = new FixedSizeSlotSupplier(100);

    /// <summary>Polled for at most so many times a second; null: no limit.</summary>
    public double? MaxActivitiesPerSecond { get; init; }

    /// <summary>How long running activities may go on after the worker began to stop.</summary>
    public TimeSpan GracefulShutdownTimeout { get; init; } = TimeSpan.Zero;

    public TimeSpan MaxHeartbeatThrottleInterval { get; init; } = TimeSpan.FromSeconds(60);

    public TimeSpan DefaultHeartbeatThrottleInterval { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Asked of the server for the whole queue; null: no limit.</summary>
    public double? MaxTaskQueueActivitiesPerSecond { get; init; }

    /// <summary>How much later than the server this worker ends an attempt that ran out of time.</summary>
    public TimeSpan LocalTimeoutBuffer { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The worker's deployment version, when it has one.</summary>
    public Api.Deployment.V1.WorkerDeploymentOptions? DeploymentOptions { get; init; }

    /// <summary>The worker's build, for the older kind of versioning.</summary>
    public WorkerVersionCapabilities? VersionCapabilities { get; init; }

    public WorkerMetrics Metrics { get; init; } = WorkerMetrics.None;

    /// <summary>Names this worker among those of its process.</summary>
    public string WorkerInstanceKey { get; init; } = "";

    public NamespaceLimits Limits { get; init; } = NamespaceLimits.None;

    public TimeProvider Time { get; init; } = TimeProvider.System;
}
