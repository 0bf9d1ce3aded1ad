using System.Diagnostics;
using LogPipeline.Publisher;
using Serilog;

namespace LogPipeline.Benchmarks.EndToEnd;

/// <summary>One run of lines through a logger of its own.</summary>
sealed class Part(string source, int count, IReadOnlyList<(string Channel, string Line)> lines, string address, string logDirectory,
    string spoolDirectory)
{
    /// <param name="rate">Lines a second; null: as fast as the logger takes them.</param>
    /// <param name="waitMax">Longest wait for the last line on disk.</param>
    public async Task<PartResult> RunAsync(int? rate, TimeSpan waitMax)
    {
        using var watcher = new LineWatcher(logDirectory, source, count);
        var emittedAt = new long[count + 1];
        var emit = new long[count];
        var sink = new TemporalSink(new TemporalSinkOptions
        {
            Address = address,
            Source = source,
            SpoolDirectory = spoolDirectory,
            // A dropped event would have no line to wait for.
            Timeouts = { BackPressure = TimeSpan.FromMinutes(1) },
        });
        using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        var loggers = lines.Select(l => l.Channel).Distinct()
            .ToDictionary(channel => channel, channel => logger.ForContext("channel", channel));

        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++)
        {
            if (rate is { } perSecond)
                while (Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond < i) Thread.Sleep(1);
            var (channel, line) = lines[i % lines.Count];
            var before = Stopwatch.GetTimestamp();
            loggers[channel].Information("{Line:l}", line);
            emit[i] = Stopwatch.GetTimestamp() - before;
            // One thread logs, so the i-th event has the sequence number i + 1.
            emittedAt[i + 1] = before;
        }
        var emitted = Stopwatch.GetElapsedTime(start);
        await sink.FlushAsync();
        var accepted = Stopwatch.GetElapsedTime(start);
        await watcher.All.WaitAsync(waitMax);

        var sequences = Enumerable.Range(1, count);
        var written = Stopwatch.GetElapsedTime(start, sequences.Max(watcher.SeenAt));
        return new PartResult(count / emitted.TotalSeconds, count / accepted.TotalSeconds, count / written.TotalSeconds,
            new Times(emit), new Times(sequences.Select(s => watcher.SeenAt(s) - emittedAt[s])), sink.Stats.Batches);
    }
}

sealed record PartResult(double EmittedPerSecond, double AcceptedPerSecond, double WrittenPerSecond, Times Emit, Times ToDisk,
    long Batches);
