using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>Each counter counts an event once, over tries that failed and over a process that ended, also of what is audited.</summary>
public sealed class EachCounterTests
{
    readonly InMemoryDisk _disk = new();
    readonly SinkRig _rig;

    public EachCounterTests() => _rig = new SinkRig(_disk.Root);

    public static TheoryData<string> Kinds => ["Memory", "ProcessSafe", "PowerSafe", "audited"];

    TemporalSink Open(string kind)
    {
        _rig.Options.Durability = kind == "audited" ? Durability.PowerSafe : Enum.Parse<Durability>(kind);
        return _rig.Open(audits: kind == "audited");
    }

    static void Holds(TemporalSink sink, string counters)
    {
        var stats = sink.Stats;
        var counted = new (string Name, long Count)[]
            {
                ("emitted", stats.Emitted), ("notices", stats.Notices), ("adopted", stats.Adopted), ("queued", stats.Queued),
                ("spooled", stats.Spooled), ("accepted", stats.Accepted), ("files", stats.WrittenToFiles), ("aside", stats.SetAside),
                ("batches", stats.Batches), ("truncated", stats.Truncated), ("redacted", stats.Redacted),
                ("unrendered", stats.RenderFailures), ("replayed", stats.Replayed),
            }.Concat(stats.FilteredByReason.Select(one => (Name: $"{one.Key}", Count: one.Value)))
            .Concat(stats.DroppedByReason.Select(one => (Name: $"{one.Key}", Count: one.Value)));
        string.Join(' ', counted.Where(one => one.Count != 0).Select(one => $"{one.Name}={one.Count}")).ShouldBe(counters);
        stats.Balances.ShouldBeTrue();
    }

    /// <summary>Each of these outcomes comes first, then Temporal takes the batch.</summary>
    [Theory, MemberData(nameof(Kinds))]
    public async Task WhateverWasTriedBeforeABatchCountsOnce(string kind)
    {
        var failures = new Queue<Func<FrozenBatch, Task<PublishOutcome>>>([
            batch => _rig.Temporal.LoseAnswer(batch, default),
            batch => FakeTemporal.Away(batch, default),
            _ => Task.FromResult(new PublishOutcome(OutcomeKind.Busy, "Too much.")),
            _ => Task.FromResult(new PublishOutcome(OutcomeKind.Denied, "No such key.")),
        ]);
        _rig.Temporal.Instead = (batch, _) =>
        {
            if (failures.TryDequeue(out var failure)) return failure(batch);
            _rig.Temporal.Instead = null;
            return _rig.Temporal.LoseAnswer(batch, default).ContinueWith(_ => PublishOutcome.Accepted, TaskScheduler.Default);
        };
        _rig.Options.Limits.StringLengthMax = 100;
        var sink = Open(kind);
        sink.Emit(SomeEvent.Of("{Long}", ("Long", new string('x', 200))));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1, TimeSpan.FromSeconds(1));
        sink.Emit(SomeEvent.Of("{Password}", ("Password", "secret")));
        sink.Emit(SomeEvent.Of("{Bad}", ("Bad", new Unprintable())));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 3, TimeSpan.FromSeconds(1));
        await _rig.CloseAsync(sink);
        _rig.Temporal.Records.Count.ShouldBe(3);
        Holds(sink, "emitted=3 accepted=3 batches=2 truncated=1 redacted=1 unrendered=1");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task WhatAnEndedProcessLeavesIsAdoptedOnceAndAcceptedOnce(string kind)
    {
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = Open(kind);
        for (var i = 0; i < 3; i++) sink.Emit(SomeEvent.Of("{Password}", ("Password", "secret")));
        await _rig.CloseAsync(sink);
        Holds(sink, "emitted=3 spooled=3 redacted=3");

        var next = new SinkRig(_disk.Root);
        var lost = false;
        next.Temporal.Instead = (batch, token) =>
        {
            if (lost) next.Temporal.Instead = null;
            lost = true;
            return next.Temporal.LoseAnswer(batch, token);
        };
        var taker = next.Open();
        taker.Emit(SomeEvent.Of("own"));
        await next.UntilAsync(taker, stats => stats.Accepted == 4, TimeSpan.FromSeconds(1));
        await next.CloseAsync(taker);
        (taker.Stats.Emitted, taker.Stats.Adopted, taker.Stats.Accepted, taker.Stats.Spooled, taker.Stats.Dropped)
            .ShouldBe((1, 3, 4, 0, 0));
        taker.Stats.Balances.ShouldBeTrue();
        next.Temporal.Records.Count.ShouldBe(4);
    }

    /// <summary>Sampled and repeated are not what is audited, so that they count nothing there.</summary>
    [Theory]
    [InlineData("Memory", "emitted=10 accepted=6 batches=2 Sampled=4")]
    [InlineData("ProcessSafe", "emitted=10 accepted=6 batches=2 Sampled=4")]
    [InlineData("audited", "emitted=10 accepted=10 batches=2")]
    public async Task ASampledEventCountsAsSampled(string kind, string counters)
    {
        _rig.Options.Sampling.Information = 5;
        var sink = Open(kind);
        sink.Emit(SomeEvent.Of("first"));
        await _rig.Temporal.UntilAsync(() => _rig.Temporal.Batches.Count == 1);
        for (var i = 0; i < 4; i++) sink.Emit(SomeEvent.Of("x"));
        for (var i = 0; i < 5; i++) sink.Emit(SomeEvent.Of(LogEventLevel.Warning, "x"));
        await _rig.CloseAsync(sink);
        Holds(sink, counters);
    }

    [Theory]
    [InlineData("Memory", "emitted=5 notices=1 accepted=2 batches=2 Repeated=4")]
    [InlineData("ProcessSafe", "emitted=5 notices=1 accepted=2 batches=2 Repeated=4")]
    [InlineData("audited", "emitted=5 accepted=5 batches=2")]
    public async Task ARepeatedEventCountsAsRepeated(string kind, string counters)
    {
        _rig.Options.Sampling.RepeatWindow = TimeSpan.FromHours(1);
        var sink = Open(kind);
        sink.Emit(SomeEvent.Of("x"));
        await _rig.Temporal.UntilAsync(() => _rig.Temporal.Batches.Count == 1);
        for (var i = 0; i < 4; i++) sink.Emit(SomeEvent.Of("x"));
        await _rig.CloseAsync(sink);
        Holds(sink, counters);
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task ABatchThatTemporalNeverTakesIsSetAsideAndCountsOnce(string kind)
    {
        Refuse();
        var sink = Open(kind);
        sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats.SetAside == 1);
        await _rig.CloseAsync(sink);
        Holds(sink, "emitted=1 aside=1");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task ABatchThatTheDiskRefusesTooCountsAsRefusedOnce(string kind)
    {
        Refuse();
        var sink = Open(kind);
        _disk.Fault = operation =>
            operation.Path.Contains("refused", StringComparison.Ordinal) ? new StoreFault(StoreFaultKind.InputOutput) : null;
        sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats.Dropped == 1);
        await _rig.CloseAsync(sink);
        Holds(sink, "emitted=1 Refused=1");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task AfterTheCloseEachEventCountsAsClosed(string kind)
    {
        var sink = Open(kind);
        await _rig.CloseAsync(sink);
        for (var i = 0; i < 2; i++)
        {
            if (kind == "audited") Should.Throw<EventNotAcceptedException>(() => sink.Emit(SomeEvent.Of("x")));
            else sink.Emit(SomeEvent.Of("x"));
        }
        Holds(sink, "emitted=2 Closed=2");
    }

    [Theory, MemberData(nameof(Kinds))]
    public async Task WhatTheSinksOwnWorkLogsCountsAsReentrantOnce(string kind)
    {
        TemporalSink? sink = null;
        _rig.Temporal.Instead = (batch, token) =>
        {
            sink!.Emit(SomeEvent.Of("sent a request"));
            _rig.Temporal.Instead = null;
            return _rig.Temporal.StartAsync(batch, token);
        };
        sink = Open(kind);
        sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await _rig.CloseAsync(sink);
        Holds(sink, "emitted=2 accepted=1 batches=1 Reentrant=1");
    }

    void Refuse() => _rig.Temporal.Instead = (_, _) => Task.FromResult(new PublishOutcome(OutcomeKind.Refused, "Too large."));

    sealed class Unprintable : LogEventPropertyValue
    {
        public override void Render(TextWriter output, string? format = null, IFormatProvider? formatProvider = null) =>
            throw new InvalidOperationException("It cannot be printed.");
    }
}
