using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Options;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.Publisher.Spool;
using LogPipeline.TestSupport;
using Serilog;
using Serilog.Events;
using Serilog.Parsing;
using LogPipeline.Workflows.Codecs;

namespace LogPipeline.Benchmarks.Spool;

/// <summary>
/// The spool beside rsyslog's disk queue, without and with sync, in turns; what mapped memory is worth beside one write call a
/// record; and what one call of the logger costs beside Serilog's file sink. Temporal is away throughout.
/// </summary>
static class SpoolBenchmark
{
    static readonly LogEvent Event = new(new DateTimeOffset(2026, 11, 21, 8, 0, 0, TimeSpan.Zero), LogEventLevel.Information, null,
        new MessageTemplateParser().Parse("Order {OrderId} for {Customer} was placed and is worth {Amount}"),
        [
            new LogEventProperty("OrderId", new ScalarValue(4711)), new LogEventProperty("Customer", new ScalarValue("Ada Lovelace")),
            new LogEventProperty("Amount", new ScalarValue(12.5)), new LogEventProperty("RequestPath", new ScalarValue("/orders/4711")),
        ]);

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = arguments is ["--rounds", var text, ..]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 7;
        var machine = Machine.Describe();
        var record = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), "20261121T080000-1")
            .Format(Event);
        var line = Encoding.UTF8.GetString(record.Complete(1));

        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture,
            $"# The spool\n\n{machine}\n\nEvents whose line has {Encoding.UTF8.GetByteCount(line)} bytes, one thread, Temporal away, "
            + $"real files; medians of {rounds} rounds in turns.\n\n");
        await QueuesAsync(report, rounds, line);
        Calls(report, rounds);
        Console.Write(report);
        if (arguments.Contains("--keep")) await Results.KeepAsync("spool.md", report.ToString());
        return 0;
    }

    static async Task QueuesAsync(StringBuilder report, int rounds, string line)
    {
        report.Append("## Beside rsyslog's disk queue\n\n");
        if (RsyslogQueue.Program is null)
        {
            report.Append("rsyslog is not installed here (`apt-get install rsyslog`).\n\n");
            return;
        }
        report.Append(await RsyslogQueue.VersionAsync())
            .Append(", one loopback connection (imptcp), `queue.type=\"disk\"`, destination away. Ours: the whole call of the logger, "
                + "which packs the event; its line is rendered when it is sent. With sync: until the last record is on the disk. rsyslog "
                + "syncs after every write to its queue; ours syncs together what came in 10 ms.\n\n");
        report.Append("| | ours, records/s | rsyslog, records/s | ratio |\n| --- | ---: | ---: | ---: |\n");
        foreach (var sync in new[] { false, true })
        {
            // rsyslog syncs so often that a long run would take minutes.
            var (ourCount, theirCount) = (200_000, sync ? 2_000 : 100_000);
            List<double> ours = [], theirs = [];
            await OneAsync();
            ours.Clear();
            theirs.Clear();
            for (var round = 0; round < rounds; round++) await OneAsync();
            var ratio = Median(ours.Zip(theirs, (a, b) => a / b));
            report.Append(CultureInfo.InvariantCulture,
                $"| {(sync ? "with sync (`PowerSafe`; `queue.syncQueueFiles`)" : "without sync (`ProcessSafe`)")} | {Median(ours):n0} | "
                + $"{Median(theirs):n0} | {ratio:f2} |\n");

            async Task OneAsync()
            {
                ours.Add(Ours(sync, ourCount));
                theirs.Add(await RsyslogQueue.MeasureAsync(line, theirCount, sync));
            }
        }
        report.Append('\n');
    }

    static void Calls(StringBuilder report, int rounds)
    {
        const int count = 100_000;
        report.Append("## One call of the logger\n\n`Log.Write` of one event, from the call to its return.\n\n");
        report.Append("| | p50 | p99.9 | longest | all, events/s |\n| --- | ---: | ---: | ---: | ---: |\n");
        (string Name, Func<string, (ILogger Logger, IDisposable Owned)> Make)[] contenders = [
            ("`ProcessSafe`, mapped", path => Sink(new PhysicalDirectory(path), Durability.ProcessSafe)),
            ("`ProcessSafe`, one write call a record", path =>
                Sink(new WrittenDirectory(new PhysicalDirectory(path)), Durability.ProcessSafe)),
            ("`ProcessSafe`, encrypted", path => Sink(new PhysicalDirectory(path), Durability.ProcessSafe, SomeKey)),
            ("`PowerSafe`, mapped", path => Sink(new PhysicalDirectory(path), Durability.PowerSafe)),
            ("Serilog.Sinks.File 5.0.0", path => Own(new LoggerConfiguration().WriteTo.File(Path.Combine(path, "log.txt")).CreateLogger())),
        ];
        var measured = contenders.ToDictionary(c => c.Name, _ => new List<(double P50, double P999, double Max, double PerSecond)>());
        for (var round = -1; round < rounds; round++)
            foreach (var (name, make) in round % 2 == 0 ? contenders : [.. contenders.Reverse()])
            {
                using var folder = new TempDirectory();
                var (logger, owned) = make(folder.Path);
                var times = new long[count];
                GC.Collect();
                var start = Stopwatch.GetTimestamp();
                for (var i = 0; i < count; i++)
                {
                    var at = Stopwatch.GetTimestamp();
                    logger.Write(Event);
                    times[i] = Stopwatch.GetTimestamp() - at;
                }
                var elapsed = Stopwatch.GetElapsedTime(start);
                owned.Dispose();
                Array.Sort(times);
                var toMicroseconds = 1e6 / Stopwatch.Frequency;
                if (round >= 0)
                    measured[name].Add((times[count / 2] * toMicroseconds, times[(int)(count * 0.999)] * toMicroseconds,
                        times[^1] * toMicroseconds, count / elapsed.TotalSeconds));
            }
        foreach (var (name, runs) in measured)
            report.Append(CultureInfo.InvariantCulture,
                $"| {name} | {Median(runs.Select(r => r.P50)):f2} us | {Median(runs.Select(r => r.P999)):f1} us | "
                + $"{Median(runs.Select(r => r.Max)) / 1000:f2} ms | {Median(runs.Select(r => r.PerSecond)):n0} |\n");
        var (ours, file) = (measured[contenders[0].Name], measured[contenders[^1].Name]);
        report.Append(CultureInfo.InvariantCulture,
            $"\n`ProcessSafe` beside Serilog.Sinks.File, medians of the rounds' own ratios: p50 "
            + $"{Median(ours.Zip(file, (a, b) => a.P50 / b.P50)):f2}, time for all "
            + $"{Median(ours.Zip(file, (a, b) => b.PerSecond / a.PerSecond)):f2}.\n\n");
        Appends(report, rounds);
    }

    /// <summary>The append alone, without rendering.</summary>
    static void Appends(StringBuilder report, int rounds)
    {
        const int count = 10_000;
        List<double> mapped = [], written = [];
        for (var round = -1; round < rounds; round++)
        {
            var m = Append(directory => directory);
            var w = Append(directory => new WrittenDirectory(directory));
            if (round < 0) continue;
            mapped.Add(m);
            written.Add(w);
        }
        report.Append(CultureInfo.InvariantCulture,
            $"The append alone, with number, frame and checksum: {Median(mapped):f0} ns into mapped memory, {Median(written):f0} ns as "
            + $"one write call. Rendering alone: {Median(Enumerable.Range(0, rounds).Select(_ => Render())):f0} ns.\n");

        report.Append(CultureInfo.InvariantCulture,
            $"A note in the bookmark: {Median(Enumerable.Range(0, rounds).Select(_ => Note(sync: false))):f1} us, synced, as at each "
            + $"cut, {Median(Enumerable.Range(0, rounds).Select(_ => Note(sync: true))):f0} us; the same as a new file that takes the "
            + $"old one's name: {Median(Enumerable.Range(0, rounds).Select(_ => Rename())):f1} us.\n");

        static double Note(bool sync)
        {
            using var folder = new TempDirectory();
            using var bookmark = Bookmark.Open(new PhysicalDirectory(folder.Path), "bookmark");
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; i <= 1_000; i++) bookmark.Write(new Progress(i, i, i, null), sync);
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds / 1_000;
        }

        static double Rename()
        {
            using var folder = new TempDirectory();
            var start = Stopwatch.GetTimestamp();
            for (var i = 1; i <= 1_000; i++)
            {
                File.WriteAllBytes(folder.File("new"), new byte[100]);
                File.Move(folder.File("new"), folder.File("bookmark"), overwrite: true);
            }
            return Stopwatch.GetElapsedTime(start).TotalMicroseconds / 1_000;
        }

        static double Render()
        {
            var formatter = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), "20261121T080000-1");
            return PerCall(100_000, _ => formatter.Format(Event));
        }

        static double Append(Func<StoreDirectory, StoreDirectory> wrap)
        {
            using var folder = new TempDirectory();
            var record = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), "20261121T080000-1")
                .Format(Event);
            using var segment = RecordSegment.Create(wrap(new PhysicalDirectory(folder.Path)), "a~b~000001.records", 8 * 1024 * 1024);
            return PerCall(count, i => segment.Append(record, i + 1, RecordFrame.LengthOf(record, i + 1)));
        }

        // The median of runs of a hundred, so that what else the machine does meets few of them.
        static double PerCall(int calls, Action<int> call)
        {
            const int run = 100;
            var times = new double[calls / run];
            for (var i = 0; i < times.Length; i++)
            {
                var start = Stopwatch.GetTimestamp();
                for (var j = 0; j < run; j++) call(i * run + j);
                times[i] = Stopwatch.GetElapsedTime(start).TotalNanoseconds / run;
            }
            return Median(times);
        }
    }

    static double Ours(bool sync, int count)
    {
        using var folder = new TempDirectory();
        var (logger, owned) = Sink(new PhysicalDirectory(folder.Path), sync ? Durability.PowerSafe : Durability.ProcessSafe);
        var start = Stopwatch.GetTimestamp();
        for (var i = 0; i < count; i++) logger.Write(Event);
        if (sync) ((SinkOwner)owned).Sink.SyncSpool();
        var elapsed = Stopwatch.GetElapsedTime(start);
        var stats = ((SinkOwner)owned).Sink.Stats;
        if (stats.Spooled != count) throw new InvalidOperationException($"The spool holds {stats.Spooled} of {count} events.");
        owned.Dispose();
        return count / elapsed.TotalSeconds;
    }

    static KeyRing SomeKey => KeyRing.Parse($"bench:{Convert.ToBase64String(new byte[32])}");

    static (ILogger, IDisposable) Sink(StoreDirectory root, Durability durability, KeyRing? keys = null)
    {
        var options = new TemporalSinkOptions
        {
            Source = "orders", Durability = durability,
            Timeouts = { Close = TimeSpan.Zero, BackPressure = TimeSpan.FromSeconds(10) },
            Limits = { SpoolBytesMax = 4L << 30 }, Codec = { EncryptionKeys = keys },
        };
        var sink = new TemporalSink(SinkOptionsReader.Settle(options, _ => null), new Away(), root, "nowhere:7233");
        return (new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger(), new SinkOwner(sink));
    }

    static (ILogger, IDisposable) Own(Serilog.Core.Logger logger) => (logger, logger);

    sealed class SinkOwner(TemporalSink sink) : IDisposable
    {
        public TemporalSink Sink => sink;
        public void Dispose() => sink.Dispose();
    }

    sealed class Away : IBatchStarter
    {
        public Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken) =>
            Task.FromResult(new PublishOutcome(OutcomeKind.Unreachable, "Away."));
    }
}
