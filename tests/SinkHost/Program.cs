// An application that logs and then ends in the way that its first argument names; the second is how many events. The sink
// has its options from the environment.
using System.Reflection;
using LogPipeline.Publisher;
using LogPipeline.SinkHost;
using Serilog;

var (way, count) = (args[0], int.Parse(args[1], System.Globalization.CultureInfo.InvariantCulture));
Serilog.Debugging.SelfLog.Enable(Console.Error);
if (way is "host" or "host-of-serilog")
{
    await HostedApplication.RunAsync(count, ownSerilog: way == "host-of-serilog");
    return 0;
}

// A program that handles signals itself, and did so before it had a logger.
using var stop = new CancellationTokenSource();
if (way == "own-handler") Console.CancelKeyPress += (_, e) =>
{
    e.Cancel = true;
    stop.Cancel();
};

// Batches as large as they may be, of which Temporal's client warns unless it is told that they are meant.
if (way == "large-and-own-temporal") Environment.SetEnvironmentVariable("LOG_GZIP_BYTES_MIN", "0");
var sink = new TemporalSink();
Log.Logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
var tail = way == "large-and-own-temporal" ? new string('x', 30_000) : "";
for (var i = 1; i <= count; i++) Log.Information("Event {Number}{Tail:l}", i, tail);
Console.WriteLine("logged");

switch (way)
{
    case "dispose":
        sink.Dispose();
        break;
    case "dispose-async":
        await sink.DisposeAsync();
        break;
    case "close-and-flush":
        Log.CloseAndFlush();
        break;
    case "close-and-flush-async":
        await Log.CloseAndFlushAsync();
        break;
    case "close-twice":
        // A program's own ProcessExit handler, the logger and the sink itself all close it, from several threads.
        AppDomain.CurrentDomain.ProcessExit += (_, _) => Log.CloseAndFlush();
        Parallel.Invoke(sink.Dispose, Log.CloseAndFlush, () => Environment.Exit(0));
        break;
    case "large-and-own-temporal":
        await Log.CloseAndFlushAsync();
        var made = typeof(Temporalio.Runtime.TemporalRuntime).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(field => field.GetValue(null))
            .OfType<Lazy<Temporalio.Runtime.TemporalRuntime>>().Single();
        Console.WriteLine($"{sink.Stats.Accepted} accepted, the default runtime is {(made.IsValueCreated ? "" : "not ")}made");
        break;
    case "end-of-main":
        break;
    case "exit":
        Environment.Exit(7);
        break;
    case "unhandled":
        throw new InvalidOperationException("Nobody catches this.");
    case "unhandled-on-thread":
        new Thread(() => throw new InvalidOperationException("Nobody catches this.")).Start();
        Thread.Sleep(Timeout.Infinite);
        break;
    case "signal":
        Thread.Sleep(Timeout.Infinite);
        break;
    case "own-handler":
        stop.Token.WaitHandle.WaitOne();
        Log.Information("Event {Number}", count + 1);
        Log.CloseAndFlush();
        break;
    default:
        Console.Error.WriteLine($"'{way}' is no way to end.");
        return 2;
}
return 0;
