using System.Collections.Concurrent;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using Serilog;
using Serilog.Core;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>Serilog's WriteTo.Fallible and WriteTo.FallbackChain around the sink.</summary>
public sealed class FailureListenerTests
{
    readonly SinkRig _rig = new();
    readonly Collected _fallback = new();
    readonly Heard _heard = new();

    public FailureListenerTests()
    {
        _rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        _rig.Options.Timeouts.Close = TimeSpan.Zero;
        _rig.Options.Limits.SpoolBytesMax = 64 * 1024;
        _rig.Options.Limits.QueueCountMax = 50;
    }

    [Theory]
    [InlineData(Durability.ProcessSafe, 100)]
    [InlineData(Durability.ProcessSafe, 80)]
    [InlineData(Durability.Memory, 100)]
    [InlineData(Durability.Memory, 80)]
    public async Task OfMoreThanTheSpoolHoldsEachEventIsInTemporalOrInTheFallback(Durability durability, int shedPercent)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Sampling.ShedPercent = shedPercent;
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        var logger = Chain(sink);
        for (var round = 0; round < 10; round++)
        {
            Parallel.For(0, 100, i => logger.Information("{Id} {Text}", round * 100 + i, new string('x', 500)));
            _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        sink.Stats.Dropped.ShouldBeGreaterThan(500);
        _fallback.Events.Count.ShouldBe((int)sink.Stats.Dropped);
        _rig.Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 });
        await CloseAsync(logger);
        var stats = sink.Stats;
        _fallback.Events.Count.ShouldBe((int)stats.Dropped);
        stats.Balances.ShouldBeTrue();
        var sent = _rig.Temporal.Records.Where(record => record.TryGetProperty("Id", out _))
            .Select(record => record.GetProperty("Id").GetInt32());
        sent.Concat(_fallback.Ids).Order().ShouldBe(Enumerable.Range(0, 1_000));
    }

    [Fact]
    public async Task WhatTheSinkKeepsIsNotInTheFallback()
    {
        _rig.Options.Durability = Durability.ProcessSafe;
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        var logger = Chain(sink);
        for (var i = 0; i < 20; i++) logger.Information("{Id}", i);
        await _rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Open);
        await CloseAsync(logger);
        sink.Stats.Spooled.ShouldBe(20);
        _fallback.Events.ShouldBeEmpty();
    }

    [Fact]
    public async Task AnEventAfterTheCloseIsInTheFallback()
    {
        var sink = _rig.Open();
        var logger = Chain(sink);
        await _rig.CloseAsync(sink);
        logger.Information("{Id}", 7);
        _fallback.Ids.ShouldBe([7]);
        sink.Stats.Dropped.ShouldBe(1);
    }

    [Fact]
    public async Task WhatAFailingDiskDoesNotTakeAtTheCloseIsInTheFallback()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root) { Options = _rig.Options with { Sampling = _rig.Options.Sampling with { ShedPercent = 100 } } };
        var sink = rig.Open();
        var logger = Chain(sink);
        rig.Temporal.Instead = FakeTemporal.Away;
        disk.Fault = operation => operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        for (var i = 0; i < 100; i++) logger.Information("{Id}", i);
        var closing = logger.DisposeAsync().AsTask();
        await rig.UntilAsync(() => closing.IsCompleted);
        sink.Stats.DroppedByReason.Keys.ShouldContain(DropReason.DiskFailed);
        _fallback.Ids.Order().ShouldBe(Enumerable.Range(0, 100));
        _fallback.Events.Count.ShouldBe((int)sink.Stats.Dropped);
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task ABatchThatNeitherTemporalNorTheDiskTookIsInTheFallbackAtTheClose()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root) { Options = _rig.Options };
        var sink = rig.Open();
        var logger = Chain(sink);
        rig.Temporal.Instead = FakeTemporal.Away;
        disk.Fault = operation => operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        logger.Information("{Id}", 7);
        // It was tried, so it is held as the batch that it is and waits in the queue no more.
        await rig.UntilAsync(sink, stats => stats.LastError is not null);
        var closing = logger.DisposeAsync().AsTask();
        await rig.UntilAsync(() => closing.IsCompleted);
        _fallback.Ids.ShouldBe([7]);
    }

    /// <summary>One: the batch that was tried. The others wait behind it.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(20)]
    public async Task WhatIsLostAtTheCloseIsAFinalFailure(int count)
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root) { Options = _rig.Options };
        var sink = rig.Open();
        var logger = Listening(sink);
        rig.Temporal.Instead = FakeTemporal.Away;
        disk.Fault = operation =>
            operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        logger.Information("{Id}", 0);
        await rig.UntilAsync(sink, stats => stats.LastError is not null);
        for (var i = 1; i < count; i++) logger.Information("{Id}", i);
        var closing = logger.DisposeAsync().AsTask();
        await rig.UntilAsync(() => closing.IsCompleted);
        var lost = _heard.Failures.Where(failure => failure.Events is not null).ToList();
        lost.Sum(failure => failure.Events).ShouldBe(count);
        lost.ShouldAllBe(failure => failure.Kind == LoggingFailureKind.Final);
    }

    [Fact]
    public async Task ARefusedBatchThatCannotBeSetAsideIsInTheFallback()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root) { Options = _rig.Options };
        rig.Temporal.Instead = (_, _) => Task.FromResult(new PublishOutcome(OutcomeKind.Refused, "No."));
        var sink = rig.Open();
        var logger = Chain(sink);
        disk.Fault = operation => operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        for (var i = 0; i < 10; i++) logger.Information("{Id}", i);
        // They are counted before they are told.
        await rig.UntilAsync(() => _fallback.Events.Count == 10);
        sink.Stats.Dropped.ShouldBe(10);
        _fallback.Ids.ShouldBe(Enumerable.Range(0, 10));
        await rig.CloseAsync(sink);
    }

    [Fact]
    public async Task DamageFoundBeforeThereIsAListenerIsToldWithoutEvents()
    {
        var (bytes, frames) = JournalRig.Segment(4 * 1024);
        bytes[frames[0].End - 10] ^= 1;
        using (var file = _rig.Disk.Directory("1").Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        var sink = _rig.Open();
        await _rig.UntilAsync(sink, stats => stats.Accepted == frames.Count - 1);
        sink.Stats.DroppedByReason[DropReason.Damaged].ShouldBe(1);
        using var logger = new LoggerConfiguration().WriteTo.Fallible(to => to.Sink(sink), _heard).CreateLogger();
        _heard.Failures.ShouldBe([new Failure(LoggingFailureKind.Permanent, "1 events were dropped: Damaged.", null)]);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ATemporalThatIsAwayIsATemporaryFailureToldOnce()
    {
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        var logger = Listening(sink);
        logger.Information("{Id}", 1);
        await _rig.UntilAsync(() => sink.Stats.Breaker == BreakerState.Open && _heard.Failures.Count > 0);
        var told = _heard.Failures.ShouldHaveSingleItem();
        (told.Kind, told.Events).ShouldBe((LoggingFailureKind.Temporary, null));
        told.Message.ShouldContain("was not started at test:7233");
        await CloseAsync(logger);
    }

    [Fact]
    public async Task AClosedSinkIsAFinalFailureAndAFullOneAPermanentOne()
    {
        _rig.Options.Durability = Durability.ProcessSafe;
        _rig.Options.Sampling.ShedPercent = 100;
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        var logger = Listening(sink);
        while (sink.Stats.Dropped == 0) logger.Information("{Text}", new string('x', 1_000));
        var full = _heard.Failures.Last(failure => failure.Kind != LoggingFailureKind.Temporary);
        (full.Kind, full.Message, full.Events).ShouldBe((LoggingFailureKind.Permanent, "An event was dropped: SpoolFull.", 1));
        await _rig.CloseAsync(sink);
        logger.Information("late");
        var late = _heard.Failures.Last();
        (late.Kind, late.Message, late.Events).ShouldBe((LoggingFailureKind.Final, "An event was dropped: Closed.", 1));
        _heard.Failures.ShouldNotContain(failure => failure.Kind == LoggingFailureKind.Temporary && failure.Events != null);
    }

    [Fact]
    public async Task AListenerThatLogsThroughTheSameLoggerDoesNotGoRoundForEver()
    {
        var sink = _rig.Open();
        var logger = Listening(sink);
        _heard.Then = () => logger.Information("an event was lost");
        await _rig.CloseAsync(sink);
        logger.Information("late");
        _heard.Failures.ShouldHaveSingleItem();
        sink.Stats.Dropped.ShouldBe(2);
    }

    [Fact]
    public async Task AListenerThatThrowsDisturbsNobody()
    {
        var sink = _rig.Open();
        var logger = Listening(sink);
        _heard.Then = () => throw new InvalidOperationException("broken");
        await _rig.CloseAsync(sink);
        sink.Emit(SomeEvent.Of("late"));
        logger.Information("late");
        _heard.Failures.Count.ShouldBe(2);
        _rig.Reports.ShouldContain(text => text.Contains("The failure listener failed: broken"));
    }

    [Fact]
    public async Task ItsOwnWorkIsToldAndNotSent()
    {
        var sink = _rig.Open();
        var logger = Chain(sink);
        _rig.Temporal.Instead = (_, _) =>
        {
            logger.Information("Sending a request");
            return Task.FromResult(PublishOutcome.Accepted);
        };
        logger.Information("{Id}", 1);
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        _fallback.Events.ShouldHaveSingleItem().MessageTemplate.Text.ShouldBe("Sending a request");
        await CloseAsync(logger);
    }

    [Fact]
    public async Task TheDocumentedChainPutsWhatTemporalNeverGetsIntoAFile()
    {
        using var folder = new TempDirectory();
        var file = Path.Combine(folder.Path, "lost.log");
        TemporalSink? sink = null;
        var logger = new LoggerConfiguration().WriteTo.FallbackChain(
            to => to.Sink(sink = _rig.Open()),
            to => to.File(file, outputTemplate: "{Message:lj}{NewLine}")).CreateLogger();
        await _rig.CloseAsync(sink!);
        logger.Information("one");
        await CloseAsync(logger);
        (await File.ReadAllLinesAsync(file)).ShouldBe(["one"]);
    }

    Logger Chain(TemporalSink sink) =>
        new LoggerConfiguration().WriteTo.FallbackChain(to => to.Sink(sink), to => to.Sink(_fallback)).CreateLogger();

    Logger Listening(TemporalSink sink) => new LoggerConfiguration().WriteTo.Fallible(to => to.Sink(sink), _heard).CreateLogger();

    async Task CloseAsync(Logger logger)
    {
        var closing = logger.DisposeAsync().AsTask();
        await _rig.UntilAsync(() => closing.IsCompleted);
        await closing;
    }

    sealed class Collected : ILogEventSink
    {
        public ConcurrentQueue<LogEvent> Events { get; } = [];

        public IEnumerable<int> Ids =>
            Events.Where(e => e.Properties.ContainsKey("Id")).Select(e => (int)((ScalarValue)e.Properties["Id"]).Value!);

        public void Emit(LogEvent logEvent) => Events.Enqueue(logEvent);
    }

    sealed record Failure(LoggingFailureKind Kind, string Message, int? Events);

    sealed class Heard : ILoggingFailureListener
    {
        public ConcurrentQueue<Failure> Failures { get; } = [];
        public Action? Then { get; set; }

        public void OnLoggingFailed(object sender, LoggingFailureKind kind, string message, IReadOnlyCollection<LogEvent>? events,
            Exception? exception)
        {
            sender.ShouldBeOfType<TemporalSink>();
            Failures.Enqueue(new Failure(kind, message, events?.Count));
            Then?.Invoke();
        }
    }
}
