namespace LogPipeline.TestSupport;

/// <summary>A real Promtail with the configuration that the product ships.</summary>
public sealed class PromtailProcess : IAsyncDisposable
{
    readonly ChildProcess _process;

    PromtailProcess(ChildProcess process) => _process = process;

    public string Everything => _process.Everything;

    public static PromtailProcess StartNew(string logDirectory, string lokiUrl, string positionsFile) =>
        new(ChildProcess.Start(RealServers.Promtail,
            [$"-config.file={Repository.PathOf("promtail", "promtail.yml")}", "-config.expand-env=true"],
            new Dictionary<string, string>
            {
                ["LOG_DIRECTORY"] = logDirectory,
                ["LOKI_URL"] = lokiUrl,
                ["PROMTAIL_POSITIONS"] = positionsFile,
                ["PROMTAIL_HTTP_PORT"] = FreePort.Next().ToString(CultureInfo.InvariantCulture),
            }));

    /// <summary>Asks something that only comes true while Promtail runs.</summary>
    public Task<T> WhileItRunsAsync<T>(Func<Task<T>> ask) =>
        _process.HasExited
            ? throw new InvalidOperationException($"Promtail ended with exit code {_process.ExitCode}: {Everything}") : ask();

    public Task KillAsync() => _process.KillAsync();

    public ValueTask DisposeAsync() => _process.DisposeAsync();
}
