using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Serilog.Core;

namespace LogPipeline.EndToEnd.Support;

/// <summary>
/// The whole way with nothing faked: a logger in this process, a real Temporal server, the worker in its own process.
/// Servers and folders are the test's own and end with it.
/// </summary>
sealed class Pipeline : IAsyncDisposable
{
    public const string Source = "endtoend";

    readonly TempDirectory _directory = new();
    string _earlierWorkers = "";

    public TemporalServer Temporal { get; private set; } = null!;
    public ChildProcess Worker { get; private set; } = null!;
    public string LogDirectory => _directory.File("logs");
    public string SpoolDirectory => _directory.File("spool");
    public string File(string name) => _directory.File(name);

    /// <summary>Starts Temporal, with its state on disk, and the worker.</summary>
    public static async Task<Pipeline> StartNewAsync(IReadOnlyDictionary<string, string>? environment = null)
    {
        var pipeline = new Pipeline();
        try
        {
            Directory.CreateDirectory(pipeline.LogDirectory);
            pipeline.Temporal = await TemporalServer.StartNewAsync(pipeline.File("temporal.db"));
            pipeline.StartWorker(environment);
            return pipeline;
        }
        catch
        {
            await pipeline.DisposeAsync();
            throw;
        }
    }

    public void StartWorker(IReadOnlyDictionary<string, string>? environment = null) =>
        Worker = WorkerProgram.StartDaemon(Temporal.Address, LogDirectory, environment);

    public async Task KillAndRestartWorkerAsync()
    {
        await Worker.KillAsync();
        _earlierWorkers += Worker.Everything + "\n-- killed --\n";
        await Worker.DisposeAsync();
        StartWorker();
    }

    /// <summary>A logger as an application configures it.</summary>
    public Logger NewLogger(string source = Source) => new LoggerConfiguration()
        .MinimumLevel.Verbose()
        .WriteTo.Temporal(options =>
        {
            options.Address = Temporal.Address;
            options.Source = source;
            options.SpoolDirectory = SpoolDirectory;
            options.FlushInterval = TimeSpan.FromMilliseconds(200);
        })
        .CreateLogger();

    /// <summary>Waits until this many lines lie in the files. More than that is seen by the comparison that follows.</summary>
    public Task LinesReachAsync(long count, TimeSpan waitMax) =>
        Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(LogDirectory)), lines => lines >= count, waitMax,
            TimeSpan.FromMilliseconds(200), WorkerSaid);

    public string WorkerSaid() => $"The worker said:\n{Tail(_earlierWorkers + Worker.Everything)}";

    public async ValueTask DisposeAsync()
    {
        if (Worker is not null) await Worker.DisposeAsync();
        if (Temporal is not null) await Temporal.DisposeAsync();
        _directory.Dispose();
    }

    static string Tail(string text) => text.Length <= 4000 ? text : text[^4000..];
}
