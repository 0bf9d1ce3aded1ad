using System.Reflection;
using LogPipeline.Publisher;
using Serilog;
using Temporalio.Runtime;

namespace LogPipeline.TestProgram.Application;

/// <summary>An application that logs and then ends in one of the ways that applications end.</summary>
static class Ending
{
    public static async Task<int> RunAsync(string way, int count)
    {
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
        var isLarge = way == "large-and-own-temporal";
        if (isLarge) Environment.SetEnvironmentVariable("LOG_GZIP_BYTES_MIN", "0");
        var sink = new TemporalSink();
        Log.Logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        var tail = isLarge ? new string('x', 30_000) : "";
        for (var i = 1; i <= count; i++) Log.Information("Event {Number}{Tail:l}", i, tail);
        Console.WriteLine("logged");
        return await EndAsync(way, count, sink, stop.Token);
    }

    static async Task<int> EndAsync(string way, int count, TemporalSink sink, CancellationToken stopped)
    {
        switch (way)
        {
            case "dispose":
                sink.Dispose();
                return 0;
            case "dispose-async":
                await sink.DisposeAsync();
                return 0;
            case "close-and-flush":
                Log.CloseAndFlush();
                return 0;
            case "close-and-flush-async":
                await Log.CloseAndFlushAsync();
                return 0;
            case "close-twice":
                // A program's own ProcessExit handler, the logger and the sink itself all close it, from several threads.
                AppDomain.CurrentDomain.ProcessExit += (_, _) => Log.CloseAndFlush();
                Parallel.Invoke(sink.Dispose, Log.CloseAndFlush, () => Environment.Exit(0));
                return 0;
            case "large-and-own-temporal":
                await Log.CloseAndFlushAsync();
                Console.WriteLine($"{sink.Stats.Accepted} accepted, the default runtime is {(IsDefaultRuntimeMade() ? "" : "not ")}made");
                return 0;
            case "end-of-main":
                return 0;
            case "exit":
                Environment.Exit(7);
                return 0;
            case "unhandled":
                throw new InvalidOperationException("Nobody catches this.");
            case "unhandled-on-thread":
                new Thread(() => throw new InvalidOperationException("Nobody catches this.")).Start();
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "signal":
                Thread.Sleep(Timeout.Infinite);
                return 0;
            case "own-handler":
                stopped.WaitHandle.WaitOne();
                Log.Information("Event {Number}", count + 1);
                Log.CloseAndFlush();
                return 0;
            default:
                Console.Error.WriteLine($"'{way}' is no way to end.");
                return 2;
        }
    }

    static bool IsDefaultRuntimeMade() =>
        typeof(TemporalRuntime).GetFields(BindingFlags.Static | BindingFlags.NonPublic).Select(field => field.GetValue(null))
            .OfType<Lazy<TemporalRuntime>>().Single().IsValueCreated;
}
