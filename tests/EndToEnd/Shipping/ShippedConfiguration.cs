using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Shipping;

/// <summary>A real Loki and a real Promtail with the shipped configurations, over one log directory.</summary>
public sealed class ShippedConfiguration : IAsyncLifetime
{
    readonly TempDirectory _directory = new();
    PromtailProcess? _promtail;
    LokiServer? _loki;

    public string LogDirectory => _directory.File("logs");
    public LokiServer Loki => _loki ?? throw new InvalidOperationException("Call RealServers.SkipIfMissing() first.");
    public PromtailProcess Promtail => _promtail!;

    public async Task InitializeAsync()
    {
        if (RealServers.MissingBecause is not null) return;
        Directory.CreateDirectory(LogDirectory);
        _loki = await LokiServer.StartNewAsync(_directory.File("loki"));
        StartPromtail();
    }

    public async Task RestartPromtailForgettingPositionsAsync()
    {
        await Promtail.DisposeAsync();
        File.Delete(_directory.File("positions.yaml"));
        StartPromtail();
    }

    /// <summary>Appends lines to a channel's file as the worker does: whole lines, each with its line feed.</summary>
    public void Append(string channel, string file, IEnumerable<string> lines)
    {
        Directory.CreateDirectory(Path.Combine(LogDirectory, channel));
        File.AppendAllText(Path.Combine(LogDirectory, channel, file), string.Concat(lines.Select(line => line + "\n")));
    }

    /// <summary>Waits until Loki counts this many lines for the selector; fails with what Promtail said.</summary>
    public Task CountReachesAsync(string selector, long count, TimeSpan? waitMax = null) =>
        Eventually.GetAsync(() => Promtail.WhileItRunsAsync(() => Loki.CountAsync(selector)), found =>
            found >= count, waitMax ?? TimeSpan.FromSeconds(60),
            TimeSpan.FromMilliseconds(500), () => Promtail.Everything);

    public async Task DisposeAsync()
    {
        if (_promtail is not null) await _promtail.DisposeAsync();
        if (_loki is not null) await _loki.DisposeAsync();
        _directory.Dispose();
    }

    void StartPromtail() => _promtail = PromtailProcess.StartNew(LogDirectory, Loki.Url, _directory.File("positions.yaml"));
}
