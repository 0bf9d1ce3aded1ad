using System.Reflection;
using LogPipeline.Publisher.Diagnostics;

namespace LogPipeline.Publisher.Publishing;

/// <summary>
/// Tells workers where this publisher's events are: with its batches, once a second at most, and in a report of its own
/// when no batch has told it for a while. Any thread.
/// </summary>
/// <param name="interval">Longest time without a report; zero: there are none.</param>
sealed class PublisherReports(string source, string instance, TimeSpan interval, Func<PublisherStats> stats, TimeProvider time)
{
    /// <summary>Under load a batch goes each few milliseconds, and a report would be a part of what Temporal stores.</summary>
    static readonly TimeSpan BatchInterval = TimeSpan.FromSeconds(1);

    /// <summary>So long after the last report there is no batch that could bring the next one.</summary>
    public static readonly TimeSpan Quiet = TimeSpan.FromSeconds(10);

    const int ReasonLengthMax = 300;

    static readonly string Version = (typeof(PublisherReports).Assembly
        .GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "0.0.0").Split('+')[0];

    readonly DateTimeOffset _startedAt = time.GetUtcNow();
    readonly Lock _gate = new();
    // Under the gate.
    long? _lastAt;
    long? _lastOwnAt;
    PublisherReport? _last;

    public bool AreOn => interval > TimeSpan.Zero;

    /// <summary>The sink closes: each batch may be its last.</summary>
    public bool IsClosing { get; set; }

    /// <summary>
    /// What goes with a batch: how it is once Temporal has taken that, as nobody reads it else.
    /// </summary>
    /// <returns>Null: another batch has told it just now.</returns>
    public PublisherReport? WithBatch(int records, Location from)
    {
        if (!AreOn) return null;
        lock (_gate)
        {
            if (!IsClosing && Since(_lastAt) < BatchInterval) return null;
            var now = stats();
            now = now with
            {
                Accepted = now.Accepted + records,
                Breaker = BreakerState.Closed,
                BreakerSince = now.Breaker == BreakerState.Closed ? now.BreakerSince : time.GetUtcNow(),
            };
            return Made(from == Location.Queue
                ? now with { Queued = now.Queued - records } : now with { Spooled = now.Spooled - records });
        }
    }

    /// <summary>A report without a batch, where one is due.</summary>
    public PublisherReport? Own()
    {
        lock (_gate)
        {
            if (!AreOn || Since(_lastAt) < Quiet || Since(_lastOwnAt) < interval) return null;
            var now = stats();
            if (Since(_lastAt) < interval && !HasChanged(now)) return null;
            _lastOwnAt = time.GetTimestamp();
            return Made(now);
        }
    }

    /// <summary>The report with which a sink ends. Null: the last one said the same.</summary>
    public PublisherReport? Last()
    {
        lock (_gate) return AreOn && stats() is var now && (HasChanged(now) || !_last!.Ended) ? Made(now) : null;
    }

    TimeSpan Since(long? at) => at is { } then ? time.GetElapsedTime(then) : TimeSpan.MaxValue;

    bool HasChanged(PublisherStats now) => _last is null || _last.Breaker.State != StateNames.Of(now.Breaker)
        || Same(CountsOf(now)) != Same(_last.Counts);

    static PublisherCounts Same(PublisherCounts counts) =>
        counts with { Dropped = NoDrops, SetAside = counts.SetAside + counts.Dropped.Values.Sum() };

    static readonly Dictionary<string, long> NoDrops = [];

    PublisherReport Made(PublisherStats now)
    {
        var at = time.GetUtcNow();
        _lastAt = time.GetTimestamp();
        return _last = new PublisherReport
        {
            Source = source, Instance = instance, Host = Environment.MachineName, Version = Version,
            StartedAt = _startedAt, ReportedAt = at, Ended = IsClosing && now.Queued + now.Spooled == 0,
            Counts = CountsOf(now),
            Breaker = new PublisherBreaker
            {
                State = StateNames.Of(now.Breaker), Since = now.BreakerSince, Reason = Cut(now.LastError),
            },
            Spool = new PublisherSpool
            {
                Bytes = now.SpooledBytes, Oldest = now.OldestSpooledAge is { } age ? at - age : null,
            },
        };
    }

    static PublisherCounts CountsOf(PublisherStats now) => new()
    {
        Emitted = now.Emitted, Notices = now.Notices, Adopted = now.Adopted, Filtered = now.Filtered,
        Queued = now.Queued, Spooled = now.Spooled, InTemporal = now.Accepted, FallbackFile = now.WrittenToFiles,
        SetAside = now.SetAside,
        Dropped = now.DroppedByReason.ToDictionary(one => StateNames.Of(one.Key), one => one.Value),
    };

    static string? Cut(string? text) => text is { Length: > ReasonLengthMax } ? text[..ReasonLengthMax] + "…" : text;
}
