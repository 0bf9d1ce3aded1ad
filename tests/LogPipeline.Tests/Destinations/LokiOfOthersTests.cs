using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Destinations;

/// <summary>A real Loki whose settings are not ours: it takes lines of any age, and no structured metadata.</summary>
public sealed class LokiOfOthersTests(LokiOfOthersTests.Started started) : IClassFixture<LokiOfOthersTests.Started>
{
    static readonly DateTimeOffset Now = DateTimeOffset.UtcNow;

    readonly LinesLogger<LokiDestination> _logger = new();

    async Task<DeliveryReceipt> WriteAsync(string source, params (string Channel, DateTimeOffset Time)[] events)
    {
        var options = new LokiOptions
        {
            Url = new Uri(started.Server.Url + "/loki/api/v1/push"), Timeout = TimeSpan.FromSeconds(60),
        };
        using var client = new LokiClient(options);
        var id = new BatchId(source, "one", 1);
        List<ReadOnlyMemory<byte>> records = [.. events.Select((one, i) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"{{one.Time:yyyy-MM-ddTHH:mm:ss.fffffffZ}}","@mt":"Event {{i}}","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","level":"info","channel":"{{one.Channel}}","source":"{{source}}","instance":"one","seq":{{i + 1}}}"""))];
        var folders = events.Select(one => one.Channel).Distinct().ToList();
        return await new LokiDestination(options, client, ChannelRules.Plain, _logger).WriteAsync(new IncomingBatch(
            id.ToString(), Some.Header(id, records), LogBatchRecords.Encode(records), folders));
    }

    // Counted here and not by Loki: it counts a stream twice that it refused to begin once.
    async Task<int> CountAsync(string source) => (await Eventually.GetAsync(
        () => started.Server.LinesAsync($"{{source=\"{source}\"}}", Now.AddHours(-1), Now.AddHours(1)),
        found => found.Count > 0, TimeSpan.FromSeconds(60), TimeSpan.FromMilliseconds(300))).Count;

    [SkippableTheory, InlineData(1), InlineData(40)]
    public async Task LinesOlderThanTheSchemaAreRefusedAloneInAStreamThatIsNew(int old)
    {
        RealServers.SkipIfMissing();
        var source = $"clock{old}";
        var receipt = await WriteAsync(source, [
            .. Enumerable.Range(0, old).Select(i => ("app", DateTimeOffset.UnixEpoch.AddSeconds(5 + i))),
            .. Enumerable.Range(0, 5).Select(i => ("app", Now.AddSeconds(i - 60)))]);
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["before_schema"] = old });
        receipt.RecordCount.ShouldBe(5);
        (await CountAsync(source)).ShouldBe(5);
    }

    [SkippableFact]
    public async Task AStreamThatIsRefusedIsNotHiddenByAnotherThatIsTaken()
    {
        RealServers.SkipIfMissing();
        // Loki tells of the last stream of a push alone.
        var receipt = await WriteAsync("hidden", ("bad", DateTimeOffset.UnixEpoch.AddSeconds(5)),
            ("bad", Now.AddMinutes(-1)), ("good", Now.AddMinutes(-1)));
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["before_schema"] = 1 });
        receipt.RecordCount.ShouldBe(2);
        (await CountAsync("hidden")).ShouldBe(2);
    }

    [SkippableFact]
    public async Task EveryLineWithATraceIdIsThereAndThisIsToldOnce()
    {
        RealServers.SkipIfMissing();
        var receipt = await WriteAsync("ids", [.. Enumerable.Range(0, 50).Select(i => ($"c{i % 3}", Now.AddSeconds(i - 60)))]);
        receipt.ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 50 });
        (await CountAsync("ids")).ShouldBe(50);
        var line = (await started.Server.LinesAsync("{source=\"ids\"}", Now.AddHours(-1), Now.AddHours(1)))[0];
        line.Labels.ShouldNotContainKey("trace_id");
        line.Line.ShouldContain("4bf92f3577b34da6a3ce929d0e0e4736");
        _logger.Lines.ShouldHaveSingleItem().Text.ShouldContain("takes no structured metadata");
    }

    [SkippableFact]
    public async Task TimesThatWouldWrapAreRefused()
    {
        RealServers.SkipIfMissing();
        var receipt = await WriteAsync("wrap", ("app", DateTimeOffset.MinValue), ("app", DateTimeOffset.MaxValue),
            ("app", new DateTimeOffset(2611, 6, 1, 0, 0, 0, TimeSpan.Zero)),
            ("app", new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero)),
            ("app", Now));
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["too_new"] = 3, ["too_old"] = 1 });
        (await CountAsync("wrap")).ShouldBe(1);
    }

    public sealed class Started : IAsyncLifetime
    {
        readonly TempDirectory _directory = new();

        public LokiServer Server { get; private set; } = null!;

        public async Task InitializeAsync()
        {
            if (RealServers.MissingBecause is null)
                Server = await LokiServer.StartNewAsync(_directory.File("loki"), null, LokiServer.TakesAnyAge,
                    LokiServer.TakesNoMetadata);
        }

        public async Task DisposeAsync()
        {
            if (Server is not null) await Server.DisposeAsync();
            _directory.Dispose();
        }
    }
}
