using System.Diagnostics;
using System.Text.Json;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;
using Serilog;
using Serilog.Core;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.EndToEnd.Delivery;

/// <summary>
/// The worker pushes to a real Loki. One line never stops the others: not one of a device without a clock, nor a setting
/// of the server that forbids something of a line.
/// </summary>
public sealed class OneBadLineTests
{
    static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    [SkippableTheory]
    [InlineData(false, "too_old")]
    // When a later batch of the stream is there before it, Loki looks at that first.
    [InlineData(true, "before_schema", "too_far_behind")]
    public async Task ALineFrom1970IsRefusedAloneWhoeverConfiguredLoki(bool isOthers, params string[] reasons)
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        await using var loki = await LokiServer.StartNewAsync(directory.File("loki"), null,
            isOthers ? [LokiServer.TakesAnyAge] : []);
        await using var pipeline = await Pipeline.StartNewAsync(
            new Dictionary<string, string> { ["LOG_LOKI_URL"] = loki.Url });
        await using (var logger = pipeline.NewLogger())
        {
            Write(logger, "app", DateTimeOffset.UnixEpoch.AddSeconds(5), 0);
            for (var i = 1; i <= 5; i++) Write(logger, "app", Now.AddSeconds(i - 60), i);
            for (var i = 6; i <= 10; i++) Write(logger, "payments", Now.AddSeconds(i - 60), i);
        }
        await pipeline.LinesReachAsync(11, Patience);

        var deliveries = await DeliveriesAsync(pipeline, 11);
        deliveries.Sum(delivery => delivery.RecordCount).ShouldBe(10);
        deliveries.ShouldAllBe(delivery => delivery.Failure == null);
        var refused = deliveries.Single(delivery => delivery.Refused is not null);
        var (reason, count) = refused.Refused.ShouldNotBeNull().ShouldHaveSingleItem();
        reasons.ShouldContain(reason);
        count.ShouldBe(1);
        pipeline.Worker.Everything.ShouldContain($"1 {reason}; they are in their files");
        (await LinesAsync(loki)).Count.ShouldBe(10);
        var file = Directory.GetFiles(Path.Combine(pipeline.LogDirectory, "app"), "*.clef").ShouldHaveSingleItem();
        File.ReadAllText(file).ShouldContain("1970-01-01T00:00:05");
    }

    [SkippableFact]
    public async Task ALokiWithoutStructuredMetadataHasEveryLine()
    {
        RealServers.SkipIfMissing();
        using var directory = new TempDirectory();
        await using var loki = await LokiServer.StartNewAsync(directory.File("loki"), null, LokiServer.TakesNoMetadata);
        await using var pipeline = await Pipeline.StartNewAsync(
            new Dictionary<string, string> { ["LOG_LOKI_URL"] = loki.Url });
        for (var batch = 0; batch < 3; batch++)
        {
            await using (var logger = pipeline.NewLogger())
                for (var i = 0; i < 20; i++)
                    Write(logger, "app", Now.AddSeconds(batch * 20 + i - 100), i, isTraced: i % 2 == 0);
            await pipeline.LinesReachAsync(20 * (batch + 1), Patience);
        }

        var deliveries = await DeliveriesAsync(pipeline, 60);
        deliveries.Sum(delivery => delivery.RecordCount).ShouldBe(60);
        deliveries.ShouldAllBe(delivery => delivery.Failure == null && delivery.Refused == null);
        var lines = await LinesAsync(loki);
        lines.Count.ShouldBe(60);
        lines.Count(line => line.Line.Contains("\"@tr\"", StringComparison.Ordinal)).ShouldBe(30);
        pipeline.Worker.Everything.Split("takes no structured metadata").Length.ShouldBe(2, pipeline.WorkerSaid());
    }

    static void Write(Logger logger, string channel, DateTimeOffset time, int number, bool isTraced = false) =>
        logger.Write(new LogEvent(time, LogEventLevel.Information, null,
            new MessageTemplateParser().Parse("Event {Number}"),
            [
                new LogEventProperty("Number", new ScalarValue(number)),
                new LogEventProperty("channel", new ScalarValue(channel)),
            ],
            isTraced ? ActivityTraceId.CreateRandom() : default, isTraced ? ActivitySpanId.CreateRandom() : default));

    // Counted here and not by Loki, which counts a stream twice that it refused to begin once.
    static Task<IReadOnlyList<LokiLine>> LinesAsync(LokiServer loki) =>
        loki.LinesAsync("{source=\"endtoend\"}", Now.AddHours(-1), Now.AddHours(1));

    /// <summary>What became of all batches, when it is known of so many records.</summary>
    static Task<List<DeliveryReceipt>> DeliveriesAsync(Pipeline pipeline, int records) =>
        Eventually.GetAsync(() => DeliveriesAsync(pipeline), found => found.Sum(CountOf) >= records, Patience,
            TimeSpan.FromSeconds(1), pipeline.WorkerSaid);

    static int CountOf(DeliveryReceipt delivery) => delivery.RecordCount + (delivery.Refused?.Values.Sum() ?? 0);

    static async Task<List<DeliveryReceipt>> DeliveriesAsync(Pipeline pipeline)
    {
        var list = await pipeline.Temporal.CliAsync("workflow", "list", "-o", "json", "--query",
            "ExecutionStatus='Completed'");
        list.ExitCode.ShouldBe(0, list.Everything);
        using var ids = JsonDocument.Parse(list.Output);
        var deliveries = new List<DeliveryReceipt>();
        foreach (var batch in ids.RootElement.EnumerateArray())
        {
            var id = batch.GetProperty("execution").GetProperty("workflowId").GetString()!;
            var result = await pipeline.Temporal.CliAsync("workflow", "result", "-w", id, "-o", "json");
            using var json = JsonDocument.Parse(result.Output);
            deliveries.AddRange(json.RootElement.GetProperty("result").Deserialize<WriteReceipt>()!.Deliveries ?? []);
        }
        return deliveries;
    }
}
