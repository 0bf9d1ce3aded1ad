using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>A sink says where its events are: with its batches, and without them when there are none.</summary>
public sealed class ReportLoopTests
{
    readonly SinkRig _rig = new();
    readonly Reported _temporal = new();

    [Fact]
    public async Task TheBatchAsItIsFrozenHasNoReportAndEachAttemptItsOwn()
    {
        _rig.Options.Durability = Durability.ProcessSafe;
        var seen = new List<LogBatchHeader>();
        _temporal.Batches.Instead = (batch, _) =>
        {
            seen.Add(batch.Header);
            return seen.Count < 2 ? FakeTemporal.Away(batch, default) : Task.FromResult(PublishOutcome.Accepted);
        };
        var sink = _rig.Open(_temporal);
        sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1, TimeSpan.FromSeconds(1));
        var (first, second) = (seen[0], seen[1]);
        (first with { Publisher = null, Levels = second.Levels, Channels = second.Channels }).ShouldBe(second with { Publisher = null });
        first.Publisher!.Breaker.Reason.ShouldBeNull();
        second.Publisher!.Breaker.Reason.ShouldNotBeNull();
        second.Publisher.Counts.InTemporal.ShouldBe(1);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AnIdleSinkReportsOnceAMinuteWhileTemporalIsReached()
    {
        var sink = _rig.Open(_temporal);
        sink.Emit(SomeEvent.Of("x"));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await _rig.UntilAsync(() => _temporal.Count == 3, TimeSpan.FromSeconds(5));
        var times = _temporal.Reports.Select(report => report.ReportedAt).ToList();
        (times[2] - times[1]).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromMinutes(1));
        _temporal.Reports[2].Counts.InTemporal.ShouldBe(1);

        _temporal.Batches.Instead = FakeTemporal.Away;
        sink.Emit(SomeEvent.Of("y"));
        await _rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Open, TimeSpan.FromSeconds(1));
        var (count, until) = (_temporal.Count, _rig.Clock.GetUtcNow() + TimeSpan.FromMinutes(5));
        await _rig.UntilAsync(() => _rig.Clock.GetUtcNow() > until, TimeSpan.FromSeconds(5));
        _temporal.Count.ShouldBe(count);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AClientThatThrowsEndsNothing()
    {
        _temporal.Throws = true;
        var sink = _rig.Open(_temporal);
        await _rig.UntilAsync(() => _temporal.Count == 2, TimeSpan.FromSeconds(5));
        sink.Stats.Breaker.ShouldBe(BreakerState.Closed);
        await _rig.CloseAsync(sink);
    }

    [Fact]
    public async Task AClosedSinkHasSaidWhatBecameOfItsEvents()
    {
        _rig.Options.Sampling.Information = 1_000_000;
        var sink = _rig.Open(_temporal);
        // The first of so many is kept.
        sink.Emit(SomeEvent.Of("sent"));
        await _rig.UntilAsync(sink, stats => stats.Accepted == 1);
        sink.Emit(SomeEvent.Of("left out"));
        sink.Emit(SomeEvent.Of("left out"));
        await _rig.CloseAsync(sink);
        _temporal.Reports.ShouldHaveSingleItem().Counts.ShouldSatisfyAllConditions(
            counts => counts.Emitted.ShouldBe(3), counts => counts.Filtered.ShouldBe(2));
    }

    /// <summary>Takes batches and reports.</summary>
    sealed class Reported : IBatchStarter, IReportStarter
    {
        readonly Lock _gate = new();
        readonly List<PublisherReport> _reports = [];

        public FakeTemporal Batches { get; } = new();
        public bool Throws { get; set; }
        public int Count => Reports.Count;

        public IReadOnlyList<PublisherReport> Reports
        {
            get { lock (_gate) return [.. _reports]; }
        }

        public Task<PublishOutcome> StartAsync(FrozenBatch batch, CancellationToken cancellationToken) =>
            Batches.StartAsync(batch, cancellationToken);

        public Task SendAsync(PublisherReport report, CancellationToken cancellationToken)
        {
            lock (_gate) _reports.Add(report);
            return Throws ? throw new InvalidOperationException("defect") : Task.CompletedTask;
        }
    }
}
