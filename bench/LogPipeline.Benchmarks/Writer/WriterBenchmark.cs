using System.Diagnostics;
using LogPipeline.Benchmarks.Spool;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Claims;
using LogPipeline.Worker.Files;
using LogPipeline.Workflows;

namespace LogPipeline.Benchmarks.Writer;

// Each round: the writer writes batches from memory, and how many bytes it wrote between one sync and the next is noted; then a
// plain loop writes as many bytes with as many syncs, in that rhythm, into one file of the same disk, one behind the other; then
// such a loop writes the lines alone, one sync where the writer has a group. The order changes from round to round.

/// <summary>The worker's writer alone, synced, beside plain sequential writes.</summary>
static class WriterBenchmark
{
    static readonly Setting[] Settings = [new(1, 16, 400), new(1, 256, 200), new(16, 256, 400), new(64, 256, 600), new(64, 1024, 200)];

    public static async Task<int> RunAsync(IReadOnlyList<string> arguments)
    {
        var rounds = arguments is ["--rounds", var text, ..]
            && int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given > 0 ? given : 7;
        var machine = Machine.Describe();
        using var folder = new TempDirectory();
        var report = new StringBuilder();
        report.Append(CultureInfo.InvariantCulture, $"# The worker's writer\n\n{machine}\n\n");
        report.Append(CultureInfo.InvariantCulture,
            $"Batches from memory to a real directory ({new DriveInfo(folder.Path).DriveFormat}), one channel, until all are synced and "
            + $"have their receipt; medians of {rounds} rounds in turns, ratios of each round's own runs.\n\n");
        report.Append("**same calls**: a loop that writes as many bytes with as many syncs in the same rhythm, one behind the other into "
            + "one file (`pwrite` of 1 MiB at most, `fdatasync`). The writer writes each line twice: first to its intents, then to "
            + "the file.\n");
        report.Append("**lines once**: the same loop with the lines alone and one sync a group, which is what a writer would do that may "
            + "tear and repeat lines.\n\n");
        report.Append("| batches in flight | batch | writer, MB/s of lines | batches a sync | same calls, MB/s | ratio | lines once, "
            + "MB/s | ratio |\n| ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |\n");
        foreach (var setting in Settings)
        {
            var batches = setting.Make();
            await MeasureAsync(folder, setting, batches, isReverse: false);
            var measured = new List<Measurement>();
            for (var round = 0; round < rounds; round++) measured.Add(await MeasureAsync(folder, setting, batches, round % 2 == 1));
            var megabytes = batches.Sum(batch => (long)batch.Lines.Length) / 1e6;
            report.Append(CultureInfo.InvariantCulture,
                $"| {setting.InFlight} | {setting.Kilobytes} KiB | {Median(measured.Select(m => megabytes / m.Writer)):n0} | "
                + $"{Median(measured.Select(m => m.BatchesAGroup)):f1} ");
            report.Append(CultureInfo.InvariantCulture,
                $"| {Median(measured.Select(m => megabytes / m.SameCalls)):n0} | "
                + $"{Median(measured.Select(m => m.SameCalls / m.Writer)):f2} ");
            report.Append(CultureInfo.InvariantCulture,
                $"| {Median(measured.Select(m => megabytes / m.LinesOnce)):n0} | "
                + $"{Median(measured.Select(m => m.LinesOnce / m.Writer)):f2} |\n");
        }
        Console.Write(report);
        if (arguments.Contains("--keep")) await Results.KeepAsync("writer.md", report.ToString());
        return 0;
    }

    static async Task<Measurement> MeasureAsync(TempDirectory folder, Setting setting, PreparedBatch[] batches, bool isReverse)
    {
        var (writer, rhythm, groups) = await WriteAsync(folder.File("logs"), setting, batches);
        TimeSpan same = default, once = default;
        Action[] loops = [() => same = rhythm.Replay(folder.File("plain")), () => once = SyncRhythm.Replay(folder.File("plain"), groups)];
        foreach (var loop in isReverse ? loops.Reverse() : loops)
        {
            loop();
            Directory.Delete(folder.File("plain"), recursive: true);
        }
        return new Measurement(writer.TotalSeconds, same.TotalSeconds, once.TotalSeconds, (double)batches.Length / groups.Count);
    }

    static async Task<(TimeSpan Elapsed, SyncRhythm Rhythm, List<long> Groups)> WriteAsync(string path, Setting setting,
        PreparedBatch[] batches)
    {
        var rhythm = new SyncRhythm();
        var groups = new List<long>();
        var root = new WrittenDirectory(new PhysicalDirectory(path), rhythm.OnWrite, rhythm.OnSync);
        var writer = new LogWriter(root, new LogWriterOptions(), TimeProvider.System, new GroupSizes(groups));
        writer.Start();
        var start = Stopwatch.GetTimestamp();
        var next = -1;
        await Task.WhenAll(Enumerable.Range(0, setting.InFlight).Select(_ => Task.Run(async () =>
        {
            for (int i; (i = Interlocked.Increment(ref next)) < batches.Length;) await writer.WriteAsync(batches[i]);
        })));
        var elapsed = Stopwatch.GetElapsedTime(start);
        await writer.DisposeAsync();
        Directory.Delete(path, recursive: true);
        return (elapsed, rhythm, groups);
    }

    sealed record Setting(int InFlight, int Kilobytes, int Batches)
    {
        public PreparedBatch[] Make()
        {
            var line = Encoding.UTF8.GetBytes(
                """{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"Order {OrderId} for {Customer} was placed and is worth {Amount}","@m":"Order 4711 for \"Ada Lovelace\" was placed and is worth 12.5","OrderId":4711,"Customer":"Ada Lovelace","Amount":12.5,"level":"info","channel":"app","source":"bench","instance":"one","seq":1234567}""" + "\n");
            var records = Kilobytes * 1024 / line.Length;
            var lines = Enumerable.Repeat(line, records).SelectMany(bytes => bytes).ToArray();
            var part = new PreparedPart("app", lines.Length, records, Crc32C.Compute(lines));
            var batches = new PreparedBatch[Batches];
            for (var i = 0; i < Batches; i++)
                batches[i] = new PreparedBatch(new BatchId("bench", "one", 1L + (long)i * records), lines, [part],
                    i == 0 ? null : batches[i - 1].Id);
            return batches;
        }
    }

    sealed class GroupSizes(List<long> sizes) : IWriterObserver
    {
        void IWriterObserver.OnWritten(IReadOnlyList<(LedgerEntry Entry, PreparedBatch Batch)> batches, TimeSpan elapsed) =>
            sizes.Add(batches.Sum(one => (long)one.Batch.Lines.Length));
    }

    /// <summary>Seconds.</summary>
    sealed record Measurement(double Writer, double SameCalls, double LinesOnce, double BatchesAGroup);
}
