using System.Collections.Concurrent;
using Google.Protobuf;
using Microsoft.Extensions.Logging;
using Temporalio.Activities;
using Temporalio.Api.TaskQueue.V1;
using Temporalio.Api.WorkflowService.V1;

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
        _poller = new(
            new TaskPollerOptions($"activities on {settings.TaskQueue}", settings.Pollers, settings.Slots) { Time = settings.Time },
            PollAsync,
            HandleAsync,
            loggerFactory.CreateLogger("Temporalio.Worker.ActivityPoller"));
    }

    /// <summary>Cancelled when the worker begins to stop.</summary>
    public CancellationToken WorkerShutdownToken => _stopping.Token;

    public void Start() => _poller.Start();

    /// <summary>Tells running activities, and ends all polls. When this returns no further activity begins.</summary>
    public async Task StopPollingAsync()
    {
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

    async Task<PollActivityTaskQueueResponse?> PollAsync(CancellationToken cancellationToken)
    {
        var task = await _service.PollAsync(
            new()
            {
                Namespace = _settings.Namespace,
                TaskQueue = new() { Name = _settings.TaskQueue, Kind = Api.Enums.V1.TaskQueueKind.Normal },
                Identity = _settings.Identity,
                TaskQueueMetadata = _settings.MaxTaskQueueActivitiesPerSecond is { } rate ? new TaskQueueMetadata { MaxTasksPerSecond = rate } : null,
                DeploymentOptions = _settings.DeploymentOptions,
                WorkerInstanceKey = _settings.WorkerInstanceKey,
            },
            cancellationToken).ConfigureAwait(false);
        return task.TaskToken.IsEmpty ? null : task;
    }

    async Task HandleAsync(PollActivityTaskQueueResponse task)
    {
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
