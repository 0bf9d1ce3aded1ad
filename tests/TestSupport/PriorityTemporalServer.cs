namespace LogPipeline.TestSupport;

/// <summary>A real Temporal development server that hands tasks out by priority, which version 1.29 does only when told.</summary>
public sealed class PriorityTemporalServer : ITemporalServer, IAsyncLifetime
{
    /// <summary>The dynamic configuration that it takes.</summary>
    public const string Setting = "matching.useNewMatcher=true";

    // A queue has four parts otherwise, each with an order of its own, and a poll goes to one by chance.
    static readonly string[] OnePart = ["matching.numTaskqueueReadPartitions=1", "matching.numTaskqueueWritePartitions=1"];

    TemporalServer? _server;

    public string Address => _server!.Address;

    public void SkipIfMissing() => RealServers.SkipIfMissing();

    public Task<ChildProcess> CliAsync(params string[] arguments) => _server!.CliAsync(arguments);

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is null) _server = await TemporalServer.StartNewAsync(settings: [Setting, .. OnePart]);
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }
}
