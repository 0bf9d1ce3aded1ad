namespace TemporalDevServer.Tests.Pipeline;

/// <summary>The program <c>logworker</c>, sending and writing by way of a server of the test's.</summary>
sealed class PipelineOnServer(DevServer server) : IAsyncDisposable
{
    static readonly string Program = Path.Combine(AppContext.BaseDirectory, "logworker.dll");

    const int RunsMax = 10;

    readonly TempDirectory _folder = new();
    ChildProcess? _worker;

    Dictionary<string, string> Environment => new()
    {
        ["TEMPORAL_ADDRESS"] = server.Address,
        ["LOG_DIRECTORY"] = _folder.File("logs"),
        ["LOG_SPOOL_DIRECTORY"] = _folder.File("spool"),
        // Workflows are counted here.
        ["LOG_REPORT_INTERVAL"] = "0",
    };

    public string WorkerOutput => _worker?.Everything ?? "";

    public void StartWorker()
    {
        Directory.CreateDirectory(_folder.File("logs"));
        _worker = ChildProcess.Start("dotnet", [Program, "--daemon"], Environment);
    }

    /// <summary>Sends these lines; every one must be accepted, at the latest by a next run that finds it in the spool.</summary>
    public async Task SendAsync(IEnumerable<string> lines, string channel)
    {
        var input = string.Join('\n', lines) + "\n";
        for (var run = 1; ; run++)
        {
            var sent = await ChildProcess.RunAsync(
                "dotnet",
                [Program, "send", "--channel", channel, "--source", "shop"],
                Environment,
                input: input,
                waitMax: TimeSpan.FromMinutes(2));
            sent.Everything.ShouldContain("dropped               0");
            if (sent.ExitCode == 0) return;
            run.ShouldBeLessThan(RunsMax, sent.Everything);
            input = "";
        }
    }

    /// <summary>The lines of all files.</summary>
    public string[] Written() =>
        [.. Directory.EnumerateFiles(_folder.File("logs"), "*.clef", SearchOption.AllDirectories).SelectMany(Lines)];

    public Task WrittenReachAsync(int count) =>
        Eventually.TrueAsync(
            () => Task.FromResult(Written().Length >= count),
            TimeSpan.FromMinutes(1),
            explain: () => $"{Written().Length} of {count} lines. {WorkerOutput}");

    public async ValueTask DisposeAsync()
    {
        if (_worker is not null) await _worker.DisposeAsync();
        _folder.Dispose();
    }

    static string[] Lines(string path)
    {
        using var file = new StreamReader(new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite));
        var lines = file.ReadToEnd().Split('\n');
        // What follows the last line feed is being written.
        return lines[..^1];
    }
}
