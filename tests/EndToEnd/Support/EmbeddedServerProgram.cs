using System.Diagnostics;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd.Support;

/// <summary>The embedded server as a program of its own, with its journal on disk, on one port for all its lives.</summary>
sealed class EmbeddedServerProgram(string directory, params string[] flags) : IAsyncDisposable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "temporal-dev-server.dll");

    readonly int _port = FreePort.Next();
    readonly List<string> _warnings = [];
    ChildProcess? _process;

    public string Address => $"127.0.0.1:{_port}";

    /// <summary>What all lives said, but for that they began.</summary>
    public IReadOnlyList<string> Warnings => _warnings;

    /// <summary>Most memory that this life has held.</summary>
    public long PeakResidentBytes => _process!.PeakResidentBytes;

    public bool Runs => _process is { HasExited: false };

    public string Everything => _process?.Everything ?? "";

    /// <summary>Returns when it answers; says how long that took from the start of the process.</summary>
    public async Task<TimeSpan> StartAsync()
    {
        var watch = Stopwatch.StartNew();
        _process = ChildProcess.Start("dotnet", [Program, "--port", $"{_port}", "--db-filename", directory, .. flags]);
        await Eventually.TrueAsync(() => _process.HasExited
            ? throw new InvalidOperationException($"The server ended at start: {_process.Everything}")
            : LocalPort.IsOpenAsync(_port), TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(5), () => _process.Everything);
        return watch.Elapsed;
    }

    public async Task KillAsync()
    {
        await _process!.KillAsync();
        _warnings.AddRange(_process.Everything.Split('\n')
            .Where(line => line.Contains("warn:") || line.Contains("fail:") || line.Contains("crit:")));
        await _process.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is not null) await _process.DisposeAsync();
    }
}
