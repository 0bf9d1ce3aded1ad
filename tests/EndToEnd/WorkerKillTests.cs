using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The worker killed with -9 while it writes, again and again, and a shipper that reads its files all the time.</summary>
public sealed class WorkerKillTests(ITestOutputHelper output)
{
    const string Source = "workerkills";
    static readonly TimeSpan LongWait = TimeSpan.FromMinutes(3);

    [SkippableFact]
    public async Task AWorkerKilledAgainAndAgainWritesEveryRecordOnceAndEachReachesLokiOnce()
    {
        RealServers.SkipIfMissing();
        var (kills, recordsOfLife) = LongRuns.Choose(usual: (6, 2_000), @long: (200, 2_600));
        var chance = new Random(kills);
        using var directory = new TempDirectory();
        var (logs, acks) = (directory.File("logs"), directory.File("acks"));
        Directory.CreateDirectory(logs);
        await using var server = new EmbeddedServerProgram(directory.File("server"));
        await server.StartAsync();
        await using var loki = await LokiServer.StartNewAsync(directory.File("loki"));
        await using var promtail = PromtailProcess.StartNew(logs, loki.Url, directory.File("positions.yaml"));
        var acknowledged = new Acknowledged(acks);
        var watch = Stopwatch.StartNew();

        var torn = 0;
        for (var kill = 0; kill < kills; kill++)
        {
            // Each worker finds a new instance of the application, whose batches wait for nobody; those of earlier ones come
            // back when the tasks that the killed workers held have timed out.
            var logging = LogAsync(server.Address, directory.File($"spool{kill}"), recordsOfLife, acknowledged);
            await using (var worker = StartWorker(server.Address, logs))
            {
                var before = Bytes(logs);
                await Eventually.TrueAsync(() => Task.FromResult(Bytes(logs) > before), LongWait, TimeSpan.FromMilliseconds(10), () =>
                    $"{worker.Everything}\n{server.Everything}");
                await Task.Delay(chance.Next(1, 400));
                await worker.KillAsync();
            }
            if (EndsTorn(logs)) torn++;
            await logging;
        }
        var killing = watch.Elapsed;

        await using var last = StartWorker(server.Address, logs);
        await Eventually.GetAsync(() => Task.FromResult(WrittenRecord.CountLines(logs)), lines => lines >= acknowledged.Records,
            TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(500), () => $"{last.Everything}\n{server.Everything}");
        (await last.StopAsync(LongWait)).ShouldBeTrue(last.Everything);
        var found = await Verification.RunAsync(logs, acks);
        var shipped = await Eventually.GetAsync(() => promtail.WhileItRunsAsync(() => loki.CountAsync("{channel=~\".+\"}")),
            count => count >= acknowledged.Records, TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), () => promtail.Everything);
        var labelled = await loki.CountAsync($"{{source=\"{Source}\"}}");

        output.WriteLine($"{kills} kills in {killing.TotalSeconds:0} s, {acknowledged.Records:n0} records accepted, {found.Records:n0} "
            + $"written, {shipped:n0} in Loki; "
            + $"{found.Lost} lost, {found.Duplicate} duplicate, {found.Reordered} reordered, {found.Corrupt} corrupt; {torn} kills left "
            + $"a torn end ({watch.Elapsed.TotalSeconds:0} s in all)");
        acknowledged.Records.ShouldBe(kills * recordsOfLife);
        found.Lost.ShouldBe(0, found.Text);
        found.Duplicate.ShouldBe(0, found.Text);
        found.Reordered.ShouldBe(0, found.Text);
        found.Corrupt.ShouldBe(0, found.Text);
        found.Records.ShouldBe(acknowledged.Records);
        shipped.ShouldBe(acknowledged.Records, "Anything more would be pieces of lines.");
        labelled.ShouldBe(acknowledged.Records, "Every entry was read as a whole record.");
    }

    static ChildProcess StartWorker(string address, string logs) =>
        WorkerProgram.StartDaemon(address, logs, new Dictionary<string, string> { ["LOG_FILE_BYTES_MAX"] = "4MiB" });

    /// <summary>A start of an application that logs at a pace, to three channels.</summary>
    static async Task LogAsync(string address, string spool, int records, Acknowledged acknowledged)
    {
        var options = new TemporalSinkOptions { Address = address, Source = Source, SpoolDirectory = spool,
            FlushInterval = TimeSpan.FromMilliseconds(50) };
        await using var sink = new TemporalSink(options, ignoreEnvironment: true);
        using var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(sink).CreateLogger();
        for (var i = 0; i < records; i++)
        {
            logger.ForContext("channel", $"channel{i % 3}").Information("Record {Number} of a run in which the worker is killed", i);
            if (i % 50 == 49) await Task.Delay(20);
        }
        await acknowledged.NoteAsync(sink, Source, LongWait);
    }

    static long Bytes(string logs) =>
        Directory.EnumerateFiles(logs, "*.clef", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length);

    static bool EndsTorn(string logs)
    {
        foreach (var file in Directory.EnumerateFiles(logs, "*.clef", SearchOption.AllDirectories))
        {
            using var stream = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (stream.Length == 0) continue;
            stream.Seek(-1, SeekOrigin.End);
            if (stream.ReadByte() != '\n') return true;
        }
        return false;
    }
}
