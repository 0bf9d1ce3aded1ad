using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Auditing;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;
using Serilog;
using Serilog.Core;

namespace LogPipeline.Tests.Publisher;

public sealed class AuditSinkTests
{
    readonly SinkRig _rig = new();
    FakeTemporal Temporal => _rig.Temporal;

    (Logger Logger, TemporalSink Sink) Open()
    {
        var sink = _rig.Open(audits: true);
        return (new LoggerConfiguration().AuditTo.Sink(new AuditSink(sink)).CreateLogger(), sink);
    }

    [Fact]
    public async Task LoggingReturnsWhenTemporalHasAnswered()
    {
        var (logger, sink) = Open();
        var answer = new SyncPoint();
        Temporal.Instead = async (batch, _) =>
        {
            await answer.ReachAsync();
            return PublishOutcome.Accepted;
        };
        var logging = Task.Run(() => logger.Information("one"));
        await answer.ReachedAsync();
        logging.IsCompleted.ShouldBeFalse();
        answer.Release();
        await logging.WaitAsync(TimeSpan.FromSeconds(10));
        sink.Stats.Accepted.ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task WhileTemporalIsAwayLoggingReturnsWhenTheSpoolIsSynced()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root);
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open(audits: true);
        using var logger = new LoggerConfiguration().AuditTo.Sink(new AuditSink(sink)).CreateLogger();
        for (var i = 1; i <= 5; i++) logger.Information("m" + i);
        sink.Stats.Spooled.ShouldBe(5);
        await rig.CloseAsync(sink);

        // The power goes: only what was synced is there afterwards.
        disk.Restart(StoreCrash.PowerCut);
        var next = new SinkRig(disk.Root);
        var sender = next.Open();
        await next.UntilAsync(sender, stats => stats.Accepted == 5);
        next.Temporal.Messages.ShouldBe(["m1", "m2", "m3", "m4", "m5"]);
        await next.CloseAsync(sender);
    }

    [Fact]
    public async Task LoggingThrowsWhenNeitherTemporalNorTheSpoolTakesTheEvent()
    {
        _rig.Options = _rig.Options with { SpoolBytesMax = 64 * 1024, AuditTimeout = TimeSpan.FromSeconds(10) };
        Temporal.Instead = FakeTemporal.Away;
        var (logger, sink) = Open();
        var thrown = Should.Throw<AggregateException>(() =>
        {
            for (var i = 0; i < 1000; i++) logger.Information("{Text}", new string('x', 10_000));
        }).InnerException.ShouldBeOfType<EventNotAcceptedException>();
        thrown.Message.ShouldContain("spool");
        var stats = sink.Stats;
        stats.DroppedByReason[DropReason.SpoolFull].ShouldBe(1);
        stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task LoggingThrowsWhenTemporalRefusesTheEventForGood()
    {
        Temporal.Instead = (_, _) => Task.FromResult(new PublishOutcome(OutcomeKind.Refused, "Too large."));
        var (logger, sink) = Open();
        Should.Throw<AggregateException>(() => logger.Information("one")).InnerException!.Message.ShouldContain("Too large.");
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task LoggingWaitsNoLongerThanTheAuditTimeout()
    {
        _rig.Options = _rig.Options with { AuditTimeout = TimeSpan.FromMilliseconds(200) };
        Temporal.Instead = FakeTemporal.Hang;
        var (logger, sink) = Open();
        Should.Throw<AggregateException>(() => logger.Information("one")).InnerException!.Message.ShouldContain("within 200ms");
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AClosedAuditLogThrows()
    {
        var (logger, sink) = Open();
        await _rig.CloseAsync(sink);
        Should.Throw<AggregateException>(() => logger.Information("late")).InnerException.ShouldBeOfType<EventNotAcceptedException>();
    }

    [Fact]
    public async Task AThreadWithASynchronizationContextIsNotDeadlocked()
    {
        var (logger, sink) = Open();
        var done = new TaskCompletionSource();
        var thread = new Thread(() =>
        {
            // Takes what is posted and runs none of it, as a user interface whose thread is busy.
            SynchronizationContext.SetSynchronizationContext(new BusyContext());
            logger.Information("one");
            done.SetResult();
        }) { IsBackground = true };
        thread.Start();
        await done.Task.WaitAsync(TimeSpan.FromSeconds(20));
        sink.Stats.Accepted.ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ManyThreadsAtOnceAreEachToldOfTheirOwnEvent()
    {
        var (logger, sink) = Open();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, (i, _) =>
        {
            logger.Information("m" + i);
            Temporal.Messages.ShouldContain("m" + i);
            return ValueTask.CompletedTask;
        });
        sink.Stats.Accepted.ShouldBe(200);
        Temporal.ShouldBeWhole();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task WhatTheSinksOwnWorkLogsBreaksNothing()
    {
        var (logger, sink) = Open();
        Temporal.Instead = (_, _) =>
        {
            logger.Information("sent a request");
            return Task.FromResult(PublishOutcome.Accepted);
        };
        logger.Information("one");
        sink.Stats.DroppedByReason[DropReason.Reentrant].ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public void FinalFilesAreNoFallbackForAnAudit() =>
        Should.Throw<ConfigurationException>(() => new LoggerConfiguration().AuditTo.Temporal(options => options.Fallback = TemporalFallback.WriteFile, ignoreEnvironment: true))
            .Message.ShouldBe("Fallback was 'WriteFile'; use Spool with AuditTo.Temporal, as only the spool is synced.");

    [Fact]
    public void LevelAndSwitchAreTakenByTheAuditSinkToo()
    {
        using var folder = new TempDirectory();
        var levels = new LoggingLevelSwitch(Serilog.Events.LogEventLevel.Error);
        using var logger = new LoggerConfiguration()
            .AuditTo.Temporal(address: "127.0.0.1:1", source: "audit", spoolDirectory: folder.Path, ignoreEnvironment: true, levelSwitch: levels).CreateLogger();
        logger.IsEnabled(Serilog.Events.LogEventLevel.Warning).ShouldBeTrue();
        logger.Warning("below the sink's level: nothing is waited for");
        logger.Error("kept");
        Directory.EnumerateFiles(folder.Path, "*", SearchOption.AllDirectories).Sum(file => new FileInfo(file).Length).ShouldBeGreaterThan(100);
    }

    sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) { }
    }
}
