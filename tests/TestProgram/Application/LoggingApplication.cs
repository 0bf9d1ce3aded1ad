using System.Diagnostics;
using LogPipeline.Publisher;
using Serilog;
using Serilog.Core;

namespace LogPipeline.TestProgram.Application;

/// <summary>A small application that logs, for tests that end it in rough ways.</summary>
sealed class LoggingApplication : IAsyncDisposable
{
    readonly TemporalSink _sink = new(new TemporalSinkOptions());
    readonly Logger _logger;

    public LoggingApplication() => _logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_sink).CreateLogger();

    static LoggingApplication() => Serilog.Debugging.SelfLog.Enable(Console.Error);

    /// <param name="file">Takes each number, with one call, after the logger took the event.</param>
    public void Log(string file, string run)
    {
        using var acknowledged = new FileStream(file, FileMode.Append, FileAccess.Write, FileShare.ReadWrite, bufferSize: 0);
        Console.WriteLine("logging");
        for (var number = 1; ; number++)
        {
            _logger.Information("{Run:l}-{Number}", run, number);
            acknowledged.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{run}-{number}\n")));
            // Bursts, so that a kill hits records in every state: being written, waiting, sealed, under way.
            if (number % 50 == 0) Thread.Sleep(10);
        }
    }

    public void Burst(int count)
    {
        var times = new long[count];
        for (var i = 0; i < count; i++)
        {
            var start = Stopwatch.GetTimestamp();
            _logger.Information("Order {OrderId} for {Customer} was placed and is worth {Amount}", i, "Ada Lovelace", 12.5);
            times[i] = Stopwatch.GetTimestamp() - start;
        }
        var peak = PeakKilobytes();
        Array.Sort(times);
        var (p50, p999, max) = (Microseconds(times[count / 2]), Microseconds(times[(int)(count * 0.999)]), Microseconds(times[^1]));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"peak-kb={peak} p50-us={p50:f2} p999-us={p999:f2} max-us={max:f0} dropped={_sink.Stats.Dropped} "
            + $"spooled={_sink.Stats.Spooled}"));
    }

    public async Task DrainAsync()
    {
        // The first look at what others left is the loop's first step; the flush of an event of our own comes behind it.
        _logger.Information("drained");
        for (var stats = _sink.Stats; stats.Spooled > 0 || stats.Accepted == 0; stats = _sink.Stats) await Task.Delay(20);
        Console.WriteLine(
            $"peak-kb={PeakKilobytes()} adopted={_sink.Stats.Adopted} accepted={_sink.Stats.Accepted} dropped={_sink.Stats.Dropped}");
    }

    public ValueTask DisposeAsync() => _logger.DisposeAsync();

    static double Microseconds(long ticks) => ticks * 1e6 / Stopwatch.Frequency;

    // "VmHWM:    27424 kB"
    static string PeakKilobytes() =>
        File.ReadLines("/proc/self/status").First(line => line.StartsWith("VmHWM:", StringComparison.Ordinal))
            .Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries)[1];
}
