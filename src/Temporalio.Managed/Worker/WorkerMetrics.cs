using System.Collections.Concurrent;
using Google.Protobuf.WellKnownTypes;
using Temporalio.Common;
using Temporalio.Runtime;

namespace Temporalio.Worker;

/// <summary>The metrics of one worker, by the names that Temporal's SDKs share. Costs nothing when the runtime has no metrics.</summary>
sealed class WorkerMetrics
{
    readonly MetricMeter _meter;
    readonly ConcurrentDictionary<string, WorkflowMetrics> _workflows = new();
    readonly ConcurrentDictionary<string, ActivityMetrics> _activities = new();
    readonly MetricGauge<long> _pollers;
    readonly MetricGauge<long> _slotsAvailable;
    readonly MetricGauge<long> _slotsUsed;

    public WorkerMetrics(TemporalRuntime? runtime, string @namespace, string taskQueue)
    {
        runtime ??= TemporalRuntime.Default;
        Enabled = runtime.HasMetrics;
        UserMeter = runtime.MetricMeter;
        _meter = runtime.SdkMeter.WithTags([new("namespace", @namespace), new("task_queue", taskQueue)]);
        WorkerStart = _meter.CreateCounter<long>("worker_start");
        _pollers = _meter.CreateGauge<long>("num_pollers");
        _slotsAvailable = _meter.CreateGauge<long>("worker_task_slots_available");
        _slotsUsed = _meter.CreateGauge<long>("worker_task_slots_used");
        PollSucceeded = _meter.CreateCounter<long>("workflow_task_queue_poll_succeed");
        PollEmpty = _meter.CreateCounter<long>("workflow_task_queue_poll_empty");
        ActivityPollEmpty = _meter.CreateCounter<long>("activity_poll_no_task");
        CacheHit = _meter.CreateCounter<long>("sticky_cache_hit");
        CacheMiss = _meter.CreateCounter<long>("sticky_cache_miss");
        CacheSize = _meter.CreateGauge<long>("sticky_cache_size");
        CacheForcedEviction = _meter.CreateCounter<long>("sticky_cache_total_forced_eviction");
    }

    public static WorkerMetrics None { get; } = new(null, "", "");

    public bool Enabled { get; }

    /// <summary>For the metrics of workflows and activities themselves.</summary>
    public MetricMeter UserMeter { get; }

    public MetricCounter<long> WorkerStart { get; }

    public MetricCounter<long> PollSucceeded { get; }

    public MetricCounter<long> PollEmpty { get; }

    public MetricCounter<long> ActivityPollEmpty { get; }

    public MetricCounter<long> CacheHit { get; }

    public MetricCounter<long> CacheMiss { get; }

    public MetricGauge<long> CacheSize { get; }

    public MetricCounter<long> CacheForcedEviction { get; }

    public WorkflowMetrics Workflow(string type) => _workflows.GetOrAdd(type, t => new(_meter.WithTags([new("workflow_type", t)])));

    public ActivityMetrics Activity(string type) => _activities.GetOrAdd(type, t => new(_meter.WithTags([new("activity_type", t)])));

    public MetricGauge<long> Pollers(string type) => _pollers.WithTags([new("poller_type", type)]);

    /// <summary>Keeps the gauges of one kind of slots.</summary>
    public void Watch(Tuning.WorkerSlots slots, string workerType)
    {
        if (!Enabled) return;
        var used = _slotsUsed.WithTags([new("worker_type", workerType)]);
        var available = _slotsAvailable.WithTags([new("worker_type", workerType)]);
        slots.UsedChanged = count =>
        {
            used.Set(count);
            if (slots.Size is { } size) available.Set(Math.Max(0, size - count));
        };
        slots.UsedChanged(0);
    }

    public static TimeSpan Between(Timestamp? from, Timestamp? to) => from == null || to == null ? TimeSpan.Zero : NotNegative(to.ToDateTime() - from.ToDateTime());

    public static TimeSpan NotNegative(TimeSpan time) => time > TimeSpan.Zero ? time : TimeSpan.Zero;
}

/// <summary>Of one workflow type.</summary>
sealed class WorkflowMetrics(MetricMeter meter)
{
    readonly MetricCounter<long> _failedTask = meter.CreateCounter<long>("workflow_task_execution_failed");

    public MetricCounter<long> Completed { get; } = meter.CreateCounter<long>("workflow_completed");

    public MetricCounter<long> Canceled { get; } = meter.CreateCounter<long>("workflow_canceled");

    public MetricCounter<long> Failed { get; } = meter.CreateCounter<long>("workflow_failed");

    public MetricCounter<long> ContinuedAsNew { get; } = meter.CreateCounter<long>("workflow_continue_as_new");

    public MetricHistogram<TimeSpan> EndToEnd { get; } = meter.CreateHistogram<TimeSpan>("workflow_endtoend_latency", "duration");

    public MetricHistogram<TimeSpan> TaskScheduleToStart { get; } = meter.CreateHistogram<TimeSpan>("workflow_task_schedule_to_start_latency", "duration");

    public MetricHistogram<TimeSpan> TaskReplay { get; } = meter.CreateHistogram<TimeSpan>("workflow_task_replay_latency", "duration");

    public MetricHistogram<TimeSpan> TaskExecution { get; } = meter.CreateHistogram<TimeSpan>("workflow_task_execution_latency", "duration");

    public void TaskFailed(bool nondeterminism) =>
        _failedTask.Add(1, [new("failure_reason", nondeterminism ? "NonDeterminismError" : "WorkflowError")]);
}

/// <summary>Of one activity type.</summary>
sealed class ActivityMetrics(MetricMeter meter)
{
    readonly MetricCounter<long> _received = meter.CreateCounter<long>("activity_task_received");

    public MetricCounter<long> Failed { get; } = meter.CreateCounter<long>("activity_execution_failed");

    public MetricHistogram<TimeSpan> ScheduleToStart { get; } = meter.CreateHistogram<TimeSpan>("activity_schedule_to_start_latency", "duration");

    public MetricHistogram<TimeSpan> Execution { get; } = meter.CreateHistogram<TimeSpan>("activity_execution_latency", "duration");

    public MetricHistogram<TimeSpan> Succeeded { get; } = meter.CreateHistogram<TimeSpan>("activity_succeed_endtoend_latency", "duration");

    public MetricCounter<long> LocalTotal { get; } = meter.CreateCounter<long>("local_activity_total");

    public MetricCounter<long> LocalCanceled { get; } = meter.CreateCounter<long>("local_activity_execution_cancelled");

    public MetricCounter<long> LocalFailed { get; } = meter.CreateCounter<long>("local_activity_execution_failed");

    public MetricHistogram<TimeSpan> LocalExecution { get; } = meter.CreateHistogram<TimeSpan>("local_activity_execution_latency", "duration");

    public MetricHistogram<TimeSpan> LocalSucceeded { get; } = meter.CreateHistogram<TimeSpan>("local_activity_succeed_endtoend_latency", "duration");

    public void Received(bool eager) => _received.Add(1, [new("eager", eager)]);
}
