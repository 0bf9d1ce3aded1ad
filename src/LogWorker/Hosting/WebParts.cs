using LogPipeline.Worker.DeadLetters;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Worker.Web.Letters;
using LogPipeline.Worker.Web.Tail;
using LogPipeline.Workflows.Codecs;
using Microsoft.AspNetCore.Cors.Infrastructure;
using Microsoft.Extensions.DependencyInjection;
using OpenTelemetry.Metrics;

namespace LogPipeline.Worker.Hosting;

/// <summary>Puts the worker's web application together.</summary>
static class WebParts
{
    public static void AddTo(IServiceCollection services, LogWorkerOptions options)
    {
        if (!options.Web.IsServed) return;
        var access = new AccessToken(options.Web.Token);
        var pages = CodecEndpoints.PagesOf(options.Web.CodecOriginList);
        services.AddSingleton<IWebEndpoints>(new CodecEndpoints(options.CreateCodec(), pages));
        services.AddSingleton<IWebEndpoints>(provider => new ProbeEndpoints(provider.GetRequiredService<Readiness>(),
            () => provider.GetRequiredService<LogWriter>().IsRunning, access));
        services.AddSingleton<IWebEndpoints>(provider => new MetricsEndpoint(provider.GetRequiredService<MeterProvider>()));
        services.AddSingleton<IWebEndpoints>(provider => Stats(provider, options));
        services.AddSingleton<IWebEndpoints>(new PageEndpoints());
        services.AddSingleton<IWebEndpoints>(provider => new PublisherEndpoints(provider.GetRequiredService<PublisherBooks>()));
        services.AddSingleton<LiveTail>();
        services.AddSingleton<IWebEndpoints, TailEndpoint>();
        services.AddSingleton<IWebEndpoints>(provider => new ChannelsEndpoint(new PhysicalDirectory(options.Directory),
            provider.GetRequiredService<WorkerBooks>(), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(new HistoryFile(() => new PhysicalDirectory(options.Directory).Directory(HistoryFile.DirectoryName)));
        services.AddSingleton<HistoryService>();
        services.AddHostedService(provider => provider.GetRequiredService<HistoryService>());
        services.AddSingleton<IWebEndpoints>(provider =>
            new HistoryEndpoint(() => provider.GetRequiredService<HistoryService>().History.Points));
        services.AddSingleton(new ChangeGuard(options.Web.IsReadOnly));
        services.AddSingleton(provider =>
            new LetterRetry(provider.GetRequiredService<DeadLetterBox>(), options.CreateCodec(), options.TaskQueue));
        services.AddSingleton<IWebEndpoints, LetterEndpoints>();
        services.AddSingleton(provider => new WebServer(options.Web, new RequestGuard(access, pages),
            provider.GetServices<IWebEndpoints>(), provider.GetRequiredService<ILogger<WebServer>>()));
    }

    /// <summary>What the disk has left; null: that cannot be found out now.</summary>
    public static long? FreeBytesOf(LogWorkerOptions options)
    {
        try
        {
            return new DriveInfo(Path.GetFullPath(options.Directory)).AvailableFreeSpace;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    static StatsEndpoints Stats(IServiceProvider provider, LogWorkerOptions options) => new(
        provider.GetRequiredService<WorkerBooks>(),
        new WorkerIdentity(options.Identity, ProductVersion.Version, ProductVersion.Commit),
        provider.GetRequiredService<TemporalLink>(), provider.GetRequiredService<Readiness>(),
        () => provider.GetRequiredService<LogWriter>().Totals, provider.GetRequiredService<DeadLetterBox>(),
        () => FreeBytesOf(options), provider.GetRequiredService<TimeProvider>(), options.Web.IsReadOnly,
        options.Web.TemporalUiUrl);
}
