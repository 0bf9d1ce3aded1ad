using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;
using Serilog;
using Serilog.Core;

namespace LogPipeline.Tests.Publisher;

public sealed class AuditSinkTests
{
    readonly InMemoryDisk _disk = new();
    readonly SinkRig _rig;

    public AuditSinkTests() => _rig = new SinkRig(_disk.Root);

    public static TheoryData<Durability> Durabilities => [.. Enum.GetValues<Durability>()];

    FakeTemporal Temporal => _rig.Temporal;

    (Logger Logger, TemporalSink Sink) Open()
    {
        var sink = _rig.Open(audits: true);
        return (new LoggerConfiguration().AuditTo.Sink(sink).CreateLogger(), sink);
    }

    [Theory, MemberData(nameof(Durabilities))]
    public async Task WhatWasLoggedIsThereAfterAPowerCutWhateverDurabilitySays(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Limits.SpoolBytesMax = 256 * 1024;
        _rig.Options.Limits.EventBytesMax = 16 * 1024;
        Temporal.Instead = FakeTemporal.Away;
        var (logger, _) = Open();
        // More than one file holds: the name of each must be durable too.
        string[] logged = [.. Enumerable.Range(1, 60).Select(i => $"m{i} {new string('x', 2_000)}")];
        foreach (var message in logged) logger.Information(message);
        // Only what was synced is there afterwards.
        _disk.Restart(StoreCrash.PowerCut);

        var next = new SinkRig(_disk.Root);
        var sender = next.Open();
        await next.UntilAsync(sender, stats => stats.Accepted == logged.Length);
        next.Temporal.Messages.ShouldBe(logged);
        await next.CloseAsync(sender);
    }

    [Fact]
    public async Task ATemporalThatHangsIsNotWaitedFor()
    {
        Temporal.Instead = FakeTemporal.Hang;
        var (logger, sink) = Open();
        for (var i = 1; i <= 5; i++) logger.Information("m" + i);
        sink.Stats.Spooled.ShouldBe(5);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task LoggingThrowsWhenTheSpoolIsFull()
    {
        _rig.Options.Limits.SpoolBytesMax = 64 * 1024;
        _rig.Options.Limits.EventBytesMax = 16 * 1024;
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromMilliseconds(50);
        Temporal.Instead = FakeTemporal.Away;
        var (logger, sink) = Open();
        var kept = 0;
        Should.Throw<AggregateException>(() =>
        {
            for (; kept < 1000; kept++) logger.Information("{Text}", new string('x', 10_000));
        }).InnerException.ShouldBeOfType<EventNotAcceptedException>().Message.ShouldContain("spool");
        sink.Stats.Spooled.ShouldBe(kept + sink.Stats.Notices);
        sink.Stats.Dropped.ShouldBe(1);
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public void LoggingThrowsWhenTheDiskDoesNotSync()
    {
        var (logger, _) = Open();
        _disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        Should.Throw<AggregateException>(() => logger.Information("one")).InnerException.ShouldBeOfType<EventNotAcceptedException>();
    }

    [Fact]
    public async Task LoggingThrowsWhenTheDiskHangsLongerThanTheAuditTimeout()
    {
        _rig.Options.Timeouts.Audit = TimeSpan.FromMilliseconds(300);
        var (logger, sink) = Open();
        var atTheDisk = new SyncPoint { WaitMax = TimeSpan.FromMinutes(2) };
        _disk.Fault = operation =>
        {
            if (operation.Verb == StoreVerb.Sync) atTheDisk.Reach();
            return null;
        };
        var begun = Stopwatch.GetTimestamp();
        var error = Should.Throw<AggregateException>(() => logger.Information("one"));
        error.InnerException.ShouldBeOfType<EventNotAcceptedException>().Message.ShouldBe(
            "The event was not synced within 300ms (Timeouts.Audit).");
        Stopwatch.GetElapsedTime(begun).ShouldBeInRange(TimeSpan.FromMilliseconds(290), TimeSpan.FromSeconds(10));
        _disk.Fault = null;
        atTheDisk.Release();
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
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ManyThreadsAtOnceLoseNothingInAPowerCut()
    {
        Temporal.Instead = FakeTemporal.Away;
        var (logger, _) = Open();
        await Parallel.ForEachAsync(Enumerable.Range(0, 200), new ParallelOptions { MaxDegreeOfParallelism = 16 }, (i, _) =>
        {
            logger.Information("m" + i);
            return ValueTask.CompletedTask;
        });
        _disk.Restart(StoreCrash.PowerCut);
        var next = new SinkRig(_disk.Root);
        var sender = next.Open();
        await next.UntilAsync(sender, stats => stats.Accepted == 200);
        next.Temporal.Messages.Order().ShouldBe(Enumerable.Range(0, 200).Select(i => "m" + i).Order());
        await next.CloseAsync(sender);
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
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        sink.Stats.DroppedByReason[DropReason.Reentrant].ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public void FinalFilesAreNoFallbackForAnAudit() =>
        Should.Throw<ConfigurationException>(() =>
            new LoggerConfiguration().AuditTo.Temporal(options =>
                options.Fallback.Mode = TemporalFallback.WriteFile, ignoreEnvironment: true))
            .Message.ShouldBe("Fallback.Mode was 'WriteFile'; use Spool with AuditTo.Temporal: only the spool is synced.");

    [Fact]
    public async Task WhatIsAuditedIsNeitherSampledNorFoldedNorShed()
    {
        _rig.Options = _rig.Options with
        {
            Sampling = _rig.Options.Sampling with { Information = 1_000, RepeatWindow = TimeSpan.FromHours(1), ShedPercent = 1 },
            Limits = _rig.Options.Limits with { SpoolBytesMax = 64 * 1024, EventBytesMax = 16 * 1024 },
        };
        Temporal.Instead = FakeTemporal.Away;
        var (logger, sink) = Open();
        for (var i = 1; i <= 50; i++) logger.Information("the same again");
        (sink.Stats.Emitted, sink.Stats.Filtered, sink.Stats.Dropped).ShouldBe((50, 0, 0));
        sink.Stats.Spooled.ShouldBe(50 + sink.Stats.Notices);
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    public void WhateverDurabilitySaysAnAuditedEventIsInTheSpoolWhenTheCallReturns(Durability durability)
    {
        using var folder = new TempDirectory();
        using var logger = new LoggerConfiguration().AuditTo.Temporal(options =>
        {
            options.Address = "127.0.0.1:1";
            options.SpoolDirectory = folder.Path;
            options.Durability = durability;
            options.Timeouts.Close = TimeSpan.Zero;
        }, ignoreEnvironment: true).CreateLogger();
        logger.Information("a canary sings");
        var slot = SpoolFolder.Open(folder.Path).Directory("0");
        using var file = slot.Open(slot.List().Single(name => name.EndsWith("000001.records")), StoreOpen.Read);
        var bytes = new byte[16 * 1024];
        bytes.AsSpan(0, file.Read(bytes, 0)).IndexOf("a canary sings"u8).ShouldBeGreaterThan(0);
    }

    sealed class BusyContext : SynchronizationContext
    {
        public override void Post(SendOrPostCallback d, object? state) { }
    }
}
