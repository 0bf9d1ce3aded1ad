namespace LogPipeline.TestSupport;

/// <summary>
/// One Loki for all tests of a class. Where the real servers are not here it is not started, and the tests skip themselves.
/// </summary>
public sealed class StartedLoki : IAsyncLifetime
{
    readonly TempDirectory _directory = new();
    LokiServer? _server;

    public LokiServer Server =>
        _server ?? throw new InvalidOperationException("Loki was not started; the test does not skip itself without it.");

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is null) _server = await LokiServer.StartNewAsync(_directory.File("loki"));
    }

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
        _directory.Dispose();
    }
}
