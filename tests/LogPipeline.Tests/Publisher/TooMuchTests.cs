using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Filtering;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>What the sink does with more than it can send or keep.</summary>
public sealed class TooMuchTests
{
    static readonly TemporalSinkOptions SmallQueue =
        new() { Source = "s", Limits = { QueueCountMax = 100, QueueBytesMax = 1_000_000 }, Timeouts = { BackPressure = TimeSpan.Zero } };
    readonly SinkRig _rig = new();
    FakeTemporal Temporal => _rig.Temporal;

    [Theory]
    [InlineData(0.79, LogEventLevel.Verbose)]
    [InlineData(0.80, LogEventLevel.Information)]
    [InlineData(0.89, LogEventLevel.Information)]
    [InlineData(0.90, LogEventLevel.Warning)]
    [InlineData(0.94, LogEventLevel.Warning)]
    [InlineData(0.95, LogEventLevel.Error)]
    [InlineData(1.00, LogEventLevel.Error)]
    [InlineData(9.00, LogEventLevel.Error)]
    public void TheLowestLevelThatIsTakenRisesWithTheFill(double fill, LogEventLevel lowest)
    {
        var policy = new ShedPolicy(0.8);
        foreach (var level in Enum.GetValues<LogEventLevel>()) policy.Admits(level, fill).ShouldBe(level >= lowest, $"{level} at {fill}");
    }

    [Fact]
    public void AHundredPercentShedsNothing()
    {
        foreach (var level in Enum.GetValues<LogEventLevel>()) new ShedPolicy(1).Admits(level, 1).ShouldBeTrue();
    }

    [Fact]
    public void SamplingKeepsEveryNthEventOfALevelBeginningWithTheFirst()
    {
        var sampler = new Sampler(100, 10, 1);
        Kept(sampler, LogEventLevel.Verbose, 1_000).ShouldBe(Enumerable.Range(0, 10).Select(i => i * 100));
        Kept(sampler, LogEventLevel.Debug, 1_000).Count.ShouldBe(100);
        foreach (var level in (LogEventLevel[])[LogEventLevel.Information, LogEventLevel.Warning, LogEventLevel.Error, LogEventLevel.Fatal,
            (LogEventLevel)77, (LogEventLevel)(-1)])
            Kept(sampler, level, 100).Count.ShouldBe(100);

        static List<int> Kept(Sampler sampler, LogEventLevel level, int count) =>
            [.. Enumerable.Range(0, count).Where(_ => sampler.Admits(SomeEvent.Of(level, "x")))];
    }

    [Fact]
    public void EachLevelIsCountedByItselfHoweverTheyComeInTurns()
    {
        var sampler = new Sampler(2, 2, 2);
        var kept = new List<(LogEventLevel Level, int Round)>();
        for (var round = 0; round < 4; round++)
            foreach (var level in (LogEventLevel[])[LogEventLevel.Verbose, LogEventLevel.Debug, LogEventLevel.Information])
                if (sampler.Admits(SomeEvent.Of(level, "x"))) kept.Add((level, round));
        kept.ShouldBe([
            (LogEventLevel.Verbose, 0), (LogEventLevel.Debug, 0), (LogEventLevel.Information, 0),
            (LogEventLevel.Verbose, 2), (LogEventLevel.Debug, 2), (LogEventLevel.Information, 2),
        ]);
    }

    [Fact]
    public void ATraceIsKeptWholeOrNotAtAllAndTheSameInEveryProcess()
    {
        Sampler one = new(1, 10, 10), other = new(1, 10, 10);
        var kept = 0;
        for (var i = 0; i < 2_000; i++)
        {
            var trace = ActivityTraceId.CreateRandom();
            var keeps = one.Admits(Traced(LogEventLevel.Debug, trace));
            for (var again = 0; again < 5; again++)
            {
                one.Admits(Traced(LogEventLevel.Debug, trace)).ShouldBe(keeps);
                other.Admits(Traced(LogEventLevel.Information, trace)).ShouldBe(keeps);
            }
            if (keeps) kept++;
        }
        // 200 are expected; seven standard deviations to each side.
        kept.ShouldBeInRange(105, 295);
    }

    [Fact]
    public async Task SampledEventsAreInTheBooks()
    {
        _rig.Options.Sampling.Debug = 10;
        var sink = _rig.Open();
        for (var i = 0; i < 100; i++) sink.Emit(SomeEvent.Of(LogEventLevel.Debug, "d"));
        sink.Emit(SomeEvent.Of("i"));
        await sink.FlushAsync();
        sink.Stats.FilteredByReason.ShouldBe(new Dictionary<FilterReason, long> { [FilterReason.Sampled] = 90 });
        sink.Stats.Accepted.ShouldBe(11);
        sink.Stats.Emitted.ShouldBe(101);
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AFullSpoolKeepsItsLastRoomForErrors()
    {
        _rig.Options.Limits.SpoolBytesMax = 400_000;
        _rig.Options.Limits.QueueCountMax = 1_000;
        _rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Away;
        var levels = (LogEventLevel[])[LogEventLevel.Verbose, LogEventLevel.Information, LogEventLevel.Warning, LogEventLevel.Error];
        for (var i = 0; i < 300; i++)
        {
            foreach (var level in levels) sink.Emit(SomeEvent.Of(level, "{I} {Filler}", ("I", i), ("Filler", new string('x', 100))));
            sink.Stats.Balances.ShouldBeTrue();
            await _rig.UntilAsync(sink, stats => stats.Queued == 0, TimeSpan.FromSeconds(1));
            if (sink.Stats.DroppedByReason.ContainsKey(DropReason.Shed) && sink.Stats.SpooledBytes > 385_000) break;
        }
        sink.Stats.DroppedByReason.Keys.ShouldBe([DropReason.Shed]);
        sink.Stats.OldestSpooledAge!.Value.ShouldBeGreaterThan(TimeSpan.Zero);

        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats is { Spooled: 0, Queued: 0 }, TimeSpan.FromMilliseconds(500));
        var written = Temporal.Records.Where(record => record.TryGetProperty("I", out _))
            .ToLookup(record => record.GetProperty("level").GetString(), record => record.GetProperty("I").GetInt32());
        var errors = written["error"].Count();
        written["error"].ShouldBe(Enumerable.Range(0, errors));
        written["trace"].Count().ShouldBeLessThan(written["info"].Count());
        written["info"].Count().ShouldBeLessThan(written["warning"].Count());
        written["warning"].Count().ShouldBeLessThan(errors);
        Notices("filling").First().GetProperty("FillPercent").GetInt32().ShouldBeInRange(80, 99);
        Notices("dropping").First().GetProperty("DropReason").GetString().ShouldBe("Shed");
        await _rig.UntilAsync(() => Notices("dropped").Count > 0);
        Notices("dropped").Sum(notice => notice.GetProperty("Dropped").GetInt64()).ShouldBe(sink.Stats.Dropped);
        Notices("dropped").Count.ShouldBe(1);
        Notices().ShouldAllBe(notice => notice.GetProperty("level").GetString() == "warning" && notice.GetProperty("channel")
            .GetString() == "app");
        sink.Stats.Notices.ShouldBe(Notices().Count);
        sink.Stats.SpooledBytes.ShouldBe(0);
        sink.Stats.OldestSpooledAge.ShouldBeNull();
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AWarningOfOneKindComesOnceAMinuteAndMakesNoOther()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root);
        rig.Options.Limits.QueueCountMax = 50;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        var sink = rig.Open();
        disk.Fault = operation => operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        rig.Temporal.Instead = FakeTemporal.Away;
        sink.Emit(SomeEvent.Of("x"));
        await rig.UntilAsync(() => sink.Stats.LastError is not null && rig.Reports.Exists(r => r.Contains("cannot be written")));
        var start = rig.Clock.GetUtcNow();
        while (rig.Clock.GetUtcNow() - start < TimeSpan.FromSeconds(150))
        {
            for (var i = 0; i < 10; i++) sink.Emit(SomeEvent.Of(LogEventLevel.Error, "x"));
            await rig.UntilAsync(() => true, TimeSpan.FromSeconds(1));
            rig.Clock.Advance(TimeSpan.FromSeconds(1));
        }
        sink.Stats.DroppedByReason.Keys.ShouldBe([DropReason.DiskFailed]);
        sink.Stats.Balances.ShouldBeTrue();
        disk.Fault = null;
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 });
        var notices = rig.Temporal.Records.Where(record => record.TryGetProperty("Notice", out _))
            .ToLookup(record => record.GetProperty("Notice").GetString());
        // One at once, one after a minute, one after two; that of the fill when the loop comes round, which has no time of its own here.
        notices["dropping"].Count().ShouldBe(3);
        notices["filling"].Count().ShouldBeInRange(1, 3);
        sink.Stats.Notices.ShouldBe(notices.Sum(kind => kind.Count()));
        await rig.CloseAsync(sink);
    }

    [Fact]
    public async Task TheSameAgainIsHeldBackAndToldWhenItsWindowHasPassed()
    {
        _rig.Options.Sampling.RepeatWindow = TimeSpan.FromSeconds(10);
        var sink = _rig.Open();
        for (var i = 0; i < 100; i++)
            sink.Emit(SomeEvent.Of(LogEventLevel.Warning, "{Disk} is full", ("Disk", "sda"), ("channel", "disks")));
        sink.Emit(SomeEvent.Of(LogEventLevel.Warning, "{Disk} is full", ("Disk", "sdb"), ("channel", "disks")));
        sink.Stats.FilteredByReason[FilterReason.Repeated].ShouldBe(99);
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.UntilAsync(sink, stats => stats.Notices == 1);
        await sink.FlushAsync();
        Temporal.Messages.ShouldBe(["\"sda\" is full", "\"sdb\" is full", "\"sda\" is full (repeated 99 times in the last 10 s)"]);
        var summary = Notices("repeated").Single();
        summary.GetProperty("RepeatCount").GetInt32().ShouldBe(99);
        summary.GetProperty("RepeatSeconds").GetDouble().ShouldBe(10);
        summary.GetProperty("Disk").GetString().ShouldBe("sda");
        summary.GetProperty("level").GetString().ShouldBe("warning");
        summary.GetProperty("channel").GetString().ShouldBe("disks");
        sink.Emit(SomeEvent.Of(LogEventLevel.Warning, "{Disk} is full", ("Disk", "sda"), ("channel", "disks")));
        await sink.FlushAsync();
        sink.Stats.Accepted.ShouldBe(4);
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
        sink.Stats.Notices.ShouldBe(1);
    }

    [Fact]
    public async Task OfEachWindowIsToldThoughNothingElseIsLogged()
    {
        _rig.Options.Sampling.RepeatWindow = TimeSpan.FromSeconds(10);
        var sink = _rig.Open();
        for (var window = 1; window <= 3; window++)
        {
            for (var i = 0; i <= window; i++) sink.Emit(SomeEvent.Of("again"));
            for (var second = 0; second < 20; second++) _rig.Clock.Advance(TimeSpan.FromSeconds(1));
            sink.Stats.Notices.ShouldBe(window);
        }
        await _rig.CloseAsync(sink);
        Notices("repeated").Select(notice => notice.GetProperty("RepeatCount").GetInt32()).ShouldBe([1, 2, 3]);
    }

    [Fact]
    public async Task ClosingTellsWhatIsHeldBack()
    {
        _rig.Options.Sampling.RepeatWindow = TimeSpan.FromHours(1);
        var sink = _rig.Open();
        for (var i = 0; i < 7; i++) sink.Emit(SomeEvent.Of("again"));
        await _rig.CloseAsync(sink);
        Notices("repeated").Single().GetProperty("RepeatCount").GetInt32().ShouldBe(6);
        sink.Stats.Accepted.ShouldBe(2);
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public void OnlyWhatSaysTheSameIsARepetition()
    {
        var filter = new RepeatFilter(TimeSpan.FromSeconds(1), _rig.Clock, MessageText.Render);
        LogEvent[] different =
        [
            SomeEvent.Of("{A}", ("A", 1)), SomeEvent.Of("{A}", ("A", 2)), SomeEvent.Of("{A:000}", ("A", 1)),
            SomeEvent.Of(LogEventLevel.Debug, "{A}", ("A", 1)),
            SomeEvent.Of("{A}", ("A", 1), ("channel", "x")), SomeEvent.Of("{A}", ("A", 1), ("channel", "y")),
            SomeEvent.With(new IOException("a")), SomeEvent.With(new IOException("b")), SomeEvent.With(new InvalidOperationException("a")),
        ];
        foreach (var logEvent in different) filter.TrySuppress(logEvent).ShouldBeFalse(logEvent.RenderMessage());
        foreach (var logEvent in different) filter.TrySuppress(logEvent).ShouldBeTrue(logEvent.RenderMessage());
        // What the message does not show makes no difference: a request id in every event would leave no two alike.
        filter.TrySuppress(SomeEvent.Of("{A}", ("A", 1), ("RequestId", "r2"))).ShouldBeTrue();
    }

    [Fact]
    public void WhatCannotBeComparedOrIsTooManyGoesThrough()
    {
        var filter = new RepeatFilter(TimeSpan.FromSeconds(1), _rig.Clock, MessageText.Render);
        for (var i = 0; i < 3; i++)
        {
            filter.TrySuppress(SomeEvent.Of("{Bad}", ("Bad", new Throws()))).ShouldBeFalse();
            filter.TrySuppress(SomeEvent.Of(new string('x', 3_000))).ShouldBeFalse();
        }
        for (var i = 0; i < 5_000; i++) filter.TrySuppress(SomeEvent.Of($"m{i}")).ShouldBeFalse();
        filter.TrySuppress(SomeEvent.Of("m999")).ShouldBeTrue();
        filter.TrySuppress(SomeEvent.Of("m1000")).ShouldBeFalse();
        _rig.Clock.Advance(TimeSpan.FromSeconds(1));
        filter.End().Single().ShouldSatisfyAllConditions(held => held.Count.ShouldBe(1), held =>
            held.First.MessageTemplate.Text.ShouldBe("m999"));
        filter.TrySuppress(SomeEvent.Of("m4999")).ShouldBeFalse();
        filter.TrySuppress(SomeEvent.Of("m4999")).ShouldBeTrue();
    }

    [Fact]
    public async Task TheBooksBalanceWhileEverythingIsTooMuch()
    {
        _rig.Options = _rig.Options with
        {
            Limits = _rig.Options.Limits with { QueueCountMax = 300, SpoolBytesMax = 150_000 },
            Timeouts = _rig.Options.Timeouts with { BackPressure = TimeSpan.Zero },
            Sampling = _rig.Options.Sampling with { Verbose = 7, Debug = 3, Information = 2, RepeatWindow = TimeSpan.FromSeconds(2) },
        };
        var sink = _rig.Open();
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            var looks = 0;
            for (; !stop.IsCancellationRequested; looks++, Thread.Yield()) sink.Stats.Balances.ShouldBeTrue();
            return looks;
        });
        var threads = Enumerable.Range(0, 4).Select(t => Task.Run(() =>
        {
            var chance = new Random(t);
            for (var i = 0; i < 5_000; i++) sink.Emit(SomeEvent.Of((LogEventLevel)chance.Next(6), "{A} happened", ("A", chance.Next(50))));
        })).ToArray();
        var hours = new Random(9);
        while (!threads.All(thread => thread.IsCompleted))
        {
            Temporal.Instead = hours.Next(3) switch { 0 => FakeTemporal.Away, 1 => Temporal.LoseAnswer, _ => null };
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(hours.Next(2_000)));
            await Task.Yield();
        }
        await Task.WhenAll(threads);
        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 }, TimeSpan.FromMilliseconds(500));
        await _rig.CloseAsync(sink);
        await stop.CancelAsync();
        (await watching).ShouldBeGreaterThan(0);
        var stats = sink.Stats;
        stats.Balances.ShouldBeTrue();
        stats.Emitted.ShouldBe(20_000);
        stats.Accepted.ShouldBe(Temporal.Records.Count);
        stats.FilteredByReason[FilterReason.Repeated].ShouldBeGreaterThanOrEqualTo(Notices("repeated")
            .Sum(notice => notice.GetProperty("RepeatCount").GetInt64()));
        Temporal.Records.Select(r => r.GetProperty("seq").GetInt64())
            .ShouldBe(Enumerable.Range(1, Temporal.Records.Count).Select(i => (long)i));
        Temporal.ShouldBeWhole();
    }

    [Fact]
    public void AFillThatRisesJustAfterThereWasRoomIsToldAtOnceAndOnceAMinute()
    {
        var books = new Books();
        var queue = new EventQueue(SmallQueue, "i", books, _rig.Clock);
        var formatter = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i");
        var notices = new NoticeWriter(formatter, queue, books, new Reporter(_rig.Clock), _rig.Clock);
        Told(0.79).ShouldBe(0);
        Told(0.80).ShouldBe(1);
        Told(0.99).ShouldBe(1);
        _rig.Clock.Advance(TimeSpan.FromSeconds(60));
        Told(0.50).ShouldBe(1);
        Told(0.80).ShouldBe(2);

        int Told(double fill)
        {
            notices.Update(fill);
            return queue.GetSnapshot().Count;
        }
    }

    [Fact]
    public void WhatWasShedIsToldOnceWithTheTimesOfTheFirstAndTheLast()
    {
        var formatter = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i");
        var books = new Books();
        var queue = new EventQueue(SmallQueue, "i", books, _rig.Clock);
        var notices = new NoticeWriter(formatter, queue, books, new Reporter(_rig.Clock), _rig.Clock);
        var start = _rig.Clock.GetUtcNow();
        Shed(3);
        notices.Update(0.73);
        Told().ShouldBeEmpty("room still runs out");
        notices.Update(0.71);
        notices.Update(0.71);
        notices.WriteShed();
        _rig.Clock.Advance(TimeSpan.FromSeconds(7));
        Shed(2);
        notices.WriteShed();
        notices.WriteShed();
        Told().ShouldBe([(3, 1, 3), (2, 11, 12)]);

        void Shed(int count)
        {
            for (var i = 0; i < count; i++)
            {
                _rig.Clock.Advance(TimeSpan.FromSeconds(1));
                notices.OnShed();
            }
        }

        List<(int Count, double From, double To)> Told() => [.. queue.GetSnapshot().Count == 0 ? [] : queue.Take(100, long.MaxValue)
            .Select(queued => System.Text.Json.JsonDocument.Parse(queued.Record.Complete(queued.Sequence)).RootElement)
            .Where(record => record.GetProperty("Notice").GetString() == "dropped")
            .Select(record => (record.GetProperty("Dropped").GetInt32(), Seconds(record, "From"), Seconds(record, "To")))];

        double Seconds(System.Text.Json.JsonElement record, string name) =>
            (record.GetProperty(name).GetDateTimeOffset() - start).TotalSeconds;
    }

    List<System.Text.Json.JsonElement> Notices(string? kind = null) =>
        [.. Temporal.Records.Where(record =>
            record.TryGetProperty("Notice", out var notice) && (kind is null || notice.GetString() == kind))];

    static LogEvent Traced(LogEventLevel level, ActivityTraceId trace) =>
        new(LogPipeline.TestSupport.Some.Instant, level, null, new MessageTemplateParser()
            .Parse("x"), [], trace, ActivitySpanId.CreateRandom());

    sealed class Throws
    {
        public override string ToString() => throw new InvalidOperationException("bad");
    }
}
