using System.Diagnostics;
using LogPipeline.Publisher;
using Serilog;
using Serilog.Core;
using Serilog.Debugging;
using Spectre.Console;
using TemporalDevServer;

namespace LogPipeline.Samples.Storefront;

/// <summary>
/// The whole way on one machine: the embedded Temporal server, the worker, the shop; then the count. What it started it
/// ends, in the opposite order.
/// </summary>
sealed class Demonstration(Plan plan)
{
    static readonly TimeSpan WriteMax = TimeSpan.FromSeconds(60);

    readonly IAnsiConsole _console = Terminal.Open();
    readonly string _name = DateTime.UtcNow.ToString("yyyyMMdd-HHmmss", CultureInfo.InvariantCulture);

    string Folder => Path.Combine("artifacts", "storefront", _name);

    string WorkerOutput => Path.Combine(Folder, "worker.log");

    /// <returns>0 when every event is accounted for.</returns>
    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        _console.MarkupLineInterpolated($"[bold]A shop logs {plan.Rate} events a second for {plan.Seconds} s[/], seed {plan.Seed}.");
        var address = Environment.GetEnvironmentVariable("TEMPORAL_ADDRESS");
        Directory.CreateDirectory(Folder);
        SelfLog.Enable(message => File.AppendAllText(Path.Combine(Folder, "sink.log"), message + Environment.NewLine));

        await using var server = string.IsNullOrEmpty(address) ? await StartTemporalAsync(cancellationToken) : null;
        if (server is null) UseTemporal(address!);
        var logs = Set("LOG_DIRECTORY", Path.Combine(Folder, "logs"));
        var files = new LogFiles(logs);
        // The run begins when the worker says that it is connected, which it says at this level.
        Environment.SetEnvironmentVariable("LOG_LEVEL", "Information");
        await using var worker = WorkerProcess.Start(WorkerOutput, cancellationToken);
        Say("Worker", $"logworker (pid {worker.Id}), writes to {logs}");
        await WorkerProcess.ConnectedAsync(worker, WorkerOutput, cancellationToken);

        var summary = await TradeAsync(files, worker, cancellationToken);
        Tell(summary, files, server);
        if (plan.Keep) await KeepAsync(server, cancellationToken);
        return summary.Balances ? 0 : 1;
    }

    void UseTemporal(string address)
    {
        // Others may use the same server: batches of this run go to the worker of this run.
        Set("LOG_TASK_QUEUE", $"storefront-{_name}");
        Say("Temporal", $"{address}, as TEMPORAL_ADDRESS says");
    }

    async Task<DevServer> StartTemporalAsync(CancellationToken cancellationToken)
    {
        var journal = Path.Combine(Folder, "temporal");
        var server = await DevServer.StartAsync(new DevServerOptions { DatabaseFile = journal }, cancellationToken);
        // What is set for another server (a namespace, TLS, a key) is not for this one.
        foreach (var name in Environment.GetEnvironmentVariables().Keys.Cast<string>()
            .Where(name => name.StartsWith("TEMPORAL_", StringComparison.Ordinal)).ToArray())
            Environment.SetEnvironmentVariable(name, null);
        Environment.SetEnvironmentVariable("TEMPORAL_CONFIG_FILE", Path.GetFullPath(Path.Combine(Folder, "temporal.toml")));
        Environment.SetEnvironmentVariable("TEMPORAL_ADDRESS", server.Address);
        Say("Temporal", $"{server.Address}, embedded in this program, journal in {journal}");
        return server;
    }

    async Task<Summary> TradeAsync(LogFiles files, Child worker, CancellationToken cancellationToken)
    {
        // What WriteTo.Temporal(...) makes; held here because its books are shown.
        await using var sink = NewSink();
        await using var logger = NewLogger(sink);
        var shop = new Shop(logger, new Random(plan.Seed));
        await new Progress(_console, Look, plan.Events).ShowWhileAsync(OpenAndArriveAsync());
        return new Summary(sink.Stats, files);

        async Task OpenAndArriveAsync()
        {
            await shop.OpenAsync(plan.Events, plan.Rate, cancellationToken);
            await sink.DisposeAsync();
            // The worker's last batches; one that never comes is seen in the summary.
            var watch = Stopwatch.StartNew();
            while (Look() is var now && now.Written < now.Accepted && watch.Elapsed < WriteMax && !worker.HasEnded)
                await Task.Delay(100, cancellationToken);
        }

        Whereabouts Look()
        {
            var stats = sink.Stats;
            lock (files) return new Whereabouts(stats.Emitted, stats.Accepted, stats.Spooled, files.CountLines(), stats.Dropped);
        }
    }

    void Tell(Summary summary, LogFiles files, DevServer? server)
    {
        foreach (var (path, lines) in files.Files)
        {
            _console.MarkupLineInterpolated($"[bold]{path}[/], {lines} lines, the last:");
            // Past the console, which would break it into lines of its own.
            Console.Out.WriteLine(LogFiles.LastLine(path));
        }
        _console.WriteLine();
        summary.Print(_console);
        _console.WriteLine();
        if (!summary.Balances) Say("Look into", $"{WorkerOutput} and sink.log beside it");
        var address = Environment.GetEnvironmentVariable("TEMPORAL_ADDRESS");
        var queue = Environment.GetEnvironmentVariable("LOG_TASK_QUEUE");
        if (server is null) Say("The batches", $"temporal workflow list --address {address} --query \"TaskQueue='{queue}'\"");
        else if (plan.Keep) Say("The batches", $"temporal workflow list --address {server.Address}");
        else Say("The batches", "with --keep the server and the worker stay, and Temporal's tools show each batch");
        if (server is not null) Say("Your Temporal", "TEMPORAL_ADDRESS=host:port in front of the command uses that instead");
    }

    async Task KeepAsync(DevServer? server, CancellationToken cancellationToken)
    {
        if (server is not null) Say("Send more", $"TEMPORAL_ADDRESS={server.Address} dotnet run --project samples/Quickstart");
        if (WorkerProcess.PageIn(WorkerOutput) is { } page) Say("Look at it", page);
        Say("Until Ctrl+C", server is null ? "the shop and the worker go on" : "the shop, the server and the worker go on");
        await using var sink = NewSink();
        await using var logger = NewLogger(sink);
        await new Shop(logger, new Random(plan.Seed + 1)).OpenAsync(int.MaxValue, plan.Rate, cancellationToken)
            .ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    TemporalSink NewSink() =>
        new(new TemporalSinkOptions { Source = "storefront", SpoolDirectory = Path.Combine(Folder, "spool") });

    static Logger NewLogger(TemporalSink sink) => new LoggerConfiguration().MinimumLevel.Debug().WriteTo.Sink(sink).CreateLogger();

    void Say(string what, string text) => _console.MarkupLineInterpolated($"  [grey]{what,-14}[/]{text}");

    /// <summary>Sets a variable for the sink and the worker, unless the user has.</summary>
    static string Set(string name, string value)
    {
        if (Environment.GetEnvironmentVariable(name) is { Length: > 0 } given) return given;
        Environment.SetEnvironmentVariable(name, value);
        return value;
    }
}
