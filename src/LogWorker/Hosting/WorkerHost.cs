using LogPipeline.Worker.Activities;
using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Hosting.Systemd;
using Temporalio.Client;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Puts the worker together and runs it until a signal. Order at the end: the worker takes nothing more, finishes what it
/// took, then the writer drains, syncs and closes.
/// </summary>
static class WorkerHost
{
    /// <summary>Longer than any <see cref="LogWorkerOptions.ShutdownTimeout"/>, shorter than systemd's 90 s.</summary>
    static readonly TimeSpan HostShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <exception cref="DirectoryOwnedException">Another worker has the log directory.</exception>
    /// <exception cref="IOException">The log directory cannot be used.</exception>
    /// <returns>False when <c>--once</c> has left batches.</returns>
    public static async Task<bool> RunAsync(LogWorkerOptions options, TemporalClientConnectOptions connection, Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "logworker" });
        builder.Logging.SetMinimumLevel(options.Level);
        // What runs beneath is told when something is wrong. Failed activities are not: our own messages say it in a sentence.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Temporalio", LogLevel.Warning).AddFilter("Temporalio.Activity", LogLevel.Error);
        logging(builder.Logging);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HostShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        builder.Services.AddSingleton(options);
        builder.Services.AddSingleton(connection);
        builder.Services.AddSingleton<ISystemdNotifier, SystemdNotifier>();
        builder.Services.AddSingleton<ServiceStatus>();
        builder.Services.AddSingleton(new Readiness(Path.GetFullPath(options.Directory), TimeProvider.System));
        builder.Services.AddSingleton(services => new WriterReporter(
            services.GetRequiredService<ILogger<LogWriter>>(), TimeProvider.System, services.GetRequiredService<Readiness>(), services.GetRequiredService<ServiceStatus>()));
        builder.Services.AddSingleton(services => CreateWriter(options, services));
        builder.Services.AddSingleton<Predecessors>();
        builder.Services.AddSingleton(WorkerService.SlotsOf(options));
        builder.Services.AddSingleton(services => new BatchWriter(services.GetRequiredService<LogWriter>(), services.GetRequiredService<DeadLetterBox>(),
            options.Identity, TimeProvider.System, options.Files.Channels, TargetsOf(options), services.GetRequiredService<Predecessors>()));
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<LogProcessingActivity>();
        if (options.Loki is { } loki)
            builder.Services.AddSingleton<ILogDestination<DeliveryReceipt>>(new LokiDestination(loki, new LokiClient(loki), options.Files.Channels));
        builder.Services.AddSingleton(services => new LogDeliveryActivity(
            services.GetServices<ILogDestination<DeliveryReceipt>>(), TimeProvider.System, services.GetRequiredService<ILogger<LogDeliveryActivity>>()));
        builder.Services.AddSingleton<DeliveryWorkers>();
        builder.Services.AddSingleton<WebEndpoint>(new CodecEndpoint(options.Codec, new PipelineCodec(options.EncryptionKeys, options.GzipBytesMin)));
        builder.Services.AddSingleton<WebEndpoint>(services => new StatusEndpoint(
            options.Status, services.GetRequiredService<Readiness>(), () => services.GetRequiredService<LogWriter>().IsRunning));
        builder.Services.AddHostedService<WebServer>();
        builder.Services.AddSingleton(options.OpenDeadLetters());
        builder.Services.AddSingleton<WorkerService>();
        builder.Services.AddHostedService(services => services.GetRequiredService<WorkerService>());

        var host = builder.Build();
        try
        {
            connection.LoggerFactory = host.Services.GetRequiredService<ILoggerFactory>();
            connection.Runtime = CoreRuntime.Create(connection.LoggerFactory.CreateLogger("Temporalio.Core"));
            var writer = Open(host.Services, options);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
            await writer.DisposeAsync().ConfigureAwait(false);
            host.Services.GetRequiredService<WriterReporter>().Stopped();
            return host.Services.GetRequiredService<WorkerService>().Remaining == 0;
        }
        finally
        {
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }
    }

    static IReadOnlyList<DeliveryTarget>? TargetsOf(LogWorkerOptions options) => options.Loki is { } loki
        ? [new DeliveryTarget { Destination = LokiDestination.DestinationName, GiveUpAfterSeconds = loki.GiveUpAfter.TotalSeconds }]
        : null;

    static LogWriter Open(IServiceProvider services, LogWorkerOptions options)
    {
        try
        {
            var writer = services.GetRequiredService<LogWriter>();
            writer.Start();
            return writer;
        }
        catch (Exception e) when (e is IOException and not DirectoryOwnedException or UnauthorizedAccessException)
        {
            throw new IOException($"The log directory {Path.GetFullPath(options.Directory)} cannot be used by user {Environment.UserName}: {e.Message.TrimEnd('.')}. Set LOG_DIRECTORY to one that it may write.", e);
        }
    }

    static LogWriter CreateWriter(LogWorkerOptions options, IServiceProvider services)
    {
        var root = new PhysicalDirectory(options.Directory);
        var claims = options.Sharing.Open(root, options.Files, TimeProvider.System);
        return new LogWriter(root, options.Files, TimeProvider.System, services.GetRequiredService<WriterReporter>().On, claims,
            services.GetRequiredService<Predecessors>(), services.GetRequiredService<OrderSlots>());
    }
}
