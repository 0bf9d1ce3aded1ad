using LogPipeline.TestSupport;
using Temporalio.Client;

namespace Temporalio.Tests;

/// <summary>A real Temporal server for the tests of a class; absent where the real servers are.</summary>
public sealed class RunningTemporal : IAsyncLifetime
{
    readonly TemporalServer _server = new(databaseFile: null);

    public string Address => _server.Address;

    public Task<ITemporalClient> ConnectAsync(TemporalClientConnectOptions? options = null)
    {
        options ??= new();
        options.TargetHost = Address;
        return ConnectToAsync(options);
    }

    public Task InitializeAsync() => RealServers.MissingBecause == null ? _server.StartAsync() : Task.CompletedTask;

    public async Task DisposeAsync() => await _server.DisposeAsync();

    static async Task<ITemporalClient> ConnectToAsync(TemporalClientConnectOptions options) => await TemporalClient.ConnectAsync(options);
}
