using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Ordering;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Temporalio.Client;

namespace LogPipeline.Worker.Hosting;

/// <summary>
/// Puts the worker together and runs it until a signal. Order at the end: the worker takes nothing more, finishes what
/// it took, then the writer drains, syncs and closes.
/// </summary>
static class WorkerHost
{
    /// <summary>Longer than any <see cref="LogWorkerOptions.ShutdownTimeout"/>, shorter than systemd's 90 s.</summary>
    static readonly TimeSpan HostShutdownTimeout = TimeSpan.FromSeconds(30);

    /// <exception cref="DirectoryOwnedException">Another worker has the log directory.</exception>
    /// <exception cref="IOException">The log directory cannot be used.</exception>
    /// <returns>False when <c>--once</c> has left batches.</returns>
    public static async Task<bool> RunAsync(LogWorkerOptions options, TemporalClientConnectOptions connection,
        Action<ILoggingBuilder> logging, CancellationToken cancellationToken)
    {
        var builder =
            Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "logworker" });
        builder.Logging.SetMinimumLevel(options.Level);
        // Libraries log only what is wrong. Failed activities are left out: the worker logs them in a sentence of its
        // own.
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Temporalio", LogLevel.Warning)
            .AddFilter("Temporalio.Activity", LogLevel.Error);
        logging(builder.Logging);
        builder.Services.Configure<HostOptions>(host => host.ShutdownTimeout = HostShutdownTimeout);
        builder.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);

        AddServices(builder.Services, options, connection);
        if (options.Web.IsServed) Telemetry.AddTo(builder, options.Identity);

        var host = builder.Build();
        WebServer? web = null;
        try
        {
            connection.LoggerFactory = new UnreadableQuietly(host.Services.GetRequiredService<ILoggerFactory>(),
                host.Services.GetRequiredService<ILogger<WorkerService>>(),
                host.Services.GetRequiredService<UnreadableSeen>(), TimeProvider.System);
            connection.Runtime =
                TemporalSettings.CreateRuntime(connection.LoggerFactory.CreateLogger("Temporalio.Core"), new TemporalMeter());
            var writer = Open(host.Services, options);
            // Not by the host, which would log what the user is told in one sentence.
            web = host.Services.GetService<WebServer>();
            if (web is not null) await web.StartAsync(cancellationToken).ConfigureAwait(false);
            await host.StartAsync(cancellationToken).ConfigureAwait(false);
            await host.WaitForShutdownAsync(cancellationToken).ConfigureAwait(false);
            await writer.DisposeAsync().ConfigureAwait(false);
            host.Services.GetRequiredService<WriterReporter>().Stopped();
            var service = host.Services.GetRequiredService<WorkerService>();
            service.ReportRemaining();
            return service.Remaining == 0;
        }
        finally
        {
            if (web is not null) await web.StopAsync(CancellationToken.None).ConfigureAwait(false);
            await ((IAsyncDisposable)host).DisposeAsync().ConfigureAwait(false);
        }
    }

    static void AddServices(IServiceCollection services, LogWorkerOptions options,
        TemporalClientConnectOptions connection)
    {
        services.AddSingleton(options);
        services.AddSingleton(connection);
        services.AddSingleton(TimeProvider.System);
        var books = new WorkerBooks(TimeProvider.System);
        services.AddSingleton(books);
        var publishers = new PublisherBooks(TimeProvider.System);
        services.AddSingleton(publishers);
        services.AddSingleton(options.OpenDeadLetters(letter => Count(letter, books, publishers)));

        services.AddSingleton<UnreadableSeen>();
        services.AddSingleton(new Readiness(Path.GetFullPath(options.Directory), TimeProvider.System));
        services.AddSingleton(new TemporalLink(connection, options.TaskQueue, TimeProvider.System));
        services.AddSingleton(provider => new WorkerMetrics(books.Read, GaugesOf(provider, options)));
        services.AddSingleton(provider =>
            ActivatorUtilities.CreateInstance<WriterReporter>(provider,
                provider.GetRequiredService<ILogger<LogWriter>>()));
        services.AddSingleton(provider => CreateWriter(options, provider.GetRequiredService<WriterReporter>()));
        services.AddSingleton(provider =>
            new BatchWriter(provider.GetRequiredService<LogWriter>(), provider.GetRequiredService<DeadLetterBox>(),
            options.Identity, TimeProvider.System, options.Files.Channels, DeliveryWorkers.TargetsOf(options)));
        services.AddSingleton(provider => new OrderKeeper(provider.GetRequiredService<BatchWriter>(),
            options.Files.OrderWaitMax, options.Sharing.IsShared, options.ConcurrentBatches, TimeProvider.System));

        // Started in this order.
        WebParts.AddTo(services, options);
        WorkerService.AddTo(services, options);
        if (!options.Once) services.AddHostedService<UnreadableService>();
        if (options is { Once: false, CanaryInterval.Ticks: > 0 }) services.AddHostedService<CanaryService>();
    }

    static void Count(DeadLetter letter, WorkerBooks books, PublisherBooks publishers)
    {
        books.DeadLettered(letter.Head.RecordCount);
        // The workflow's id: a header that was refused may say anything.
        if (BatchId.TryParse(letter.Head.Workflow, out var batch) && batch.Source != RetriedBatch.Source)
            publishers.DeadLettered(batch.Source, batch.Instance, letter.Head.RecordCount);
    }

    // The writer counts into the metrics, so that they find it when they are asked.
    static WorkerGauges GaugesOf(IServiceProvider services, LogWorkerOptions options) => new(
        () => services.GetRequiredService<Readiness>().Trouble is null,
        () => WebParts.FreeBytesOf(options) is { } free ? [new(free)] : [],
        () => services.GetRequiredService<LogWriter>().Totals?.Batches ?? 0,
        () => services.GetRequiredService<LogWriter>().Totals?.Records ?? 0);

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
            throw new IOException($"The log directory {Path.GetFullPath(options.Directory)} cannot be used by user "
                + $"{CurrentUser.Name}: {e.Message.TrimEnd('.')}. Set LOG_DIRECTORY to one that it may write.", e);
        }
    }

    static LogWriter CreateWriter(LogWorkerOptions options, WriterReporter reporter)
    {
        var root = new PhysicalDirectory(options.Directory);
        return new LogWriter(root, options.Files, TimeProvider.System, reporter,
            options.Sharing.Open(root, options.Files, TimeProvider.System));
    }
}
