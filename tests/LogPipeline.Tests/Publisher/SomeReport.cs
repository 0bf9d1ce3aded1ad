using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

static class SomeReport
{
    public static PublisherReport Of(string source = "shop", string instance = "i1", DateTimeOffset? at = null) => new()
    {
        Source = source, Instance = instance, Host = "host-1", Version = "1.2.3",
        StartedAt = new DateTimeOffset(2026, 11, 21, 9, 0, 0, TimeSpan.Zero),
        ReportedAt = at ?? new DateTimeOffset(2026, 11, 21, 10, 0, 0, TimeSpan.Zero),
        Counts = new PublisherCounts { Emitted = 10, InTemporal = 7, Spooled = 2, Dropped = new Dictionary<string, long> { ["shed"] = 1 } },
        Breaker = new PublisherBreaker { State = "open", Reason = "Nobody is there." },
        Spool = new PublisherSpool { Bytes = 512 },
    };
}
