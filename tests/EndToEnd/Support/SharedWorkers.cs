using LogPipeline.TestSupport;
using Serilog;
using Serilog.Core;

namespace LogPipeline.EndToEnd.Support;

/// <summary>A real Temporal server, a logger in this process, and workers a and b, each the program in a process of its own.</summary>
sealed class SharedWorkers : IAsyncDisposable
{
    public const string Source = "shared";

    readonly TempDirectory _folder = new();
    readonly Dictionary<string, ChildProcess> _workers = [];
    readonly StringBuilder _said = new();
    readonly Func<string, IReadOnlyDictionary<string, string>> _environment;
    TemporalServer _temporal = null!;

    SharedWorkers(Func<string, IReadOnlyDictionary<string, string>> environment) => _environment = environment;

    /// <summary>Where all workers have their directories.</summary>
    public string LogDirectory => _folder.File("logs");

    /// <param name="environment">What a worker is told beyond its name.</param>
    public static async Task<SharedWorkers> StartNewAsync(Func<string, IReadOnlyDictionary<string, string>> environment)
    {
        var workers = new SharedWorkers(environment);
        try
        {
            Directory.CreateDirectory(workers.LogDirectory);
            workers._temporal = await TemporalServer.StartNewAsync(workers._folder.File("temporal.db"));
            workers.Start("a");
            workers.Start("b");
            return workers;
        }
        catch
        {
            await workers.DisposeAsync();
            throw;
        }
    }

    public ChildProcess this[string name] => _workers[name];

    public void Start(string name) =>
        _workers[name] = WorkerProgram.StartDaemon(_temporal.Address, LogDirectory,
            new Dictionary<string, string>(_environment(name)) { ["LOG_WORKER_NAME"] = name });

    public async Task KillAsync(string name)
    {
        await _workers[name].KillAsync();
        _said.AppendLine(_workers[name].Everything).AppendLine($"-- {name} killed --");
        await _workers[name].DisposeAsync();
    }

    public Logger NewLogger() => new LoggerConfiguration()
        .WriteTo.Temporal(options =>
        {
            options.Address = _temporal.Address;
            options.Source = Source;
            options.SpoolDirectory = _folder.File("spool");
            options.FlushInterval = TimeSpan.FromMilliseconds(20);
        })
        .CreateLogger();

    /// <summary>Logs numbered lines, some every few milliseconds, until it is told to stop; returns how many.</summary>
    public async Task<int> LogUntilAsync(CancellationToken stop)
    {
        var count = 0;
        await using var logger = NewLogger();
        while (!stop.IsCancellationRequested)
        {
            for (var i = 0; i < 10; i++) logger.Information("Line {Number} of a shared log", ++count);
            await Task.Delay(10, CancellationToken.None);
        }
        return count;
    }

    /// <summary>Waits until no batch is left in Temporal and the files hold this many lines at least.</summary>
    public async Task WrittenAsync(int count)
    {
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(LogDirectory)), lines =>
            lines >= count, TimeSpan.FromMinutes(3), TimeSpan.FromMilliseconds(500), Said);
        await Eventually.GetAsync(() => _temporal.CliAsync("workflow", "count", "--query", "ExecutionStatus = 'Running'"), answer =>
            answer.Output.Contains("Total: 0", StringComparison.Ordinal),
            TimeSpan.FromMinutes(3), TimeSpan.FromSeconds(1), Said);
    }

    /// <summary>What <c>logworker verify</c> says of both directories, and of what was sent.</summary>
    public async Task<ChildProcess> VerifyAsync(int count)
    {
        var instance = WrittenLines().Select(line => line.Instance).Distinct().ShouldHaveSingleItem();
        var acks = _folder.File("acks");
        await File.WriteAllTextAsync(acks, $"{Source}/{instance}/1-{count}\n");
        return await WorkerProgram.RunAsync(["verify", "--directory", Path.Combine(LogDirectory, "a"), Path.Combine(LogDirectory, "b"),
            "--acks", acks, "--output", "json"]);
    }

    public IEnumerable<WrittenRecord> WrittenLines() =>
        ((string[])["a", "b"]).SelectMany(name => WrittenRecord.ReadAll(Path.Combine(LogDirectory, name)));

    /// <summary>Whether a worker that runs said this, however long ago.</summary>
    public bool HasSaid(string text) =>
        _workers.Values.Any(worker => worker.Everything.Contains(text, StringComparison.Ordinal));

    public string Said() => Tail($"{_said}{string.Concat(_workers.Select(worker => $"-- {worker.Key} --\n{worker.Value.Everything}\n"))}");

    public async ValueTask DisposeAsync()
    {
        foreach (var worker in _workers.Values) await worker.DisposeAsync();
        if (_temporal is not null) await _temporal.DisposeAsync();
        _folder.Dispose();
    }

    static string Tail(string text) => text.Length <= 6000 ? text : text[^6000..];
}
