using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using Serilog.Events;

namespace LogPipeline.Tests.Publisher;

/// <summary>What each option's row in docs/configuration.md says is what the sink does.</summary>
public sealed class SinkOptionMeaningTests
{
    readonly SinkRig _rig = new();
    FakeTemporal Temporal => _rig.Temporal;

    /// <summary>Records wait in memory, or on disk; an option holds for both.</summary>
    public static TheoryData<Durability> Durabilities => [Durability.Memory, Durability.ProcessSafe, Durability.PowerSafe];

    static void Log(TemporalSink sink, int count, LogEventLevel level = LogEventLevel.Information)
    {
        for (var i = 0; i < count; i++) sink.Emit(SomeEvent.Of(level, "x"));
    }

    /// <summary>The process's first event goes at once, whatever the options are.</summary>
    async Task<TemporalSink> OpenBehindTheFirstAsync()
    {
        var sink = _rig.Open();
        Log(sink, 1);
        await Temporal.UntilAsync(() => Temporal.Batches.Count == 1);
        await _rig.Clock.TimersAsync();
        return sink;
    }

    [Theory, MemberData(nameof(Durabilities))]
    public async Task BufferSizeIsTheNumberOfRecordsThatAreSentAtOnce(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.BufferSize = 4;
        var sink = await OpenBehindTheFirstAsync();
        Log(sink, 3);
        Temporal.Batches.Count.ShouldBe(1);
        Log(sink, 1);
        await Temporal.UntilAsync(() => Temporal.Records.Count == 5);
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory, 1.5)]
    [InlineData(Durability.Memory, 20)]
    [InlineData(Durability.ProcessSafe, 1.5)]
    public async Task FlushIntervalIsTheLongestTimeThatARecordWaitsForOthers(Durability durability, double seconds)
    {
        _rig.Options.Durability = durability;
        _rig.Options.FlushInterval = TimeSpan.FromSeconds(seconds);
        var sink = await OpenBehindTheFirstAsync();
        Log(sink, 1);
        var logged = _rig.Clock.GetUtcNow();
        await _rig.UntilAsync(() => Temporal.Batches.Count == 2);
        (_rig.Clock.GetUtcNow() - logged).TotalSeconds.ShouldBeGreaterThanOrEqualTo(seconds);
        await _rig.CloseAsync(sink);
    }

    [Theory, MemberData(nameof(Durabilities))]
    public async Task WithoutFlushOnErrorAnErrorWaitsForOthers(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.FlushOnError = false;
        var sink = await OpenBehindTheFirstAsync();
        var logged = _rig.Clock.GetUtcNow();
        Log(sink, 1, LogEventLevel.Fatal);
        await _rig.UntilAsync(() => Temporal.Batches.Count == 2);
        (_rig.Clock.GetUtcNow() - logged).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(5));
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory, 7, 1_000_000)]
    [InlineData(Durability.Memory, 1_000, 20_000)]
    [InlineData(Durability.ProcessSafe, 7, 1_000_000)]
    [InlineData(Durability.ProcessSafe, 1_000, 20_000)]
    public async Task ABatchHasNoMoreRecordsAndBytesThanItMayAndNotManyFewer(Durability durability, int records, long bytes)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Limits.BatchRecordsMax = records;
        _rig.Options.Limits.BatchBytesMax = bytes;
        _rig.Options.Limits.EventBytesMax = 16_384;
        Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        for (var i = 0; i < 100; i++) sink.Emit(SomeEvent.Of("{Text}", ("Text", new string('x', 1_000))));
        Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats.Accepted == 100);
        var most = Temporal.Batches.Max(batch => batch.RecordCount);
        var largest = Temporal.Batches.Max(batch => batch.Records.Length);
        most.ShouldBeLessThanOrEqualTo(records);
        largest.ShouldBeLessThanOrEqualTo((int)bytes);
        (most == records || largest > bytes * 3 / 4).ShouldBeTrue($"{most} records, {largest} bytes");
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task StartTimeoutIsTheLongestWaitForAnAnswer()
    {
        _rig.Options.Timeouts.Start = TimeSpan.FromSeconds(9);
        Temporal.Instead = FakeTemporal.Hang;
        var sink = _rig.Open();
        var begun = _rig.Clock.GetUtcNow();
        Log(sink, 1);
        await _rig.UntilAsync(sink, stats => stats.FailuresInRow == 1);
        (_rig.Clock.GetUtcNow() - begun).TotalSeconds.ShouldBeGreaterThanOrEqualTo(9);
        sink.Stats.LastError!.ShouldContain("9s");
        await _rig.CloseAsync(sink);
    }

    /// <summary>A busy machine adds to the wait and takes nothing away from it.</summary>
    [Theory, MemberData(nameof(Durabilities))]
    public async Task BackPressureIsTheTimeThatLoggingWaitsForRoom(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromMilliseconds(700);
        _rig.Options.Limits = new() { SpoolBytesMax = 64 * 1024, QueueBytesMax = 64 * 1024, EventBytesMax = 16 * 1024 };
        _rig.Options.Sampling.ShedPercent = 100;
        Temporal.Instead = FakeTemporal.Hang;
        var sink = _rig.Open();
        var longest = TimeSpan.Zero;
        for (var i = 0; i < 1_000 && sink.Stats.Dropped == 0; i++)
        {
            var begun = Stopwatch.GetTimestamp();
            sink.Emit(SomeEvent.Of("{Text}", ("Text", new string('x', 10_000))));
            longest = Stopwatch.GetElapsedTime(begun);
        }
        sink.Stats.Dropped.ShouldBe(1);
        // The system's clock ticks every few milliseconds.
        longest.ShouldBeGreaterThan(TimeSpan.FromMilliseconds(650));
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.PowerSafe)]
    public async Task FromShedPercentOnTheLowestLevelsAreDropped(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Timeouts.BackPressure = TimeSpan.FromSeconds(30);
        _rig.Options.Limits = new() { SpoolBytesMax = 128 * 1024, QueueBytesMax = 128 * 1024, EventBytesMax = 16 * 1024 };
        _rig.Options.Sampling.ShedPercent = 40;
        Temporal.Instead = FakeTemporal.Hang;
        var sink = _rig.Open();
        var errors = 0;
        for (; errors < 100 && sink.Stats.Dropped == 0; errors++)
        {
            sink.Emit(SomeEvent.Of(LogEventLevel.Error, "{Text}", ("Text", new string('x', 10_000))));
            Log(sink, 1, LogEventLevel.Debug);
        }
        // Of 13 that there is room for.
        errors.ShouldBeInRange(5, 7);
        sink.Stats.DroppedByReason.ShouldBe(new Dictionary<DropReason, long> { [DropReason.Shed] = 1 });
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task BreakAfterIsTheNumberOfFailuresBeforeNothingButTrialsIsSent()
    {
        _rig.Options.Breaker.After = 5;
        Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        Log(sink, 1);
        await _rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Open);
        sink.Stats.FailuresInRow.ShouldBe(5);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task BreakMaxIsTheLongestTimeFromTrialToTrial()
    {
        _rig.Options.Breaker.IntervalMax = TimeSpan.FromSeconds(64);
        Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        Log(sink, 1);
        await _rig.UntilAsync(sink, stats => stats.FailuresInRow == 12, TimeSpan.FromMilliseconds(500));
        // Up to a fifth less, so that processes do not come back in step.
        (sink.Stats.NextStartAt!.Value - _rig.Clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(50, 64);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task DeniedDelayIsTheTimeBetweenAttemptsWhileAccessIsDenied()
    {
        _rig.Options.Breaker.DeniedDelay = TimeSpan.FromSeconds(300);
        Temporal.Instead = (_, _) => Task.FromResult(new PublishOutcome(OutcomeKind.Denied, "No such key."));
        var sink = _rig.Open();
        Log(sink, 1);
        await _rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Denied);
        (sink.Stats.NextStartAt!.Value - _rig.Clock.GetUtcNow()).TotalSeconds.ShouldBeInRange(295, 300);
        await _rig.CloseAsync(sink);
    }

    [Theory, MemberData(nameof(Durabilities))]
    public async Task EachSamplingOptionIsOfItsLevel(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Sampling.Verbose = 100;
        _rig.Options.Sampling.Debug = 20;
        _rig.Options.Sampling.Information = 5;
        var sink = _rig.Open();
        foreach (var level in Enum.GetValues<LogEventLevel>()) Log(sink, 100, level);
        await sink.FlushAsync();
        Temporal.Records.GroupBy(record => record.GetProperty("level").GetString()).Select(level => (level.Key, level.Count()))
            .ShouldBe([("trace", 1), ("debug", 5), ("info", 20), ("warning", 100), ("error", 100), ("fatal", 100)], ignoreOrder: true);
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    public async Task EachBoundOfAnEventHolds(Durability durability)
    {
        _rig.Options.Durability = durability;
        _rig.Options.Channel = "events";
        _rig.Options.Limits.StringLengthMax = 50;
        _rig.Options.Limits.CollectionCountMax = 3;
        _rig.Options.Limits.DepthMax = 2;
        _rig.Options.Limits.EventBytesMax = 20_000;
        var sink = _rig.Open();
        LogEventPropertyValue deep = new ScalarValue("bottom");
        for (var i = 0; i < 5; i++) deep = new SequenceValue([deep]);
        sink.Emit(SomeEvent.Of("x", ("Long", new string('x', 51)), ("Fits", new string('x', 50)),
            ("Many", new SequenceValue(Enumerable.Range(0, 10).Select(i => new ScalarValue(i)))), ("Deep", deep)));
        sink.Emit(SomeEvent.Of(new string('y', 60_000)));
        await sink.FlushAsync();
        var record = Temporal.Records[0];
        record.GetProperty("channel").GetString().ShouldBe("events");
        record.GetProperty("Long").GetString()!.Length.ShouldBeLessThanOrEqualTo(51);
        record.GetProperty("Long").GetString()!.ShouldNotBe(new string('x', 51));
        record.GetProperty("Fits").GetString().ShouldBe(new string('x', 50));
        record.GetProperty("Many").GetArrayLength().ShouldBeInRange(3, 4);
        record.GetProperty("Deep").GetRawText().ShouldBe("[[\"…\"]]");
        Temporal.Batches.SelectMany(batch => LogPipeline.Workflows.LogBatchRecords.Decode(batch.Records)).Max(line => line.Length)
            .ShouldBeInRange(10_000, 20_000);
        sink.Stats.Truncated.ShouldBe(2);
        await _rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(RedactionScope.All, "[redacted]", "password=[redacted]", "[redacted]")]
    [InlineData(RedactionScope.Formats, "[redacted]", "password=open", "[redacted]")]
    [InlineData(RedactionScope.Names, "[redacted]", "password=open", "[redacted]")]
    [InlineData(RedactionScope.Off, "secret", "password=open", "DE17")]
    public async Task RedactionAndItsNamesReachTheRecords(RedactionScope scope, string password, string text, string iban)
    {
        _rig.Options.Redaction.Scope = scope;
        _rig.Options.Redaction.Names = "Iban";
        var sink = _rig.Open();
        sink.Emit(SomeEvent.Of("x", ("Password", "secret"), ("Text", "password=open"), ("CustomerIban", "DE17")));
        await sink.FlushAsync();
        var record = Temporal.Records[0];
        record.GetProperty("Password").GetString().ShouldBe(password);
        record.GetProperty("Text").GetString().ShouldBe(text);
        record.GetProperty("CustomerIban").GetString().ShouldBe(iban);
        await _rig.CloseAsync(sink);
    }
}
