using LogPipeline.TestSupport;

namespace Temporalio.Tests.Client;

/// <summary>A real Temporal server for the tests of one class; none where the real servers are missing.</summary>
public sealed class RealServerFixture : IAsyncLifetime
{
    public TemporalServer? Server { get; private set; }

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is null) Server = await TemporalServer.StartNewAsync();
    }

    public async Task DisposeAsync()
    {
        if (Server is not null) await Server.DisposeAsync();
    }
}
