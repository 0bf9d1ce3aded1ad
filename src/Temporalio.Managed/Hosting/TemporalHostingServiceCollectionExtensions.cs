using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Temporal clients and workers into a host.</summary>
public static class TemporalHostingServiceCollectionExtensions
{
    /// <summary>A worker with a client of its own.</summary>
    /// <exception cref="InvalidOperationException">There is a worker of this task queue already.</exception>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string clientTargetHost, string clientNamespace, string taskQueue) =>
        services.AddHostedTemporalWorker(taskQueue).ConfigureOptions(options =>
            options.ClientOptions = new(clientTargetHost) { Namespace = clientNamespace });

    /// <summary>A worker with the host's client (<see cref="AddTemporalClient(IServiceCollection, string?, string?)"/>), unless its options say otherwise.</summary>
    /// <exception cref="InvalidOperationException">There is a worker of this task queue already.</exception>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(this IServiceCollection services, string taskQueue)
    {
        var builder = new TemporalWorkerServiceOptionsBuilder(taskQueue, services)
            .ConfigureOptions(options => options.TaskQueue = taskQueue, disallowDuplicates: true);
        // AddHostedService would take only the first of several workers.
        services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TemporalWorkerService>(
            provider, new TemporalWorkerServiceIdentifier(taskQueue, Version: null, VersionIsBuildId: false)));
        return builder;
    }

    /// <summary>A client as <see cref="ITemporalClient"/>, connected when it is first used. One that is registered already is kept.</summary>
    /// <param name="services">The host's services.</param>
    /// <param name="clientTargetHost">Host and port; null: set it by the options.</param>
    /// <param name="clientNamespace">Null: the options' default.</param>
    public static OptionsBuilder<TemporalClientConnectOptions> AddTemporalClient(
        this IServiceCollection services, string? clientTargetHost = null, string? clientNamespace = null)
    {
        services.TryAddSingleton<ITemporalClient>(provider =>
            TemporalClient.CreateLazy(provider.GetRequiredService<IOptions<TemporalClientConnectOptions>>().Value));
        return services.AddOptions<TemporalClientConnectOptions>().Configure<IServiceProvider>((options, provider) =>
        {
            if (clientTargetHost != null) options.TargetHost = clientTargetHost;
            if (clientNamespace != null) options.Namespace = clientNamespace;
            if (provider.GetService<ILoggerFactory>() is { } loggerFactory) options.LoggerFactory = loggerFactory;
        });
    }

    /// <inheritdoc cref="AddTemporalClient(IServiceCollection, string?, string?)"/>
    public static IServiceCollection AddTemporalClient(this IServiceCollection services, Action<TemporalClientConnectOptions> configureClient)
    {
        services.AddTemporalClient().Configure(configureClient);
        return services;
    }
}
