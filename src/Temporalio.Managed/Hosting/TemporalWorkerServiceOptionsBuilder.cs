using Microsoft.Extensions.DependencyInjection;
using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Configures one hosted worker.</summary>
public interface ITemporalWorkerServiceOptionsBuilder
{
    string TaskQueue { get; }

    [Obsolete("Use DeploymentOptions instead")]
    string? BuildId { get; }

    WorkerDeploymentOptions? DeploymentOptions { get; }

    IServiceCollection Services { get; }
}

/// <inheritdoc cref="ITemporalWorkerServiceOptionsBuilder"/>
public class TemporalWorkerServiceOptionsBuilder : ITemporalWorkerServiceOptionsBuilder
{
    public TemporalWorkerServiceOptionsBuilder(string taskQueue, IServiceCollection services)
    {
        TaskQueue = taskQueue;
        Services = services;
    }

    public TemporalWorkerServiceOptionsBuilder(string taskQueue, string? buildId, IServiceCollection services)
        : this(taskQueue, services) =>
#pragma warning disable CS0618 // Its one way in.
        BuildId = buildId;
#pragma warning restore CS0618

    public TemporalWorkerServiceOptionsBuilder(string taskQueue, WorkerDeploymentOptions? deploymentOptions, IServiceCollection services)
        : this(taskQueue, services) => DeploymentOptions = deploymentOptions;

    public string TaskQueue { get; }

    [Obsolete("Use DeploymentOptions instead")]
    public string? BuildId { get; }

    public WorkerDeploymentOptions? DeploymentOptions { get; }

    public IServiceCollection Services { get; }
}
