using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Options of a worker that a host runs.</summary>
public class TemporalWorkerServiceOptions : TemporalWorkerOptions
{
    public TemporalWorkerServiceOptions() { }

    public TemporalWorkerServiceOptions(string taskQueue) : base(taskQueue) { }

    /// <summary>How to connect a client of its own; null: the host's <see cref="ITemporalClient"/> is used.</summary>
    public TemporalClientConnectOptions? ClientOptions { get; set; }

    /// <summary>Replaces the running worker's client when asked to. Null: nobody does.</summary>
    public TemporalWorkerClientUpdater? WorkerClientUpdater { get; set; }

    public override object Clone()
    {
        var options = (TemporalWorkerServiceOptions)base.Clone();
        options.ClientOptions = (TemporalClientConnectOptions?)ClientOptions?.Clone();
        return options;
    }

    /// <summary>The options' name in the host: one worker for each task queue and version.</summary>
    internal static string GetUniqueOptionsName(string taskQueue, string? version) =>
        version == null ? taskQueue : $"{taskQueue}!!__temporal__!!{version}";
}
