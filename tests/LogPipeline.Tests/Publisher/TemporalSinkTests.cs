using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

public sealed class TemporalSinkTests
{
    readonly SinkRig _rig = new();
    FakeTemporal Temporal => _rig.Temporal;

    static void Log(TemporalSink sink, int from, int count)
    {
        for (var i = from; i < from + count; i++) sink.Emit(SomeEvent.Of($"m{i}"));
    }

    static string[] Numbered(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"m{i}")];

    [Fact]
    public async Task TheFirstEventOfAProcessGoesAtOnceAndLaterOnesWaitForOthers()
    {
        var sink = _rig.Open();
        Log(sink, 1, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        Log(sink, 2, 9);
        await _rig.Clock.TimersAsync();
        Temporal.Batches.Count.ShouldBe(1);
        Log(sink, 11, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 2);
        Temporal.Messages.ShouldBe(Numbered(1, 11));
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AFewEventsWaitForTheFlushIntervalAtMost()
    {
        var sink = _rig.Open();
        Log(sink, 1, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        Log(sink, 2, 3);
        var before = _rig.Clock.GetUtcNow();
        await _rig.UntilAsync(() => Temporal.Batches.Count == 2);
        (_rig.Clock.GetUtcNow() - before).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(LogEventLevel.Error)]
    [InlineData(LogEventLevel.Fatal)]
    public async Task AnErrorGoesAtOnceWithWhatWaitsBeforeIt(LogEventLevel level)
    {
        var sink = _rig.Open();
        Log(sink, 1, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        Log(sink, 2, 1);
        sink.Emit(SomeEvent.Of(level, "m3"));
        await Temporal.UntilAsync(() => Temporal.Messages.Count == 3);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task BatchesGrowWhileAStartIsUnderWay()
    {
        var sink = _rig.Open();
        var hold = new SyncPoint();
        Temporal.Instead = async (_, _) =>
        {
            Temporal.Instead = null;
            await hold.ReachAsync();
            return new PublishOutcome(OutcomeKind.Busy, "test");
        };
        Log(sink, 1, 1);
        await hold.ReachedAsync();
        Log(sink, 2, 5_000);
        hold.Release();
        await _rig.UntilAsync(sink, stats => stats.Accepted == 5_001);
        Temporal.Messages.ShouldBe(Numbered(1, 5_001));
        Temporal.Batches.Count.ShouldBeLessThan(10);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task TheHeaderSaysWhatTheBatchHolds()
    {
        var sink = _rig.Open();
        sink.Emit(SomeEvent.Of("a"));
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        sink.Emit(SomeEvent.Of("b", ("channel", "payments")));
        sink.Emit(SomeEvent.Of(LogEventLevel.Error, "c"));
        await sink.FlushAsync();
        var header = Temporal.Batches.Select(batch => batch.Header).Skip(1).First();
        header.PreviousId.ShouldBe(Temporal.Batches.First().Header.Id);
        header.FirstSequence.ShouldBe(2);
        Temporal.Batches.Skip(1).Sum(b => b.Header.Levels.GetValueOrDefault("error")).ShouldBe(1);
        Temporal.Batches.Sum(b => b.Header.Channels.GetValueOrDefault("payments")).ShouldBe(1);
        Temporal.Batches.ShouldAllBe(b =>
            b.Header.Bytes == b.Records.Length && b.Header.Source == "orders" && b.Header.Instance == sink.Instance);
        Temporal.Records.Select(r => r.GetProperty("seq").GetInt64()).ShouldBe([1, 2, 3]);
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    public async Task TheHeadersTimesAreThoseOfTheEarliestAndTheLatestEventInUtcToTheTick(Durability durability)
    {
        _rig.Options.Durability = durability;
        var sink = _rig.Open();
        var utc = new DateTimeOffset(2026, 11, 21, 4, 0, 0, TimeSpan.Zero).AddTicks(15_000_007);
        sink.Emit(At(utc.ToOffset(TimeSpan.FromHours(5.5))));
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        foreach (var (ticks, hours) in ((int, int)[])[(3, -8), (-2, 14), (9, 0), (1, 2)])
            sink.Emit(At(utc.AddTicks(ticks).ToOffset(TimeSpan.FromHours(hours))));
        await sink.FlushAsync();
        var (one, some) = (Temporal.Batches[0].Header, Temporal.Batches[1].Header);
        (one.RecordCount, some.RecordCount).ShouldBe((1, 4));
        (one.From, one.To).ShouldBe((utc, utc));
        (some.From, some.To).ShouldBe((utc.AddTicks(-2), utc.AddTicks(9)));
        foreach (var time in (DateTimeOffset[])[one.From, one.To, some.From, some.To]) time.Offset.ShouldBe(TimeSpan.Zero);
        Temporal.Records.Select(record => record.GetProperty("@t").GetString()).ShouldBe(
            ((int[])[0, 3, -2, 9, 1]).Select(ticks => $"2026-11-21T04:00:01.{5_000_007 + ticks}Z"));
        await _rig.CloseAsync(sink);

        static LogEvent At(DateTimeOffset time) => new(time, LogEventLevel.Information, null, MessageTemplate.Empty, []);
    }

    [Fact]
    public async Task SixtyFourThreadsLoseNothingAndEachKeepsItsOrder()
    {
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromSeconds(30);
        var sink = _rig.Open();
        var threads = Enumerable.Range(0, 64).Select(t => new Thread(() =>
        {
            for (var i = 0; i < 500; i++) sink.Emit(SomeEvent.Of("x", ("t", t), ("i", i)));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        await sink.FlushAsync();
        var stats = sink.Stats;
        stats.Balances.ShouldBeTrue();
        stats.Accepted.ShouldBe(32_000);
        Temporal.Records.Select(r => r.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, 32_000).Select(i => (long)i));
        foreach (var thread in Temporal.Records.GroupBy(r => r.GetProperty("t").GetInt32()))
            thread.Select(r => r.GetProperty("i").GetInt32()).ShouldBe(Enumerable.Range(0, 500));
        Temporal.ShouldBeWhole();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task WhileTemporalIsAwayEventsGoToTheSpoolAndAreSentInOrderWhenItIsBack()
    {
        var sink = _rig.Open();
        Log(sink, 1, 20);
        await sink.FlushAsync();
        Temporal.Instead = FakeTemporal.Away;
        for (var i = 0; i < 10; i++)
        {
            Log(sink, 21 + 100 * i, 100);
            await _rig.UntilAsync(sink, stats => stats.Queued == 0);
            sink.Stats.Balances.ShouldBeTrue();
        }
        sink.Stats.Spooled.ShouldBe(1_000);
        sink.Stats.Breaker.ShouldBe(BreakerState.Open);
        sink.Stats.LastError!.ShouldContain("refused");

        Temporal.Instead = null;
        Log(sink, 1021, 5);
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1_025);
        Temporal.Messages.ShouldBe(Numbered(1, 1_025));
        sink.Stats.Breaker.ShouldBe(BreakerState.Closed);
        sink.Stats.LastError.ShouldBeNull();
        Temporal.ShouldBeWhole();
        await _rig.CloseAsync(sink);
        sink.Stats.Dropped.ShouldBe(0);
    }

    [Fact]
    public async Task AnOpenBreakerTriesOneBatchAtATimeAndNotTooOften()
    {
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Away;
        Log(sink, 1, 100);
        await _rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Open);
        var before = Temporal.Attempts;
        var start = _rig.Clock.GetUtcNow();
        await _rig.UntilAsync(() => _rig.Clock.GetUtcNow() - start > TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(100));
        (Temporal.Attempts - before).ShouldBeInRange(8, 20);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AnAmbiguousStartIsRepeatedWithTheSameNameAndBytes()
    {
        var sink = _rig.Open();
        Temporal.Instead = Temporal.LoseAnswer;
        Log(sink, 1, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        Log(sink, 2, 50);
        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats.Accepted == 51);
        Temporal.Messages.ShouldBe(Numbered(1, 51));
        Temporal.Attempts.ShouldBeGreaterThan(Temporal.Batches.Count);
        Temporal.ShouldBeWhole();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ATemporalThatHangsLosesNothing()
    {
        // No event is dropped because this machine is busy elsewhere.
        _rig.Options.Limits.QueueCountMax = 2_000;
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromMinutes(1);
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Hang;
        for (var i = 1; i <= 20_000; i++) sink.Emit(SomeEvent.Of($"m{i}"));
        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats.Accepted == 20_000, TimeSpan.FromMilliseconds(500));
        Temporal.Messages.ShouldBe(Numbered(1, 20_000));
        sink.Stats.Dropped.ShouldBe(0);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ATemporalThatHangsHoldsNoThreadLongerThanTheBound()
    {
        _rig.Options.Limits.QueueCountMax = 2_000;
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromMilliseconds(100);
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Hang;
        var longest = TimeSpan.Zero;
        for (var i = 1; i <= 20_000; i++)
        {
            var at = Stopwatch.GetTimestamp();
            sink.Emit(SomeEvent.Of($"m{i}"));
            var took = Stopwatch.GetElapsedTime(at);
            if (took > longest) longest = took;
        }
        // A machine that is busy elsewhere adds to the bound, an answer that never comes would add for ever.
        longest.ShouldBeLessThan(TimeSpan.FromSeconds(10));
        sink.Stats.Emitted.ShouldBe(20_000);
        Temporal.Instead = null;
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task TheSpoolIsSentByTheNextProcessUnderTheFirstNames(bool physical)
    {
        using var folder = new TempDirectory();
        var rig = new SinkRig(physical ? new PhysicalDirectory(folder.Path) : null);
        var first = rig.Open();
        rig.Temporal.Instead = rig.Temporal.LoseAnswer;
        Log(first, 1, 1);
        await rig.Temporal.UntilAsync(() => rig.Temporal.Batches.Count == 1);
        rig.Temporal.Instead = FakeTemporal.Away;
        Log(first, 2, 200);
        await rig.CloseAsync(first);
        first.Stats.Spooled.ShouldBe(201);
        first.Stats.Queued.ShouldBe(0);

        rig.Temporal.Instead = null;
        rig.Clock.Advance(TimeSpan.FromSeconds(10));
        var second = rig.Open();
        Log(second, 202, 3);
        await rig.UntilAsync(second, stats => stats.Accepted == 204);
        rig.Temporal.Messages.ShouldBe(Numbered(1, 204));
        rig.Temporal.Records.Take(201).ShouldAllBe(r => r.GetProperty("instance").GetString() == first.Instance);
        rig.Temporal.Batches.First(b => b.Header.Instance == second.Instance).Header.PreviousId
            .ShouldBe(rig.Temporal.Batches.Last(b => b.Header.Instance == first.Instance).Id);
        second.Stats.Adopted.ShouldBe(201);
        second.Stats.Balances.ShouldBeTrue();
        rig.Temporal.ShouldBeWhole();
        await rig.CloseAsync(second);
    }

    [Fact]
    public async Task ClosingSendsWhatIsThere()
    {
        var sink = _rig.Open();
        Log(sink, 1, 5_003);
        await _rig.CloseAsync(sink);
        sink.Stats.Accepted.ShouldBe(5_003);
        Temporal.Messages.ShouldBe(Numbered(1, 5_003));
        Log(sink, 1, 1);
        sink.Stats.DroppedByReason[DropReason.Closed].ShouldBe(1);
        sink.Stats.Balances.ShouldBeTrue();
        await sink.FlushAsync();
        sink.Dispose();
    }

    [Fact]
    public async Task ASecondCloseWaitsForTheFirst()
    {
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Hang;
        Log(sink, 1, 3);
        var first = sink.DisposeAsync().AsTask();
        var second = sink.DisposeAsync().AsTask();
        second.IsCompleted.ShouldBeFalse();
        await _rig.UntilAsync(() => second.IsCompleted);
        sink.Stats.Spooled.ShouldBe(3);
        await first;
    }

    [Fact]
    public async Task ClosingWhileTemporalHangsPutsEverythingOnDiskInTheCloseTimeout()
    {
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Hang;
        Log(sink, 1, 300);
        var before = _rig.Clock.GetUtcNow();
        await _rig.CloseAsync(sink);
        (_rig.Clock.GetUtcNow() - before).ShouldBeLessThan(TimeSpan.FromSeconds(4));
        sink.Stats.Spooled.ShouldBe(300);
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task ADiskThatFailsKeepsEventsInMemoryThenDropsTheNewestAndCountsThem()
    {
        var disk = new InMemoryDisk();
        var rig = new SinkRig(disk.Root);
        rig.Options.Limits.QueueCountMax = 100;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Sampling.ShedPercent = 100;
        var sink = rig.Open();
        disk.Fault = operation => operation.Verb is StoreVerb.Write or StoreVerb.Create ? new StoreFault(StoreFaultKind.NoSpace) : null;
        rig.Temporal.Instead = FakeTemporal.Away;
        Log(sink, 1, 1);
        await rig.UntilAsync(() => sink.Stats.LastError is not null && rig.Reports.Exists(r => r.Contains("cannot be written")));
        Log(sink, 2, 500);
        sink.Stats.Balances.ShouldBeTrue();
        var dropped = (int)sink.Stats.DroppedByReason[DropReason.DiskFailed];
        // The notice of the fill, at 80 of 100, takes a place in the queue when the loop comes round in time.
        dropped.ShouldBeInRange(400, 401);
        disk.Fault = null;
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Accepted == 501 - dropped + stats.Notices);
        rig.Temporal.Messages.Where(message => message.StartsWith('m')).ShouldBe(Numbered(1, 501 - dropped));
        rig.Temporal.Instead = FakeTemporal.Away;
        Log(sink, 502, 1);
        await rig.UntilAsync(sink, stats => stats.Spooled == 1);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        (sink.Stats.LastError, sink.Stats.LastErrorAt).ShouldBe((null, null), "the disk has taken a batch since");
        await rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ABatchThatTemporalRefusesForGoodIsSetAsideAndTheRestGoesOn()
    {
        var sink = _rig.Open();
        Temporal.Instead = (batch, _) => Task.FromResult(batch.Header.FirstSequence == 1
            ? new PublishOutcome(OutcomeKind.Refused, "Too large.")
            : PublishOutcome.Accepted);
        Log(sink, 1, 1);
        await _rig.UntilAsync(sink, stats => stats.SetAside == 1);
        Temporal.Instead = null;
        Log(sink, 2, 10);
        await sink.FlushAsync();
        sink.Stats.Accepted.ShouldBe(10);
        Temporal.ShouldBeWhole();
        _rig.Reports.ShouldContain(r => r.Contains("Too large.") && r.Contains("refused"));
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task WhatTheSinkLogsAboutItsOwnWorkDoesNotGoRoundForEver()
    {
        var sink = _rig.Open();
        Temporal.Instead = (_, _) =>
        {
            sink.Emit(SomeEvent.Of("sent a request"));
            return Task.FromResult(PublishOutcome.Accepted);
        };
        sink.Emit(SomeEvent.Of("{Bad}", ("Bad", new LogsWhenPrinted(sink))));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        sink.Stats.DroppedByReason[DropReason.Reentrant].ShouldBeGreaterThanOrEqualTo(2);
        sink.Stats.Balances.ShouldBeTrue();
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task ReportsOfOneKindComeAMinuteApart()
    {
        var sink = _rig.Open();
        Temporal.Instead = FakeTemporal.Away;
        var start = _rig.Clock.GetUtcNow();
        Log(sink, 1, 1);
        await _rig.UntilAsync(() => _rig.Clock.GetUtcNow() - start > TimeSpan.FromSeconds(59), TimeSpan.FromMilliseconds(100));
        Reported("was not started").ShouldBe(1);
        Temporal.Instead = null;
        // The report follows the books.
        await _rig.UntilAsync(() => Reported("takes batches again") > 0);
        await _rig.CloseAsync(sink);
        Reported("takes batches again").ShouldBe(1);

        int Reported(string part)
        {
            lock (_rig.Reports) return _rig.Reports.Count(report => report.Contains(part));
        }
    }

    [Fact]
    public async Task TheBooksBalanceAtEveryInstantOfARoughDay()
    {
        _rig.Options.Limits.QueueCountMax = 500;
        _rig.Options.Limits.SpoolBytesMax = 200_000;
        _rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        var sink = _rig.Open();
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            var looks = 0;
            for (; !stop.IsCancellationRequested; looks++, Thread.Yield()) sink.Stats.Balances.ShouldBeTrue();
            return looks;
        });
        var chance = new Random(3);
        for (var hour = 0; hour < 60; hour++)
        {
            Temporal.Instead = chance.Next(4) switch { 0 => FakeTemporal.Away, 1 => Temporal.LoseAnswer, 2 => (_, _) =>
                Task.FromResult(new PublishOutcome(OutcomeKind.Busy, "busy")), _ => null };
            Log(sink, 1, chance.Next(400));
            _rig.Clock.Advance(TimeSpan.FromMilliseconds(chance.Next(2_000)));
            await Task.Yield();
        }
        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 }, TimeSpan.FromMilliseconds(500));
        await stop.CancelAsync();
        (await watching).ShouldBeGreaterThan(0);
        sink.Stats.Accepted.ShouldBe(Temporal.Records.Count);
        Temporal.Records.Select(r => r.GetProperty("seq").GetInt64())
            .ShouldBe(Enumerable.Range(1, Temporal.Records.Count).Select(i => (long)i));
        Temporal.ShouldBeWhole();
        await _rig.CloseAsync(sink);
    }

    sealed class LogsWhenPrinted(TemporalSink sink)
    {
        public override string ToString()
        {
            sink.Emit(SomeEvent.Of("printing"));
            return "printed";
        }
    }
}
