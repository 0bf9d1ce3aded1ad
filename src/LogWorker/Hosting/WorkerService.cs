using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Connects, takes batches until it is stopped, then finishes those that it took. Nothing that Temporal does ends the
/// program: it connects again, and logs that once.
/// </summary>
sealed class WorkerService(LogWorkerOptions options, TemporalClientConnectOptions connection,
    TemporalLink link, LogProcessingActivity activity, DeliveryWorkers deliveries,
    ServiceStatus systemd, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<WorkerService> logger)
    : BackgroundService
{
    // All are set here, so that no later version of the package scales them by itself.
    const int WorkflowTaskPollers = 10;
    const int WorkflowTaskSlots = 100;
    const int ActivityPollers = 5;

    /// <summary>Batches that wait keep their records in memory for as long as their workflows are cached.</summary>
    const int CachedWorkflows = 1_000;

    static readonly TimeSpan ConnectTimeout = TimeSpan.FromSeconds(15);
    static readonly TimeSpan CountTimeout = TimeSpan.FromSeconds(5);
    internal static readonly Backoff ConnectBackoff =
        new(TimeSpan.FromMilliseconds(500), TimeSpan.FromSeconds(10), Jitter: 0.25);

    /// <summary>
    /// With <c>--once</c>: how long Temporal may be away. What only people can change is not waited for.
    /// </summary>
    static readonly TimeSpan OnceTimeout = TimeSpan.FromSeconds(30);

    /// <summary>
    /// Adds the service and what it runs: the activities of batches and deliveries, and systemd's notifications.
    /// </summary>
    public static void AddTo(IServiceCollection services, LogWorkerOptions options)
    {
        services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        services.AddSingleton<ServiceStatus>();
        services.AddSingleton<LogProcessingActivity>();
        DeliveryWorkers.AddTo(services, options);
        services.AddSingleton<WorkerService>();
        services.AddHostedService(provider => provider.GetRequiredService<WorkerService>());
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        WorkerLog.Starts(logger, options.Identity, ProductVersion.Version, ProductVersion.Commit, ProductVersion.Sdk,
            options.TaskQueue, options.Namespace, options.Address, Path.GetFullPath(options.Directory));
        // Ready without Temporal: a service manager that waited for it would kill what only has to be patient.
        systemd.Ready($"Connecting to Temporal at {options.Address}");
        using var stopping = stoppingToken.Register(() =>
        {
            systemd.Stopping();
            WorkerLog.Stopping(logger);
        });
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                var client = await ConnectAsync(stoppingToken).ConfigureAwait(false);
                systemd.Status($"Taking batches from {options.TaskQueue} at {options.Address}");
                using var worker = new TemporalWorker(client, WorkerOptions());
                if (options.Once) _ = EndWhenEmptyAsync(client, stoppingToken);
                await deliveries.RunBesideAsync(token => worker.ExecuteAsync(token), client, stoppingToken)
                    .ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                // The edge of the loop: whatever ended the worker, batches still wait, and only a new one will take
                // them.
                WorkerLog.Ended(logger, e, e.Message);
                await Task.Delay(TimeSpan.FromSeconds(1), CancellationToken.None).ConfigureAwait(false);
            }
        }
    }

    /// <summary>
    /// Batches that waited when <c>--once</c> gave up, at least 1, also when it was stopped before it knew; 0: none
    /// did.
    /// </summary>
    public long Remaining { get; private set; } = options.Once ? 1 : 0;

    // What those need that cannot be read here.
    string? _remedy;

    // Whether it was found out what is left.
    bool _hasLooked;

    /// <summary>Tells what <c>--once</c> has left and why, if it is known.</summary>
    public void ReportRemaining()
    {
        if (Remaining == 0) return;
        if (!_hasLooked) WorkerLog.OnceUnknown(logger);
        else if (_remedy is not null) WorkerLog.OnceLeaves(logger, Remaining, _remedy);
    }

    async Task EndWhenEmptyAsync(ITemporalClient client, CancellationToken stoppingToken)
    {
        try
        {
            var unreadable = new UnreadableBacklog(client,
                options.CreateCodec(), options.TaskQueue);
            var watch = new BacklogWatch(CountAsync, options.TaskQueue, unreadable.IsAllAsync, time);
            Remaining = await watch.UntilEmptyAsync(stoppingToken).ConfigureAwait(false);
            _remedy = unreadable.Remedy;
            _hasLooked = true;
            WorkerLog.OnceEnds(logger, Remaining == 0 ? "All that waited is written" : string.Create(CultureInfo.InvariantCulture,
                $"Nothing more can be written now; batches left in Temporal: {Remaining}"));
            lifetime.StopApplication();
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // Stopped before.
        }

        async Task<long> CountAsync(string query, CancellationToken token) =>
            (await client.CountWorkflowsAsync(query,
                new WorkflowCountOptions { Rpc = new RpcOptions { Timeout = CountTimeout, CancellationToken = token } })
                .ConfigureAwait(false)).Count;
    }

    public TemporalWorkerOptions WorkerOptions()
    {
        var worker = new TemporalWorkerOptions(options.TaskQueue)
        {
            Identity = options.Identity,
            GracefulShutdownTimeout = options.ShutdownTimeout,
            Tuner = WorkerTuner.CreateFixedSize(WorkflowTaskSlots, options.ConcurrentBatches, options.ConcurrentBatches,
                nexusTaskSlots: 1),
            WorkflowTaskPollerBehavior = new PollerBehavior.SimpleMaximum(WorkflowTaskPollers),
            ActivityTaskPollerBehavior = new PollerBehavior.SimpleMaximum(ActivityPollers),
            // A batch's workflow is done in its first task, and first tasks come from the normal queue.
            NonStickyToStickyPollRatio = 0.8F,
            MaxCachedWorkflows = CachedWorkflows,
            // The one workflow that runs here is known and tested; every task of the process would pay for watching it.
            DisableWorkflowTracingEventListener = true,
            Interceptors = [new TraceReceiver(WorkerTrace.Source)],
        };
        worker.AddWorkflow<LogProcessingWorkflow>();
        worker.AddActivity(activity.WriteAsync);
        return worker;
    }

    async Task<ITemporalClient> ConnectAsync(CancellationToken cancellationToken)
    {
        var connector = new ClientConnector(() => connection, async given => await TemporalClient.ConnectAsync(given)
            .ConfigureAwait(false), null, TimeProvider.System);
        var reports = new Throttle(time);
        string? reported = null;
        var since = time.GetTimestamp();
        for (var failures = 0; ; failures++)
        {
            var needsPeople = false;
            try
            {
                using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
                limit.CancelAfter(ConnectTimeout);
                var client = await connector.GetAsync(limit.Token).ConfigureAwait(false);
                // A missing namespace is found here, and not by workers that poll in vain.
                await client.Connection.WorkflowService.DescribeNamespaceAsync(
                    new DescribeNamespaceRequest { Namespace = options.Namespace },
                    new RpcOptions { CancellationToken = cancellationToken, Timeout = ConnectTimeout })
                        .ConfigureAwait(false);
                WorkerLog.Connected(logger, options.Address, options.Namespace);
                link.Connected(client);
                return client;
            }
            // The edge of the loop: whatever went wrong, the next attempt may do.
            catch (Exception e) when (!cancellationToken.IsCancellationRequested)
            {
                var problem = e is OperationCanceledException
                    ? ConnectProblem.NoAnswer(options.Address, ConnectTimeout) : ConnectProblem.Of(e, connection);
                needsPeople = problem is { NeedsPeople: true };
                var sentence = problem?.Sentence ?? $"Temporal at {options.Address} cannot be used: {e.Message}";
                link.Failed(sentence);
                if (sentence != reported) reports.Reset();
                if (reports.TryPass())
                {
                    WorkerLog.NotConnected(logger, sentence, options.Once ? "Until it ends" : "Trying again until it works;");
                    systemd.Status(sentence);
                    reported = sentence;
                }
            }
            if (options.Once && (needsPeople || time.GetElapsedTime(since) > OnceTimeout))
            {
                Remaining = 1;
                lifetime.StopApplication();
            }
            await Task.Delay(ConnectBackoff.After(failures, Random.Shared), time, cancellationToken)
                .ConfigureAwait(false);
        }
    }
}
