using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;

namespace Temporalio.Worker;

/// <summary>
/// Takes workflow and activity tasks of one task queue. Runs once, by <see cref="ExecuteAsync(CancellationToken)"/>;
/// ends without losing a task that it can still finish within <see cref="TemporalWorkerOptions.GracefulShutdownTimeout"/>.
/// </summary>
public class TemporalWorker : IDisposable
{
    readonly CancellationTokenSource _shutdown = new();
    readonly WorkflowWorker? _workflowWorker;
    readonly ActivityWorker? _activityWorker;
    readonly ITemporalConnection _connection;
    readonly ILogger _logger;
    readonly NamespaceLimits _limits;
    int _executed;

    /// <exception cref="ArgumentException">There is no task queue, or nothing to run, or a name is there twice.</exception>
    public TemporalWorker(IWorkerClient client, TemporalWorkerOptions options)
    {
        Client = client;
        _connection = client.Connection;
        Options = (TemporalWorkerOptions)options.Clone();
        if (string.IsNullOrEmpty(Options.TaskQueue)) throw new ArgumentException("TaskQueue must be set", nameof(options));
        if (Options.Activities.Count == 0 && Options.Workflows.Count == 0)
            throw new ArgumentException("Must have at least one workflow and/or activity", nameof(options));
        if (Options.Workflows.GroupBy(w => w.Name).FirstOrDefault(g => g.Count() > 1) is { } twice)
            throw new ArgumentException($"Duplicate workflow named {twice.Key}", nameof(options));
        if (Options.Workflows.FirstOrDefault(w => !w.Instantiable) is { } unusable)
            throw new ArgumentException($"Workflow {unusable.Type} cannot be instantiated; register the class, not its interface", nameof(options));

        var loggers = Options.LoggerFactory ?? client.Options.LoggerFactory ?? NullLoggerFactory.Instance;
        _logger = loggers.CreateLogger<TemporalWorker>();
        _limits = new(_logger);
        var registry = new ActivityRegistry(Options.Activities);
        var executor = new ActivityExecutor(registry, new()
        {
            LoggerFactory = loggers,
            Interceptors = [.. Options.Interceptors ?? []],
            TaskFactory = Options.ActivityTaskFactory,
            Client = client as ITemporalClient,
        });
        if (Options.Workflows.Count > 0 && !Options.DisableWorkflowTracingEventListener) WorkflowTracingEventListener.EnsureListening();
        if (Options.Workflows.Count > 0) _workflowWorker = CreateWorkflowWorker(registry, executor, loggers);
        if (Options.Activities.Count > 0 && !Options.LocalActivityWorkerOnly) _activityWorker = CreateActivityWorker(executor, loggers);
    }

    public TemporalWorkerOptions Options { get; }

    /// <summary>Whose connection is used.</summary>
    public IWorkerClient Client { get; }

    /// <summary>Runs until the token is cancelled, then finishes what it has taken. Throws the token's cancellation.</summary>
    /// <exception cref="InvalidOperationException">The worker has run before, or cannot connect.</exception>
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
        await _connection.ConnectAsync().ConfigureAwait(false);
        if (!Options.DisablePayloadErrorLimit)
            await _limits.LearnAsync(_connection.WorkflowService, Client.Options.Namespace).ConfigureAwait(false);
        _workflowWorker?.Start();
        _activityWorker?.Start();
        using var eager = (_connection as TemporalConnection)?.EagerStarts is { } starts ? _workflowWorker?.TakeEagerStarts(starts) : null;
        try
        {
            return await untilComplete().WaitAsync(stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            await ShutDownAsync().ConfigureAwait(false);
        }
    }

    public void Dispose()
    {
        _shutdown.Dispose();
        GC.SuppressFinalize(this);
    }

    // Polls end first, so that nothing new comes; then what runs may finish, and is cancelled when its time is up.
    async Task ShutDownAsync()
    {
        await _shutdown.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(
            _workflowWorker?.StopPollingAsync() ?? Task.CompletedTask,
            _activityWorker?.StopPollingAsync() ?? Task.CompletedTask).ConfigureAwait(false);
        await Task.WhenAll(
            _workflowWorker?.DrainAsync() ?? Task.CompletedTask,
            _activityWorker?.DrainAsync() ?? Task.CompletedTask).ConfigureAwait(false);
    }

    WorkflowWorker CreateWorkflowWorker(ActivityRegistry registry, ActivityExecutor executor, ILoggerFactory loggers)
    {
        var settings = new WorkflowWorkerSettings
        {
            Namespace = Client.Options.Namespace,
            TaskQueue = Options.TaskQueue!,
            StickyQueue = $"{Environment.MachineName}-{Guid.NewGuid():N}",
            Identity = Options.Identity ?? _connection.Options.Identity ?? "",
            BuildId = Options.BuildId ?? SdkVersion.DefaultBuildId,
            DataConverter = Client.Options.DataConverter,
            MaxCachedWorkflows = Options.MaxCachedWorkflows,
            MaxConcurrentTasks = Options.MaxConcurrentWorkflowTasks ?? 100,
            Pollers = Options.MaxConcurrentWorkflowTaskPolls,
            NonStickyToStickyPollRatio = Options.NonStickyToStickyPollRatio,
            StickyScheduleToStartTimeout = Options.StickyQueueScheduleToStartTimeout,
            DebugMode = Options.DebugMode,
            Limits = _limits,
        };
        var localActivities = new LocalActivityRunner(
            executor, settings.DataConverter, Options.MaxConcurrentLocalActivities ?? 100, settings.Time, _shutdown.Token);
        var factory = new WorkflowRunFactory(
            settings.Namespace, settings.TaskQueue, [.. Options.Workflows], settings.DataConverter,
            Options.WorkflowFailureExceptionTypes ?? [], registry.Has, loggers);
        return new WorkflowWorker(_connection.WorkflowService, settings, factory, localActivities, _logger);
    }

    ActivityWorker CreateActivityWorker(ActivityExecutor executor, ILoggerFactory loggers) => new(
        new()
        {
            Namespace = Client.Options.Namespace,
            TaskQueue = Options.TaskQueue!,
            Identity = Options.Identity ?? _connection.Options.Identity ?? "",
            DataConverter = Client.Options.DataConverter,
            Pollers = Options.MaxConcurrentActivityTaskPolls,
            Slots = Options.MaxConcurrentActivities ?? 100,
            GracefulShutdownTimeout = Options.GracefulShutdownTimeout,
            MaxHeartbeatThrottleInterval = Options.MaxHeartbeatThrottleInterval,
            DefaultHeartbeatThrottleInterval = Options.DefaultHeartbeatThrottleInterval,
            MaxTaskQueueActivitiesPerSecond = Options.MaxTaskQueueActivitiesPerSecond,
            Limits = _limits,
        },
        new ActivityTaskService(_connection.WorkflowService),
        executor,
        loggers);
}
