using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Temporalio.Client;
using Temporalio.Extensions.Hosting;
using Temporalio.Worker;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts Temporal clients and workers into a host.</summary>
public static class TemporalHostingServiceCollectionExtensions
{
    /// <summary>A worker with a client of its own.</summary>
    /// <exception cref="ArgumentException">The deployment options have no version.</exception>
    /// <exception cref="InvalidOperationException">There is a worker of this task queue and version already.</exception>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string clientTargetHost, string clientNamespace, string taskQueue, WorkerDeploymentOptions? deploymentOptions = null) =>
        services.AddHostedTemporalWorker(taskQueue, deploymentOptions).WithClient(clientTargetHost, clientNamespace);

    /// <inheritdoc cref="AddHostedTemporalWorker(IServiceCollection, string, string, string, WorkerDeploymentOptions?)"/>
    [Obsolete("Use the AddHostedTemporalWorker overload with WorkerDeploymentOptions instead")]
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string clientTargetHost, string clientNamespace, string taskQueue, string buildId) =>
        services.AddHostedTemporalWorker(taskQueue, buildId).WithClient(clientTargetHost, clientNamespace);

    /// <summary>A worker with the host's client (<see cref="AddTemporalClient(IServiceCollection, string?, string?)"/>), unless its options say otherwise.</summary>
    /// <exception cref="ArgumentException">The deployment options have no version.</exception>
    /// <exception cref="InvalidOperationException">There is a worker of this task queue and version already.</exception>
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(
        this IServiceCollection services, string taskQueue, WorkerDeploymentOptions? deploymentOptions = null)
    {
        if (deploymentOptions is { Version: null }) throw new ArgumentException("Version must be set in", nameof(deploymentOptions));
        var version = deploymentOptions?.Version?.ToCanonicalString();
        return Add(new TemporalWorkerServiceOptionsBuilder(taskQueue, deploymentOptions, services), new(taskQueue, version, VersionIsBuildId: false), options =>
            options.DeploymentOptions = deploymentOptions);
    }

    /// <inheritdoc cref="AddHostedTemporalWorker(IServiceCollection, string, WorkerDeploymentOptions?)"/>
    [Obsolete("Use the AddHostedTemporalWorker overload with WorkerDeploymentOptions instead")]
    public static ITemporalWorkerServiceOptionsBuilder AddHostedTemporalWorker(this IServiceCollection services, string taskQueue, string buildId) =>
        Add(new TemporalWorkerServiceOptionsBuilder(taskQueue, buildId, services), new(taskQueue, buildId, VersionIsBuildId: true), options =>
            options.BuildId = buildId);

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

    static ITemporalWorkerServiceOptionsBuilder WithClient(this ITemporalWorkerServiceOptionsBuilder builder, string targetHost, string @namespace) =>
        builder.ConfigureOptions(options => options.ClientOptions = new(targetHost) { Namespace = @namespace });

    static ITemporalWorkerServiceOptionsBuilder Add(
        ITemporalWorkerServiceOptionsBuilder builder, TemporalWorkerServiceIdentifier identifier, Action<TemporalWorkerServiceOptions> setVersion)
    {
        builder.ConfigureOptions(
            options =>
            {
                options.TaskQueue = builder.TaskQueue;
                setVersion(options);
            },
            disallowDuplicates: true);
        // AddHostedService would take only the first of several workers.
        builder.Services.AddSingleton<IHostedService>(provider => ActivatorUtilities.CreateInstance<TemporalWorkerService>(provider, identifier));
        return builder;
    }
}
