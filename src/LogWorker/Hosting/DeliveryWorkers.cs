using LogPipeline.Worker.Activities;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.DependencyInjection;
using Temporalio.Client;
using Temporalio.Worker;
using Temporalio.Worker.Tuning;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Polls for deliveries beside the files' worker: on another task queue, with slots of its own, so that neither waits
/// for the other.
/// </summary>
sealed class DeliveryWorkers(LogWorkerOptions options, LogDeliveryActivity activity, ILogger<DeliveryWorkers> logger,
    ILoggerFactory loggers)
{
    const int Pollers = 5;

    /// <summary>A push that is cut off is repeated by the next attempt.</summary>
    static readonly TimeSpan ShutdownTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Adds this and the destinations.</summary>
    public static void AddTo(IServiceCollection services, LogWorkerOptions options)
    {
        if (options.Loki is { } loki)
            services.AddSingleton<ILogDestination<DeliveryReceipt>>(provider => new LokiDestination(loki,
                new LokiClient(loki), options.Files.Channels,
                provider.GetRequiredService<ILogger<LokiDestination>>()));
        services.AddSingleton<LogDeliveryActivity>();
        services.AddSingleton<DeliveryWorkers>();
    }

    /// <summary>The destinations that receipts name; null: there are none.</summary>
    public static IReadOnlyList<DeliveryTarget>? TargetsOf(LogWorkerOptions options) => options.Loki is { } loki
        ? [new DeliveryTarget { Destination = LokiDestination.DestinationName,
            GiveUpAfterSeconds = loki.GiveUpAfter.TotalSeconds }]
        : null;

    /// <summary>Runs both until one ends or all are to stop.</summary>
    public async Task RunBesideAsync(Func<CancellationToken, Task> files, ITemporalClient client,
        CancellationToken stoppingToken)
    {
        if (options.Loki is not { } loki)
        {
            await files(stoppingToken).ConfigureAwait(false);
            return;
        }
        WorkerLog.DeliversToLoki(logger, loki.Url.ToString(), loki.Labels.ToString());
        using var deliveries = new TemporalWorker(client, WorkerOptions(loki));
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        Task[] both = [files(ended.Token), deliveries.ExecuteAsync(ended.Token)];
        await Task.WhenAny(both).ConfigureAwait(false);
        await ended.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(both).ConfigureAwait(false);
    }

    public TemporalWorkerOptions WorkerOptions(LokiOptions loki)
    {
        var worker = new TemporalWorkerOptions(
            PipelineDefaults.DeliveryQueue(options.TaskQueue, LokiDestination.DestinationName))
        {
            Identity = options.Identity,
            GracefulShutdownTimeout = ShutdownTimeout < options.ShutdownTimeout
                ? ShutdownTimeout : options.ShutdownTimeout,
            Tuner = WorkerTuner.CreateFixedSize(workflowTaskSlots: 1, activityTaskSlots: loki.Concurrency,
                localActivitySlots: 1, nexusTaskSlots: 1),
            ActivityTaskPollerBehavior = new PollerBehavior.SimpleMaximum(Pollers),
            LoggerFactory = loggers,
            Interceptors = [new TraceReceiver(WorkerTrace.Source)],
        };
        worker.AddActivity(activity.DeliverAsync);
        return worker;
    }
}
