using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Serilog;

namespace LogPipeline.EndToEnd;

/// <summary>An error under backlog: it overtakes another application's records, and its own application's stand before it.</summary>
public sealed class UrgentBatchTests(PriorityTemporalServer temporal) : IClassFixture<PriorityTemporalServer>
{
    const int Backlog = 400;

    [SkippableFact]
    public async Task AnErrorOvertakesOtherSourcesAndNotItsOwn()
    {
        RealServers.SkipIfMissing();
        using var folder = new TempDirectory();
        Directory.CreateDirectory(folder.File("logs"));
        Log("busy", folder, logger =>
        {
            for (var i = 1; i <= Backlog; i++) logger.Information("Busy {Number}", i);
        });
        Log("quiet", folder, logger =>
        {
            for (var i = 1; i <= 5; i++) logger.Information("Quiet {Number}", i);
            logger.Error("It went wrong");
        });

        await using var worker = WorkerProgram.StartDaemon(temporal.Address, folder.File("logs"));
        await Eventually.TrueAsync(() => Task.FromResult(WrittenRecord.CountLines(folder.File("logs")) == Backlog + 6),
            TimeSpan.FromMinutes(3), explain: () => worker.Everything);
        var lines = WrittenRecord.ReadChannel(folder.File("logs"), "app");
        lines.Where(line => line.Source == "quiet").Select(line => line.Sequence).ShouldBe([1, 2, 3, 4, 5, 6]);
        lines.Where(line => line.Source == "busy").Select(line => line.Sequence)
            .ShouldBe(Enumerable.Range(1, Backlog).Select(number => (long)number));
        // Last in, and out before most of what came earlier.
        lines.TakeWhile(line => line.Level != "error").Count().ShouldBeLessThan(Backlog * 3 / 4, worker.Everything);
    }

    // A batch for each event, and all of them at Temporal when it returns.
    void Log(string source, TempDirectory folder, Action<ILogger> log)
    {
        using var logger = new LoggerConfiguration().WriteTo.Temporal(options =>
        {
            options.Address = temporal.Address;
            options.Source = source;
            options.SpoolDirectory = folder.File("spool");
            options.Limits.BatchRecordsMax = 1;
            options.Timeouts.Close = TimeSpan.FromMinutes(1);
        }).CreateLogger();
        log(logger);
    }
}
