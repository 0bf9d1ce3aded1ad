using System.Diagnostics;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Diagnostics;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using Microsoft.Extensions.Logging;
using Serilog;
using Serilog.Extensions.Logging;

namespace LogPipeline.Tests.Publisher;

/// <summary>What the sink's own work logs never feeds the sink, and what belongs to an event goes with it.</summary>
public sealed class OwnLoggingTests
{
    readonly SinkRig _rig = new();

    [Fact]
    public async Task AClientThatLogsThroughTheSameLoggerDoesNotGoRoundForEver()
    {
        var sink = _rig.Open();
        using var factory = new SerilogLoggerFactory(new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger(), dispose: true);
        var log = factory.CreateLogger("System.Net.Http");
        _rig.Temporal.Instead = async (_, _) =>
        {
            log.LogInformation("Sending a request");
            await Task.Yield();
            log.LogInformation("Received an answer");
            await Task.Run(() => log.LogInformation("Returned the connection"));
            return PublishOutcome.Accepted;
        };
        factory.CreateLogger("application").LogInformation("an order");
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        sink.Stats.DroppedByReason[DropReason.Reentrant].ShouldBe(3);
        sink.Stats.Emitted.ShouldBe(4);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AnEventCarriesTheTraceAndSpanInWhichItWasLogged()
    {
        var sink = _rig.Open();
        using var logger = new LoggerConfiguration().WriteTo.Sink(sink).CreateLogger();
        using var activity = new Activity("checkout").SetIdFormat(ActivityIdFormat.W3C).Start();
        logger.Information("within");
        activity.Stop();
        logger.Information("without");
        await _rig.CloseAsync(sink);
        var records = _rig.Temporal.Records;
        records[0].GetProperty("@tr").GetString().ShouldBe(activity.TraceId.ToHexString());
        records[0].GetProperty("@sp").GetString().ShouldBe(activity.SpanId.ToHexString());
        records[1].TryGetProperty("@tr", out _).ShouldBeFalse();
    }

    [Fact]
    public async Task TheFirstFailureTheFirstDropAndTheRecoveryAreSaidOnceEach()
    {
        _rig.Options.Limits.QueueCountMax = 4;
        _rig.Options.Limits.SpoolBytesMax = 64 * 1024;
        _rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        _rig.Options.Sampling.ShedPercent = 100;
        _rig.Temporal.Instead = FakeTemporal.Away;
        var sink = _rig.Open();
        for (var i = 0; i < 40 || sink.Stats.Dropped < 10; i++) sink.Emit(SomeEvent.Of("{Text}", ("Text", new string('x', 10_000))));
        await _rig.UntilAsync(() => Said("was not started at") > 0);
        _rig.Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats.Queued + stats.Spooled == 0);
        await _rig.CloseAsync(sink);
        Said("was not started at").ShouldBe(1);
        Said("Events were dropped: ").ShouldBe(1);
        Said("takes batches again").ShouldBe(1);
    }

    [Fact]
    public void AMessageOfAKindComesAgainAfterAMinuteWithTheNumberOfThoseInBetween()
    {
        var clock = new TestClock();
        var said = new List<string>();
        var reporter = new Reporter(clock, said.Add);
        for (var i = 0; i < 5; i++) reporter.Log("kind", "first");
        reporter.Log("other", "other");
        clock.Advance(TimeSpan.FromSeconds(61));
        reporter.Log("kind", "again");
        reporter.Reset("kind");
        reporter.Log("kind", "news");
        said.ShouldBe(["LogPipeline: first", "LogPipeline: other", "LogPipeline: again (4 more of this kind in between)",
            "LogPipeline: news"]);
    }

    int Said(string text)
    {
        lock (_rig.Reports) return _rig.Reports.Count(report => report.Contains(text));
    }
}
