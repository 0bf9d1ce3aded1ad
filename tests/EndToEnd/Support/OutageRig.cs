using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Serilog.Core;
using TemporalDevServer;
using Temporalio.Client;

namespace LogPipeline.EndToEnd.Support;

/// <summary>
/// A logger that logs steadily, through a proxy, to an embedded server in this process; the worker, in its own, reaches that
/// server directly. What the sink is seen to do is asked of its public stats.
/// </summary>
sealed class OutageRig : IAsyncDisposable
{
    static readonly TimeSpan Pace = TimeSpan.FromMilliseconds(5);

    readonly TempDirectory _folder = new();
    readonly DevServer _server;
    readonly ChildProcess _worker;
    readonly Logger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly List<(string Channel, string Line)> _sent = [];
    readonly Task _logging;

    OutageRig(DevServer server)
    {
        _server = server;
        Directory.CreateDirectory(LogDirectory);
        Proxy = new TcpProxy(server.Address);
        _worker = WorkerProgram.StartDaemon(server.Address, LogDirectory);
        Sink = new TemporalSink(new TemporalSinkOptions
        {
            Address = Proxy.Address,
            Source = Pipeline.Source,
            SpoolDirectory = _folder.File("spool"),
            FlushInterval = TimeSpan.FromMilliseconds(100),
            Breaker = { DeniedDelay = TimeSpan.FromSeconds(2) },
            // Workflows are counted here.
            Timeouts = { Report = TimeSpan.Zero },
        }, ignoreEnvironment: true);
        _logger = new LoggerConfiguration().WriteTo.Sink(Sink).CreateLogger();
        _logging = Task.Run(LogAsync);
    }

    public TcpProxy Proxy { get; }
    public TemporalSink Sink { get; }
    string LogDirectory => _folder.File("logs");

    public static async Task<OutageRig> StartNewAsync(CallFaults? faults = null)
    {
        var rig = new OutageRig(await DevServer.StartAsync(new DevServerOptions { Interceptors = faults is null ? [] : [faults] }));
        await rig.SeesAsync(stats => stats.Batches >= 3, TimeSpan.FromSeconds(30));
        return rig;
    }

    /// <summary>Waits for what the stats are to show; returns how long it took.</summary>
    public async Task<TimeSpan> SeesAsync(Func<PublisherStats, bool> condition, TimeSpan waitMax)
    {
        var watch = Stopwatch.StartNew();
        await Eventually.GetAsync(() => Task.FromResult(Sink.Stats), stats =>
            stats.Balances ? condition(stats) : throw new InvalidOperationException($"{stats} does not balance."),
            waitMax, TimeSpan.FromMilliseconds(5));
        return watch.Elapsed;
    }

    /// <summary>
    /// Ends logging and compares: every line that was logged lies in the worker's files once and in order, and the server
    /// has a workflow for each batch and no other.
    /// </summary>
    public async Task ShouldHaveLostAndDoubledNothingAsync()
    {
        await _stop.CancelAsync();
        await _logging;
        await SeesAsync(stats => stats is { Queued: 0, Spooled: 0 }, TimeSpan.FromMinutes(1));
        await _logger.DisposeAsync();
        var stats = Sink.Stats;
        stats.Accepted.ShouldBe(_sent.Count);
        stats.Emitted.ShouldBe(_sent.Count);
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(LogDirectory)), lines => lines >= _sent.Count,
            TimeSpan.FromMinutes(1), explain: () => _worker.Everything);
        var client = await TemporalClient.ConnectAsync(new TemporalClientConnectOptions(_server.Address));
        // A batch that would be written once more is one that still runs.
        await Eventually.TrueAsync(async () => (await client.CountWorkflowsAsync("ExecutionStatus = 'Running'")).Count == 0,
            TimeSpan.FromMinutes(1), explain: () => _worker.Everything);
        (await client.CountWorkflowsAsync("")).Count.ShouldBe(stats.Batches);
        Comparison.ShouldHoldExactly(LogDirectory, Pipeline.Source, _sent, () => _worker.Everything);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _logging;
        await _logger.DisposeAsync();
        await Proxy.DisposeAsync();
        await _worker.DisposeAsync();
        await _server.DisposeAsync();
        _stop.Dispose();
        _folder.Dispose();
    }

    async Task LogAsync()
    {
        using var pace = new PeriodicTimer(Pace);
        try
        {
            for (var i = 0; ; i++)
            {
                _sent.Add(($"channel{i % 3}", $"line {i} of an outage"));
                _logger.ForContext("channel", _sent[^1].Channel).Information("{Line:l}", _sent[^1].Line);
                await pace.WaitForNextTickAsync(_stop.Token);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end of the test.
        }
    }
}
