using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Temporalio.Client;
using Temporalio.Worker;

namespace Temporalio.Extensions.Hosting;

/// <summary>Names a hosted worker.</summary>
/// <param name="TaskQueue">What it polls.</param>
/// <param name="Version">Its deployment version or build id; null: none.</param>
/// <param name="VersionIsBuildId">Which of the two.</param>
public record TemporalWorkerServiceIdentifier(string TaskQueue, string? Version, bool VersionIsBuildId);

/// <summary>
/// Connects a client, or takes the host's, and runs a worker until the host stops. When it cannot connect the host
/// hears of it as of any background service that failed.
/// </summary>
public class TemporalWorkerService : BackgroundService
{
    // One of these two.
    readonly TemporalClientConnectOptions? _newClientOptions;
    readonly ITemporalClient? _existingClient;
    readonly TemporalWorkerOptions _workerOptions;
    readonly TemporalWorkerClientUpdater? _clientUpdater;

    /// <exception cref="ArgumentException">The options do not say how to connect.</exception>
    public TemporalWorkerService(TemporalWorkerServiceOptions options)
        : this(options.ClientOptions ?? throw new ArgumentException("Client options is required", nameof(options)), options)
    {
    }

    public TemporalWorkerService(TemporalClientConnectOptions clientOptions, TemporalWorkerOptions workerOptions)
    {
        _newClientOptions = clientOptions;
        _workerOptions = workerOptions;
    }

    public TemporalWorkerService(ITemporalClient client, TemporalWorkerOptions workerOptions)
    {
        _existingClient = client;
        _workerOptions = workerOptions;
    }

    [Obsolete("Deprecated older form of DI constructor, task queue + build ID tuple one is used instead.")]
    public TemporalWorkerService(
        string taskQueue,
        string? buildId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
        : this((taskQueue, buildId), optionsMonitor, existingClient, loggerFactory)
    {
    }

    [Obsolete("Deprecated older form of DI constructor, TemporalWorkerServiceIdentifier one is used instead.")]
    public TemporalWorkerService(
        (string TaskQueue, string? BuildId) taskQueueAndBuildId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
        : this(new TemporalWorkerServiceIdentifier(taskQueueAndBuildId.TaskQueue, taskQueueAndBuildId.BuildId, VersionIsBuildId: true), optionsMonitor, existingClient, loggerFactory)
    {
    }

    /// <summary>How the host makes it.</summary>
    /// <exception cref="InvalidOperationException">There is neither client nor options for one, or the options are of another queue or version.</exception>
    [ActivatorUtilitiesConstructor]
    public TemporalWorkerService(
        TemporalWorkerServiceIdentifier serviceId,
        IOptionsMonitor<TemporalWorkerServiceOptions> optionsMonitor,
        ITemporalClient? existingClient = null,
        ILoggerFactory? loggerFactory = null)
    {
        var name = TemporalWorkerServiceOptions.GetUniqueOptionsName(serviceId.TaskQueue, serviceId.Version);
        var options = (TemporalWorkerServiceOptions)optionsMonitor.Get(name).Clone();
        if (options.TaskQueue != serviceId.TaskQueue)
            throw new InvalidOperationException($"Task queue '{serviceId.TaskQueue}' on constructor different than '{options.TaskQueue}' on options");
        CheckVersion(serviceId, options);
        options.LoggerFactory ??= loggerFactory;
        if (options.ClientOptions != null && options.LoggerFactory != null) options.ClientOptions.LoggerFactory = options.LoggerFactory;
        _newClientOptions = options.ClientOptions;
        _existingClient = options.ClientOptions == null
            ? existingClient ?? throw new InvalidOperationException("Cannot start worker service with no client and no client connect options")
            : null;
        _workerOptions = options;
        _clientUpdater = options.WorkerClientUpdater;
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var client = _existingClient ?? await TemporalClient.ConnectAsync(_newClientOptions!).ConfigureAwait(false);
        // The host's client may be a lazy one.
        await client.Connection.ConnectAsync().ConfigureAwait(false);
        using var worker = new TemporalWorker(client, _workerOptions);
        void Update(IWorkerClient updated) => worker.Client = updated;
        _clientUpdater?.Subscribe(Update);
        try
        {
            await worker.ExecuteAsync(stoppingToken).ConfigureAwait(false);
        }
        finally
        {
            _clientUpdater?.Unsubscribe(Update);
        }
    }

    static void CheckVersion(TemporalWorkerServiceIdentifier serviceId, TemporalWorkerServiceOptions options)
    {
#pragma warning disable CS0618 // Still there, though not advised.
        var given = serviceId.VersionIsBuildId ? options.BuildId : options.DeploymentOptions?.Version?.ToCanonicalString();
#pragma warning restore CS0618
        if (given == serviceId.Version) return;
        var kind = serviceId.VersionIsBuildId ? "BuildID" : "Deployment Version";
        throw new InvalidOperationException($"{kind} '{serviceId.Version ?? "<unset>"}' on constructor different than '{given ?? "<unset>"}' on options");
    }
}
