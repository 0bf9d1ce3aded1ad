using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Worker.Tuning;

namespace Temporalio.Worker;

/// <summary>
/// Polls a task queue for activities and runs them. Stops in stages: polls end and activities learn that the worker
/// stops; after the graceful shutdown timeout those still running are cancelled; then they are awaited.
/// </summary>
sealed class ActivityWorker
{
    readonly ActivityWorkerSettings _settings;
    readonly IActivityTaskService _service;
    readonly ActivityExecutor _executor;
    readonly ILogger _logger;
    readonly TaskPoller<PollActivityTaskQueueResponse> _poller;
    readonly WorkerSlots _slots;
    readonly CancellationTokenSource _stopping = new();

    // By task token. Added by handlers, read once by the shutdown, which sets the flag first.
    readonly ConcurrentDictionary<ByteString, ActivityCancellation> _running = new();
    volatile bool _cancelAll;

    public ActivityWorker(ActivityWorkerSettings settings, IActivityTaskService service, ActivityExecutor executor, ILoggerFactory loggerFactory)
    {
        _settings = settings;
        _service = service;
        _executor = executor;
        _logger = loggerFactory.CreateLogger<ActivityWorker>();
        var pollerLogger = loggerFactory.CreateLogger("Temporalio.Worker.ActivityPoller");
        _slots = new(
            settings.Slots,
            new(SlotType.Activity, settings.TaskQueue, settings.Identity, settings.BuildId, IsSticky: false),
            settings.Time,
            pollerLogger);
        settings.Metrics.Watch(_slots, "ActivityWorker");
        var pollers = settings.Metrics.Pollers("activity_task");
        _poller = new(
            new TaskPollerOptions($"activities on {settings.TaskQueue}", settings.Pollers)
            {
                Time = settings.Time,
                Pacer = settings.MaxActivitiesPerSecond is { } rate ? new Pacer(rate, settings.Time) : null,
                PollersChanged = count => pollers.Set(count),
            },
            _slots,
            PollAsync,
            HandleAsync,
            pollerLogger);
    }

    /// <summary>Cancelled when the worker begins to stop.</summary>
    public CancellationToken WorkerShutdownToken => _stopping.Token;

    /// <inheritdoc cref="TaskPoller{TTask}.Failed"/>
    public Task Failed => _poller.Failed;

    public void Start() => _poller.Start();

    /// <summary>A slot for an activity that will not come by a poll; null: there is none now.</summary>
    public WorkerSlot? TryReserve() => _slots.TryReserve();

    /// <summary>Runs an activity that came with the answer to a workflow task.</summary>
    public void RunEager(PollActivityTaskQueueResponse task, WorkerSlot slot) => _poller.Hand(task, slot, eager: true);

    /// <summary>Tells running activities, and ends all polls. When this returns no further activity begins.</summary>
    public async Task StopPollingAsync()
    {
        _slots.Close();
        ActivityLog.Stopping(_logger, _settings.TaskQueue, _running.Count, _settings.GracefulShutdownTimeout);
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _poller.StopPollingAsync().ConfigureAwait(false);
    }

    /// <summary>Gives running activities the graceful shutdown timeout, cancels those left, and waits for their results to be sent.</summary>
    public async Task DrainAsync()
    {
        var drained = _poller.DrainAsync();
        try
        {
            await drained.WaitAsync(_settings.GracefulShutdownTimeout, _settings.Time).ConfigureAwait(false);
            return;
        }
        catch (TimeoutException)
        {
            // Cancelled below.
        }
        _cancelAll = true;
        if (!_running.IsEmpty) ActivityLog.CancellingForShutdown(_logger, _running.Count, _settings.TaskQueue);
        foreach (var cancellation in _running.Values) cancellation.Request(ActivityCancelReason.WorkerShutdown);
        await drained.ConfigureAwait(false);
    }

    async Task<Polled<PollActivityTaskQueueResponse>> PollAsync(CancellationToken cancellationToken)
    {
        var task = await _service.PollAsync(
            new()
            {
                Namespace = _settings.Namespace,
                TaskQueue = new() { Name = _settings.TaskQueue, Kind = Api.Enums.V1.TaskQueueKind.Normal },
                Identity = _settings.Identity,
                TaskQueueMetadata = _settings.MaxTaskQueueActivitiesPerSecond is { } rate ? new TaskQueueMetadata { MaxTasksPerSecond = rate } : null,
                DeploymentOptions = _settings.DeploymentOptions,
                WorkerVersionCapabilities = _settings.VersionCapabilities,
                WorkerInstanceKey = _settings.WorkerInstanceKey,
            },
            cancellationToken).ConfigureAwait(false);
        var delta = task.PollerScalingDecision?.PollRequestDeltaSuggestion;
        if (!task.TaskToken.IsEmpty) return new(task, delta);
        _settings.Metrics.ActivityPollEmpty.Add(1);
        return new(null, delta);
    }

    async Task HandleAsync(PollActivityTaskQueueResponse task, WorkerSlot slot, bool eager)
    {
        slot.MarkUsed(new SlotInfo.ActivitySlotInfo(task.ActivityType?.Name ?? ""));
        var metrics = _settings.Metrics.Enabled ? _settings.Metrics.Activity(task.ActivityType?.Name ?? "") : null;
        metrics?.Received(eager);
        metrics?.ScheduleToStart.Record(WorkerMetrics.Between(task.CurrentAttemptScheduledTime, task.StartedTime));
        var attempt = new RemoteAttempt(task, _settings, _service, _executor, _logger);
        _running[task.TaskToken] = attempt.Cancellation;
        if (_cancelAll) attempt.Cancellation.Request(ActivityCancelReason.WorkerShutdown);
        try
        {
            await attempt.RunAsync(_stopping.Token).ConfigureAwait(false);
        }
        finally
        {
            _running.TryRemove(task.TaskToken, out _);
        }
    }
}
