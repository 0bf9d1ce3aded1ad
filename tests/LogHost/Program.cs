using LogPipeline.Publisher;
using Serilog;

// A small application that logs, for tests that end it in rough ways. Its sink is configured by the environment.
//
//   log FILE RUN     logs RUN-1, RUN-2, … without end; each number is written to FILE, with one call, after the logger took the event
//   burst COUNT      logs COUNT events as fast as it can and says how long the calls took and how much memory it ever held
//   drain            sends what others left in the spool, then ends
//   idle             logs one event, and when Temporal has it tells what the process costs at rest
//   bare             the same figures of a logger without a sink

if (args is ["bare"])
{
    await using (var bare = new LoggerConfiguration().CreateLogger()) bare.Information("Nobody takes this");
    await TellCostAsync();
    return 0;
}

var sink = new TemporalSink(new TemporalSinkOptions());
await using var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger();
switch (args)
{
    case ["log", var file, var run]:
        Log(file, run);
        return 0;
    case ["burst", var count]:
        Burst(int.Parse(count, CultureInfo.InvariantCulture));
        return 0;
    case ["drain"]:
        // The first look at what others left is the loop's first step; the flush of an event of our own comes behind it.
        logger.Information("drained");
        for (var stats = sink.Stats; stats.Spooled > 0 || stats.Accepted == 0; stats = sink.Stats) await Task.Delay(20);
        Console.WriteLine($"peak-kb={PeakKilobytes()} adopted={sink.Stats.Adopted} accepted={sink.Stats.Accepted} dropped={sink.Stats.Dropped}");
        return 0;
    case ["idle"]:
        logger.Information("One event");
        await sink.FlushAsync();
        await TellCostAsync();
        return sink.Stats.Accepted == 1 ? 0 : 1;
    default:
        return 2;
}

void Log(string file, string run)
{
    using var acknowledged = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
    Console.WriteLine("logging");
    for (var number = 1; ; number++)
    {
        logger.Information("{Run:l}-{Number}", run, number);
        acknowledged.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run}-{number}\n")));
        // Bursts, so that a kill hits records in every state: being written, waiting, sealed, under way.
        if (number % 50 == 0) Thread.Sleep(10);
    }
}

void Burst(int count)
{
    var times = new long[count];
    for (var i = 0; i < count; i++)
    {
        var start = System.Diagnostics.Stopwatch.GetTimestamp();
        logger.Information("Order {OrderId} for {Customer} was placed and is worth {Amount}", i, "Ada Lovelace", 12.5);
        times[i] = System.Diagnostics.Stopwatch.GetTimestamp() - start;
    }
    var peak = PeakKilobytes();
    Array.Sort(times);
    var toMicroseconds = 1e6 / System.Diagnostics.Stopwatch.Frequency;
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
        $"peak-kb={peak} p50-us={times[count / 2] * toMicroseconds:f2} p999-us={times[(int)(count * 0.999)] * toMicroseconds:f2} max-us={times[^1] * toMicroseconds:f0} dropped={sink.Stats.Dropped} spooled={sink.Stats.Spooled}"));
}

// Memory and threads are looked at when what a start leaves behind has settled.
static async Task TellCostAsync()
{
    var start = TimeProvider.System.GetUtcNow().UtcDateTime - System.Diagnostics.Process.GetCurrentProcess().StartTime.ToUniversalTime();
    await Task.Delay(TimeSpan.FromSeconds(2));
    Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"start-ms={start.TotalMilliseconds:f0} rss-kb={Status("VmRSS")} threads={Status("Threads")}"));
}

static string PeakKilobytes() => Status("VmHWM");

// "VmHWM:    27424 kB", "Threads:	5"
static string Status(string name) =>
    File.ReadLines("/proc/self/status").First(line => line.StartsWith(name + ":", StringComparison.Ordinal))
        .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
