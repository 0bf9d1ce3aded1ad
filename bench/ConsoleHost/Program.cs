using System.Diagnostics;
using LogPipeline.Publisher;
using Serilog;

// A small console program whose cost is measured once it is published. Its sink is configured by the environment.
//
//   idle   logs one event, and when Temporal has it prints what the process costs at rest
//   bare   prints the same figures of a logger without a sink

switch (args)
{
    case ["bare"]:
        await using (var bare = new LoggerConfiguration().CreateLogger()) bare.Information("Nobody takes this");
        await PrintCostAsync();
        return 0;
    case ["idle"]:
        var sink = new TemporalSink();
        await using (var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger())
        {
            logger.Information("One event");
            await sink.FlushAsync();
            await PrintCostAsync();
        }
        return sink.Stats.Accepted == 1 ? 0 : 1;
    default:
        return 2;
}

// Memory and threads are read when what a start leaves behind has settled.
static async Task PrintCostAsync()
{
    var start = TimeProvider.System.GetUtcNow().UtcDateTime - Process.GetCurrentProcess().StartTime.ToUniversalTime();
    await Task.Delay(TimeSpan.FromSeconds(2));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"start-ms={start.TotalMilliseconds:f0} rss-kb={Status("VmRSS")} threads={Status("Threads")}"));
}

// "VmRSS:    27424 kB", "Threads:	5"
static string Status(string name) =>
    File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
        .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
