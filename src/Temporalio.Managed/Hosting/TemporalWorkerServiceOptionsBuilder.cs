using Microsoft.Extensions.DependencyInjection;

namespace Temporalio.Extensions.Hosting;

/// <summary>Configures one hosted worker.</summary>
public interface ITemporalWorkerServiceOptionsBuilder
{
    string TaskQueue { get; }

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

    public string TaskQueue { get; }

    public IServiceCollection Services { get; }
}
