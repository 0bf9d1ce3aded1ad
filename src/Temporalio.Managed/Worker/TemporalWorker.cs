using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Enums.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Worker;

/// <summary>
/// Takes workflow and activity tasks of one task queue. Runs once, by <see cref="ExecuteAsync(CancellationToken)"/>;
/// ends without losing a task that it can still finish within <see cref="TemporalWorkerOptions.GracefulShutdownTimeout"/>.
/// </summary>
public class TemporalWorker : IDisposable
{
    static readonly TimeSpan FarewellTimeout = TimeSpan.FromSeconds(5);

    readonly CancellationTokenSource _shutdown = new();
    readonly WorkerPlan _plan;
    readonly WorkflowWorker? _workflowWorker;
    readonly ActivityWorker? _activityWorker;
    readonly ILogger _logger;
    readonly NamespaceLimits _limits;
    volatile IWorkerClient _client;
    int _executed;

    /// <exception cref="ArgumentException">The options miss something, or contradict each other; the message says what.</exception>
    public TemporalWorker(IWorkerClient client, TemporalWorkerOptions options)
    {
        _client = client;
        Options = (TemporalWorkerOptions)options.Clone();
        _plan = new(client, Options);

        var loggers = Options.LoggerFactory ?? client.Options.LoggerFactory ?? NullLoggerFactory.Instance;
        _logger = loggers.CreateLogger<TemporalWorker>();
        _limits = new(_logger);
        var registry = new ActivityRegistry(Options.Activities);
        var executor = new ActivityExecutor(registry, new()
        {
            LoggerFactory = loggers,
            Interceptors = _plan.Interceptors,
            TaskFactory = Options.ActivityTaskFactory,
            MetricMeter = new(() => _plan.Metrics.UserMeter),
            Client = () => _client as ITemporalClient,
        });
        if (Options.Activities.Count > 0 && !Options.LocalActivityWorkerOnly)
            _activityWorker = new(_plan.ForActivities() with { Limits = _limits }, new ActivityTaskService(Service), executor, loggers);
        if (Options.Workflows.Count > 0)
            _workflowWorker = new(
                Service, _plan.ForWorkflows() with { Limits = _limits }, _plan.RunFactory(registry, loggers), _plan.LocalActivities(executor, _logger, _shutdown.Token),
                _activityWorker != null && _plan.RunsEagerly ? new(_activityWorker, Options.MaxEagerActivityReservationsPerWorkflowTask) : null, _logger);
    }

    public TemporalWorkerOptions Options { get; }

    /// <summary>Whose connection is used. May be replaced while the worker runs; polls that are open end on the old one.</summary>
    /// <exception cref="InvalidOperationException">The new one is a lazy client that has not connected.</exception>
    public IWorkerClient Client
    {
        get => _client;
        set => _client = value.WorkerConnection.IsConnected ? value : throw new InvalidOperationException("Cannot use unconnected lazy client for worker");
    }

    /// <summary>Runs until the token is cancelled, then finishes what it has taken. Throws the token's cancellation.</summary>
    /// <exception cref="InvalidOperationException">
    /// The worker has run before, or cannot connect, or the namespace is not there, or the server refused all polls for more
    /// than a minute for a reason that does not pass by itself.
    /// </exception>
    public Task ExecuteAsync(CancellationToken stoppingToken) =>
        ExecuteAsync(() => Task.Delay(Timeout.Infinite, stoppingToken), stoppingToken);

    /// <summary>Runs until the function has ended, or the token is cancelled.</summary>
    public Task ExecuteAsync(Func<Task> untilComplete, CancellationToken stoppingToken = default) =>
        ExecuteAsync(
            async () =>
            {
                await untilComplete().ConfigureAwait(false);
                return ValueTuple.Create();
            },
            stoppingToken);

    /// <inheritdoc cref="ExecuteAsync(Func{Task}, CancellationToken)" />
    public async Task<TResult> ExecuteAsync<TResult>(Func<Task<TResult>> untilComplete, CancellationToken stoppingToken = default)
    {
        if (Interlocked.Exchange(ref _executed, 1) != 0) throw new InvalidOperationException("Already started");
        await Client.WorkerConnection.ConnectAsync().ConfigureAwait(false);
        await ValidateAsync().ConfigureAwait(false);
        _plan.Metrics.WorkerStart.Add(1);
        _workflowWorker?.Start();
        _activityWorker?.Start();
        using var eager = (Client.WorkerConnection as TemporalConnection)?.EagerStarts is { } starts ? _workflowWorker?.TakeEagerStarts(starts) : null;
        try
        {
            var complete = untilComplete().WaitAsync(stoppingToken);
            var first = await Task.WhenAny([complete, .. Failures()]).ConfigureAwait(false);
            if (first != complete) await first.ConfigureAwait(false);
            return await complete.ConfigureAwait(false);
        }
        finally
        {
            await ShutDownAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        if (disposing) _shutdown.Dispose();
    }

    WorkflowService Service() => _client.WorkerConnection.WorkflowService;

    IEnumerable<Task> Failures()
    {
        if (_workflowWorker != null) yield return _workflowWorker.Failed;
        if (_activityWorker != null) yield return _activityWorker.Failed;
    }

    async Task ValidateAsync()
    {
        try
        {
            var answer = await Service().DescribeNamespaceAsync(new() { Namespace = _plan.Namespace }, new() { Retry = true }).ConfigureAwait(false);
            if (!Options.DisablePayloadErrorLimit) _limits.Learn(answer);
        }
        // A server that is older than the call, or only part of one.
        catch (RpcException e) when (e.Code == RpcException.StatusCode.Unimplemented)
        {
        }
        catch (RpcException e)
        {
            throw new InvalidOperationException($"Worker validation failed: {e.Message}", e);
        }
    }

    // Polls end first, so that nothing new comes; then what runs may finish, and is cancelled when its time is up.
    async Task ShutDownAsync()
    {
        await _shutdown.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(
            _workflowWorker?.StopPollingAsync() ?? Task.CompletedTask,
            _activityWorker?.StopPollingAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        await SayFarewellAsync().ConfigureAwait(false);
        await Task.WhenAll(
            _workflowWorker?.DrainAsync() ?? Task.CompletedTask,
            _activityWorker?.DrainAsync() ?? Task.CompletedTask).ConfigureAwait(false);
    }

    // So the tasks of the runs this worker remembered may go to any worker at once.
    async Task SayFarewellAsync()
    {
        try
        {
            var types = new List<TaskQueueType>();
            if (_workflowWorker != null) types.Add(TaskQueueType.Workflow);
            if (_activityWorker != null) types.Add(TaskQueueType.Activity);
            await Service().ShutdownWorkerAsync(
                new()
                {
                    Namespace = _plan.Namespace,
                    Identity = _plan.Identity,
                    StickyTaskQueue = _workflowWorker != null && Options.MaxCachedWorkflows > 0 ? _plan.StickyQueue : "",
                    Reason = "graceful shutdown",
                    WorkerInstanceKey = _plan.InstanceKey,
                    TaskQueue = Options.TaskQueue,
                    TaskQueueTypes = { types },
                },
                new() { Timeout = FarewellTimeout }).ConfigureAwait(false);
        }
        catch (RpcException e)
        {
            // Only a courtesy: without it those tasks wait for the sticky timeout.
            WorkflowWorkerLog.FarewellRefused(_logger, e.Message);
        }
    }
}
