using System.IO.Compression;
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

    LokiOptions Options => new()
    {
        Url = new Uri(started.Server.Url + "/loki/api/v1/push"), Timeout = TimeSpan.FromSeconds(60),
    };

    Task<DeliveryReceipt> WriteAsync(string source, params (string Channel, DateTimeOffset Time)[] events) =>
        WriteAsync(source, Options, null, "", events);

    async Task<DeliveryReceipt> WriteAsync(string source, LokiOptions options, HttpMessageHandler? proxy, string more,
        (string Channel, DateTimeOffset Time)[] events, bool isRepeated = false)
    {
        using var client = new LokiClient(options, proxy);
        var id = new BatchId(source, "one", 1);
        List<ReadOnlyMemory<byte>> records = [.. events.Select((one, i) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"{{one.Time:yyyy-MM-ddTHH:mm:ss.fffffffZ}}","@mt":"Event {{i}}{{more}}","@tr":"4bf92f3577b34da6a3ce929d0e0e4736","level":"info","channel":"{{one.Channel}}","source":"{{source}}","instance":"one","seq":{{i + 1}}}"""))];
        var folders = events.Select(one => one.Channel).Distinct().ToList();
        return await new LokiDestination(options, client, ChannelRules.Plain, _logger).WriteAsync(new IncomingBatch(
            id.ToString(), Some.Header(id, records), LogBatchRecords.Encode(records), folders, isRepeated));
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
        var receipt = await WriteAsync("ids",
            [.. Enumerable.Range(0, 50).Select(i => ($"c{i % 3}", Now.AddSeconds(i - 60)))]);
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

    [SkippableFact]
    public async Task APushThatIsTooLargeForOneOfItsPartsIsHalved()
    {
        RealServers.SkipIfMissing();
        var options = Options with { PushBytesMax = 16 << 20, LineBytesMax = 2 << 20 };
        var receipt = await WriteAsync("large", options, null, new string('x', 900_000),
            [.. Enumerable.Range(0, 8).Select(i => ("app", Now.AddSeconds(i - 60)))]);
        receipt.ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 8 });
        (await started.Server.CountAsync("{source=\"large\"}")).ShouldBe(8);
    }

    [SkippableFact]
    public async Task AnAnswerThatIsTooLargeForOneOfItsPartsIsAskedForInSmallerPages()
    {
        RealServers.SkipIfMissing();
        (string, DateTimeOffset)[] first =
            [.. Enumerable.Range(0, 900).Select(i => ("app", Now.AddMilliseconds(i - 60_000)))];
        var message = new string('x', 10_000);
        await WriteAsync("pages", Options, null, message, first);
        // All of it is there, as far as the ends of this batch are apart.
        var receipt = await WriteAsync("pages", Options, null, message, [first[0], first[^1]], isRepeated: true);
        receipt.ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 2 });
        // The first is the same line, the last has another number.
        (await started.Server.CountAsync("{source=\"pages\"}")).ShouldBe(901);
    }

    [SkippableFact]
    public async Task ALineThatAProxyRefusesStopsNoOther()
    {
        RealServers.SkipIfMissing();
        using var proxy = new ForbiddingProxy("Event 17\\\"");
        var receipt = await WriteAsync("proxy", Options, proxy, "",
            [.. Enumerable.Range(0, 100).Select(i => ("app", Now.AddSeconds(i - 200)))]);
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["answered_400"] = 1 });
        receipt.RecordCount.ShouldBe(99);
        (await CountAsync("proxy")).ShouldBe(99);
    }

    /// <summary>Answers 400 to a push that holds a text, as a web application firewall does; passes on others.</summary>
    sealed class ForbiddingProxy(string text) : DelegatingHandler(new SocketsHttpHandler())
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request,
            CancellationToken cancellationToken)
        {
            if (request.Content is null) return await base.SendAsync(request, cancellationToken);
            await request.Content.LoadIntoBufferAsync(cancellationToken);
            using var body = new MemoryStream(await request.Content.ReadAsByteArrayAsync(cancellationToken));
            using var reader = new StreamReader(new GZipStream(body, CompressionMode.Decompress));
            return (await reader.ReadToEndAsync(cancellationToken)).Contains(text, StringComparison.Ordinal)
                ? FakeLoki.BadRequest("<h1>Rule 942100</h1>") : await base.SendAsync(request, cancellationToken);
        }
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
