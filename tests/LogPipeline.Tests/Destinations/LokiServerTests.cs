using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Destinations;

/// <summary>What the fake says of Loki, of Loki itself.</summary>
public sealed class LokiServerTests(StartedLoki started) : IClassFixture<StartedLoki>
{
    LokiServer Loki => started.Server;

    async Task<DeliveryReceipt> WriteAsync(string source, IReadOnlyList<DateTimeOffset> times,
        Func<int, string>? message = null, bool isRepeated = false)
    {
        var options = new LokiOptions { Url = new Uri(Loki.Url + "/loki/api/v1/push"), Timeout = TimeSpan.FromSeconds(60) };
        using var client = new LokiClient(options);
        var id = new BatchId(source, "one", 1);
        List<ReadOnlyMemory<byte>> records = [.. times.Select((time, i) =>
            (ReadOnlyMemory<byte>)Some.Record(i + 1, message?.Invoke(i) ?? $"message {i}", "app", source, "one", time))];
        var header = Some.Header(id, records);
        return await new LokiDestination(options, client, ChannelRules.Plain, NullLogger.Instance)
            .WriteAsync(new IncomingBatch(id.ToString(), header, LogBatchRecords.Encode(records), ["app"], isRepeated));
    }

    Task CountReachesAsync(string selector, long count) =>
        Eventually.GetAsync(() => Loki.CountAsync(selector, hours: 72), found =>
            found >= count, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(300));

    [SkippableFact]
    public async Task APushThatIsRepeatedDoublesNothingAlsoWhenLokiHasWrittenTheFirstOneOut()
    {
        RealServers.SkipIfMissing();
        var now = DateTimeOffset.UtcNow;
        DateTimeOffset[] times = [.. Enumerable.Range(0, 3_000).Select(i => now.AddMinutes(-5).AddMilliseconds(i / 3))];
        // More than one push; three events each share a time.
        string Message(int i) => $"message {i} " + new string('x', 600);
        for (var attempt = 0; attempt < 3; attempt++)
            (await WriteAsync("again", times, Message, isRepeated: attempt > 0))
                .ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 3_000 });
        await CountReachesAsync("{source=\"again\"}", 3_000);
        (await Loki.CountAsync("{source=\"again\"}")).ShouldBe(3_000);

        using (var http = new HttpClient { BaseAddress = new Uri(Loki.Url) })
            (await http.PostAsync(new Uri("/flush", UriKind.Relative), null)).IsSuccessStatusCode.ShouldBeTrue();
        await WriteAsync("again", times, Message, isRepeated: true);
        (await Loki.CountAsync("{source=\"again\"}")).ShouldBe(3_000);
    }

    [SkippableFact]
    public async Task LinesThatLokiRefusesAreCountedByReasonAndTheOthersAreThere()
    {
        RealServers.SkipIfMissing();
        var now = DateTimeOffset.UtcNow;
        // The shipped configuration takes what is up to 12 hours behind its stream.
        DateTimeOffset[] times = [.. Enumerable.Range(0, 40).Select(i => now.AddHours(-20).AddSeconds(i)), .. Enumerable.Range(0, 60)
            .Select(i => now.AddSeconds(i - 100))];
        await WriteAsync("late", [now]);
        var receipt = await WriteAsync("late", times);
        receipt.RecordCount.ShouldBe(60);
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["too_far_behind"] = 40 });
        await CountReachesAsync("{source=\"late\"}", 61);
        (await Loki.CountAsync("{source=\"late\"}", hours: 72)).ShouldBe(61);

        var early = await WriteAsync("early", [now, now.AddSeconds(1), now.AddHours(3), now.AddHours(4)]);
        early.Refused.ShouldBe(new Dictionary<string, int> { ["too_new"] = 2 });
        await CountReachesAsync("{source=\"early\"}", 2);
    }

    [SkippableTheory, InlineData(10), InlineData(40), InlineData(24 * 8)]
    public async Task AnOldLineIsFoundAtOnce(int hours)
    {
        RealServers.SkipIfMissing();
        var time = DateTimeOffset.UtcNow.AddHours(-hours);
        (await WriteAsync($"old{hours}", [time])).Refused.ShouldBeNull();
        // A range query, as people ask.
        await Eventually.GetAsync(() => Loki.LinesAsync($"{{source=\"old{hours}\"}}", time.AddMinutes(-1), time.AddMinutes(1)), lines =>
            lines.Count == 1, TimeSpan.FromSeconds(60));
    }
}
