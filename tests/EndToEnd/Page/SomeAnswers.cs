namespace LogPipeline.EndToEnd.Page;

/// <summary>Answers of a worker, in place of the real one's.</summary>
static class SomeAnswers
{
    public const string Instance = "20261121T083643-3d06f3fd";

    /// <summary>Something in every part.</summary>
    public static void Full(PageVisit visit)
    {
        visit.Answer("/api/publishers", Publishers(100, 100, 0));
        visit.Answer("/api/history", new { stepSeconds = 10, points = Array.Empty<object>() });
        visit.Answer("/api/channels", Channels("app", "payments"));
        visit.Answer("/api/dead-letters", Letters(Letter("one", "shop", "app", "It belongs to another batch.")));
        visit.Answer("/api/tail", PageVisit.Events(Enumerable.Range(1, 300).Select(i =>
            Record(i, i % 3 == 0 ? "warning" : "info", i % 2 == 0 ? "app" : "payments", $"Order {i} was placed"))));
    }

    public static object Publishers(long emitted, long written, long dropped, string source = "shop", string host = "web-1") => new
    {
        publishers = new[]
        {
            new
            {
                source, instance = Instance, host, version = "0.1.0", startedAt = DateTimeOffset.UtcNow, reportedAt = DateTimeOffset.UtcNow,
                ended = false,
                counts = new
                {
                    emitted, notices = 0, adopted = 0, filtered = 0, queued = 0, spooled = 0, inTemporal = written, written,
                    filteredByWorker = 0, deadLettered = 0, setAside = 0, fallbackFile = 0,
                    dropped = new Dictionary<string, long> { ["queue_full"] = dropped },
                },
                breaker = new { state = "closed", since = (DateTimeOffset?)null, reason = (string?)null },
                spool = new { bytes = 0, oldest = (DateTimeOffset?)null },
            },
        },
    };

    public static object Channels(params string[] names) => new
    {
        channels = names.Select(name => new
        {
            name, files = 1, bytes = 1000, oldest = "2026-11-20", newest = "2026-11-21", recordsSinceStart = 10,
            recordsByLevel = new Dictionary<string, long> { ["info"] = 9, ["error"] = 1 }, recordsPerSecond = 1.5,
        }),
    };

    public static object Letters(params object[] letters) => new { total = letters.Length, letters, next = (string?)null };

    public static object Letter(string id, string source, string channel, string reason) => new
    {
        id, source, instance = Instance, first = 1, records = 2, channel, reason, at = DateTimeOffset.UtcNow, isRetried = false,
        workflowUrl = (string?)null,
    };

    public static Dictionary<string, object> Record(long sequence, string level, string channel, string message,
        string source = "shop") => new()
    {
        ["@t"] = "2026-11-21T08:36:51.9856284Z", ["@mt"] = message, ["level"] = level, ["channel"] = channel, ["source"] = source,
        ["instance"] = Instance, ["seq"] = sequence, ["message"] = message, ["batch"] = $"logs/{source}/{Instance}/000000000001",
    };
}
