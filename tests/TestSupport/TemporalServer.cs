namespace LogPipeline.TestSupport;

/// <summary>
/// A real Temporal development server on loopback. As a fixture it starts with the first test of its collection and, where
/// the real servers are missing, does nothing: the tests skip themselves with <see cref="RealServers.SkipIfMissing"/>.
/// </summary>
public sealed class TemporalServer : ITemporalServer, IAsyncLifetime, IAsyncDisposable
{
    readonly string? _databaseFile;
    readonly string[] _settings = [];
    readonly int _port = FreePort.Next();
    ChildProcess? _process;

    public TemporalServer() { }

    TemporalServer(string? databaseFile, string[] settings)
    {
        _databaseFile = databaseFile;
        _settings = settings;
    }

    public string Address => $"127.0.0.1:{_port}";
    public int Port => _port;

    /// <param name="databaseFile">Where it keeps its state, so that a restarted server still has it. Null: in memory.</param>
    /// <param name="settings">Dynamic configuration, each <c>key=value</c>.</param>
    public static async Task<TemporalServer> StartNewAsync(string? databaseFile = null, params string[] settings)
    {
        var server = new TemporalServer(databaseFile, settings);
        try
        {
            await server.StartAsync();
            return server;
        }
        catch
        {
            await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts it, again on the same port after a stop, and waits until it answers for its default namespace.</summary>
    public async Task StartAsync()
    {
        if (_process is { HasExited: false }) throw new InvalidOperationException("The Temporal server runs already.");
        List<string> arguments = ["server", "start-dev", "--headless", "--ip", "127.0.0.1", "--port", $"{_port}", "--log-level", "error"];
        if (_databaseFile is not null) arguments.AddRange(["--db-filename", _databaseFile]);
        foreach (var setting in _settings) arguments.AddRange(["--dynamic-config-value", setting]);
        _process = ChildProcess.Start(RealServers.Temporal, arguments);
        await Eventually.TrueAsync(() => RunsAndAsync(() => LocalPort.IsOpenAsync(_port)), TimeSpan.FromSeconds(60), explain: () =>
            _process.Everything);
        await Eventually.TrueAsync(() => RunsAndAsync(async () =>
                (await CliAsync("operator", "cluster", "health")).Output.Contains("SERVING", StringComparison.Ordinal)
                && (await CliAsync("operator", "namespace", "describe", "-n", "default")).ExitCode == 0),
            TimeSpan.FromSeconds(60), explain: () => _process.Everything);
    }

    /// <summary>Runs the real <c>temporal</c> command line against this server.</summary>
    public Task<ChildProcess> CliAsync(params string[] arguments) =>
        ChildProcess.RunAsync(RealServers.Temporal, [.. arguments, "--address", Address, "--color", "never"]);

    public void SkipIfMissing() => RealServers.SkipIfMissing();

    public async Task StopAsync()
    {
        if (_process is not null) await _process.StopAsync();
    }

    public async Task KillAsync()
    {
        if (_process is not null) await _process.KillAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }

    Task IAsyncLifetime.InitializeAsync() => RealServers.MissingBecause is null ? StartAsync() : Task.CompletedTask;
    Task IAsyncLifetime.DisposeAsync() => DisposeAsync().AsTask();

    Task<bool> RunsAndAsync(Func<Task<bool>> ask) =>
        _process!.HasExited
            ? throw new InvalidOperationException(
                $"The Temporal server ended at start with exit code {_process.ExitCode}: {_process.Everything}")
            : ask();
}
