using System.Diagnostics;
using LogPipeline.EndToEnd.Support;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using Serilog;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>The worker halted for so long that Temporal gives its tasks up, and told to end in the middle of its work.</summary>
public sealed class WorkerSignalTests(ITestOutputHelper output)
{
    static readonly TimeSpan LongWait = TimeSpan.FromMinutes(4);

    /// <summary>Beyond the ten seconds after which Temporal gives a workflow task out again.</summary>
    static readonly TimeSpan Halt = LongRuns.Choose(usual: TimeSpan.FromSeconds(13), @long: TimeSpan.FromSeconds(60));

    [SkippableFact]
    public async Task AWorkerHaltedBeyondTemporalsTimeoutsLosesAndDoublesNothingAndKeepsItsDirectory()
    {
        RealServers.SkipIfMissing();
        await using var pipeline = await Pipeline.StartNewAsync();
        await using var load = new Load(pipeline);
        await load.WrittenAsync(1_000, LongWait);

        pipeline.Worker.Pause();
        var halted = Stopwatch.StartNew();
        // One that is started because the other seems dead must not write beside it.
        await using (var second = await WorkerProgram.RunAsync(["--daemon"],
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = pipeline.Temporal.Address, ["LOG_DIRECTORY"] = pipeline.LogDirectory }))
        {
            second.ExitCode.ShouldBe(1, second.Everything);
            second.Errors.ShouldContain($"in use by logworker, pid {pipeline.Worker.Id} on {Environment.MachineName}");
        }
        var written = WrittenRecord.CountLines(pipeline.LogDirectory);
        if (Halt > halted.Elapsed) await Task.Delay(Halt - halted.Elapsed);
        WrittenRecord.CountLines(pipeline.LogDirectory).ShouldBe(written);
        pipeline.Worker.Resume();

        await load.WrittenAsync(1_000, LongWait);
        var found = await load.EndAsync();
        output.WriteLine($"halted for {Halt.TotalSeconds:0} s under load: {load.Records:n0} records accepted, {found.Records:n0} "
            + $"written, {found.Lost} lost, {found.Duplicate} duplicate, {found.Reordered} reordered, {found.Corrupt} corrupt");
    }

    [SkippableFact]
    public async Task AWorkerToldToEndInTheMiddleOfItsWorkEndsInTimeWithNothingHalfDone()
    {
        RealServers.SkipIfMissing();
        var ends = LongRuns.Choose(usual: 2, @long: 20);
        var chance = new Random(ends);
        var longest = TimeSpan.Zero;
        await using var pipeline = await Pipeline.StartNewAsync();
        await using var load = new Load(pipeline);
        for (var end = 0; end < ends; end++)
        {
            await load.WrittenAsync(300, LongWait);
            await Task.Delay(chance.Next(1, 300));
            var watch = Stopwatch.StartNew();
            // The program promises 30 s; a machine that is busy with other things gets more here.
            (await pipeline.Worker.StopAsync(TimeSpan.FromSeconds(90))).ShouldBeTrue(pipeline.WorkerSaid());
            longest = watch.Elapsed > longest ? watch.Elapsed : longest;
            pipeline.Worker.ExitCode.ShouldBe(0, pipeline.WorkerSaid());
            pipeline.Worker.Output.ShouldContain("Stopped: ");
            (await Verification.RunAsync(pipeline.LogDirectory)).ShouldSatisfyAllConditions(
                found => found.Unfinished.ShouldBe(0, found.Text),
                found => found.Duplicate.ShouldBe(0, found.Text),
                found => found.Corrupt.ShouldBe(0, found.Text));
            pipeline.StartWorker();
        }
        await load.WrittenAsync(300, LongWait);
        var all = await load.EndAsync();
        output.WriteLine($"{ends} times SIGTERM under load, the longest end took {longest.TotalSeconds:0.0} s: {load.Records:n0} records "
            + $"accepted, {all.Records:n0} written, {all.Lost} lost, {all.Duplicate} duplicate, {all.Reordered} reordered, "
            + $"{all.Corrupt} corrupt");
    }

    /// <summary>Records without a pause, to three channels, about 500 a second.</summary>
    sealed class Load : IAsyncDisposable
    {
        readonly Pipeline _pipeline;
        readonly TemporalSink _sink;
        readonly Acknowledged _acknowledged;
        readonly CancellationTokenSource _stop = new();
        readonly Task _logging;

        public Load(Pipeline pipeline)
        {
            _pipeline = pipeline;
            _acknowledged = new Acknowledged(pipeline.File("acks"));
            _sink = new TemporalSink(new TemporalSinkOptions
            {
                Address = pipeline.Temporal.Address, Source = Pipeline.Source, SpoolDirectory = pipeline.SpoolDirectory,
                // Many small batches of one instance, which wait for one another; half of what the development server gets along with.
                FlushInterval = TimeSpan.FromMilliseconds(100),
            }, ignoreEnvironment: true);
            _logging = Task.Run(LogAsync);
        }

        public long Records => _acknowledged.Records;

        /// <summary>Waits until this many more lines are in the files.</summary>
        public Task WrittenAsync(long more, TimeSpan waitMax) =>
            _pipeline.LinesReachAsync(WrittenRecord.CountLines(_pipeline.LogDirectory) + more, waitMax);

        /// <summary>Ends logging, and compares when all is written.</summary>
        public async Task<Verification> EndAsync()
        {
            await StopAsync();
            await _acknowledged.NoteAsync(_sink, Pipeline.Source, LongWait);
            await _pipeline.LinesReachAsync(_acknowledged.Records, LongWait);
            // It finishes what it holds, a second copy of a task too.
            (await _pipeline.Worker.StopAsync(TimeSpan.FromSeconds(90))).ShouldBeTrue(_pipeline.WorkerSaid());
            var found = await Verification.RunAsync(_pipeline.LogDirectory, _pipeline.File("acks"));
            found.Lost.ShouldBe(0, found.Text);
            found.Reordered.ShouldBe(0, found.Text);
            found.Duplicate.ShouldBe(0, found.Text);
            found.Corrupt.ShouldBe(0, found.Text);
            found.Records.ShouldBe(_acknowledged.Records);
            return found;
        }

        public async ValueTask DisposeAsync()
        {
            await StopAsync();
            await _sink.DisposeAsync();
            _stop.Dispose();
        }

        async Task StopAsync()
        {
            await _stop.CancelAsync();
            await _logging;
        }

        async Task LogAsync()
        {
            // Not disposed here: it would close the sink, whose figures are still waited for.
            var logger = new LoggerConfiguration().MinimumLevel.Verbose().WriteTo.Sink(_sink).CreateLogger();
            for (var i = 0; !_stop.IsCancellationRequested; i++)
            {
                logger.ForContext("channel", $"channel{i % 3}")
                    .Information("Record {Number} while the worker is told to do this and that", i);
                if (i % 10 == 9) await Task.Delay(20);
            }
        }
    }
}
