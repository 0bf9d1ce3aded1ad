using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>Many small batches of one run that wait for a worker: it gets them in any order and writes them in theirs.</summary>
public sealed class BacklogTests(ITestOutputHelper output)
{
    const int RecordsOfBatch = 10;
    const string Source = "backlog";

    [SkippableFact]
    public async Task ABacklogOfSmallBatchesIsWrittenInItsOrder()
    {
        RealServers.SkipIfMissing();
        var batches = LongRuns.Choose(usual: 300, @long: 1_500);
        using var folder = new TempDirectory();
        var logs = folder.File("logs");
        Directory.CreateDirectory(logs);
        await using var temporal = await TemporalServer.StartNewAsync(folder.File("temporal.db"));
        var records = batches * RecordsOfBatch;
        await LogAsync(temporal.Address, folder.File("spool"), records);

        await using var worker = WorkerProgram.StartDaemon(temporal.Address, logs);
        await ReachAsync(1);
        var watch = Stopwatch.StartNew();
        await ReachAsync(records);
        var pace = batches / watch.Elapsed.TotalSeconds;

        output.WriteLine($"{batches:n0} batches of {RecordsOfBatch} records in {watch.Elapsed.TotalSeconds:0.0} s from the first line: {pace:0} batches a second");
        WrittenRecord.ReadChannel(logs, "app").Select(line => line.Sequence).ShouldBe(Enumerable.Range(1, records).Select(number => (long)number));

        Task ReachAsync(int lines) => Eventually.TrueAsync(() => Task.FromResult(WrittenRecord.CountLines(logs) >= lines),
            TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(50), () => worker.Everything);
    }

    /// <summary>Returns when Temporal has all.</summary>
    static async Task LogAsync(string address, string spool, int records)
    {
        var options = new TemporalSinkOptions
        {
            Address = address,
            Source = Source,
            SpoolDirectory = spool,
            Limits = { BatchRecordsMax = RecordsOfBatch },
            Timeouts = { Close = TimeSpan.FromMinutes(2) },
        };
        await using var sink = new TemporalSink(options, ignoreEnvironment: true);
        using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        for (var i = 1; i <= records; i++) logger.Information("Record {Number} of a backlog", i);
    }
}
