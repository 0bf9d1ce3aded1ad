using TemporalDevServer;

namespace LogPipeline.TestSupport;

/// <summary>A server on which tests run that must hold on Temporal itself and on the embedded one.</summary>
public interface ITemporalServer
{
    string Address { get; }

    /// <summary>For tests marked <c>[SkippableFact]</c>.</summary>
    void SkipIfMissing();

    /// <summary>Runs the real <c>temporal</c> command line against this server.</summary>
    Task<ChildProcess> CliAsync(params string[] arguments);
}

/// <summary>The embedded server in this process, on a free port.</summary>
public sealed class EmbeddedServer : ITemporalServer, IAsyncLifetime
{
    DevServer? _server;

    public string Address => _server!.Address;

    public void SkipIfMissing() { }

    public Task<ChildProcess> CliAsync(params string[] arguments)
    {
        RealServers.SkipIfMissing();
        return ChildProcess.RunAsync(RealServers.Temporal, [.. arguments, "--address", Address, "--color", "never"]);
    }

    public async Task InitializeAsync() => _server = await DevServer.StartAsync();

    public async Task DisposeAsync() => await _server!.DisposeAsync();
}
