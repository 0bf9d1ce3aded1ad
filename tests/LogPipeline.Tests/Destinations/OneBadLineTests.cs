using System.Net;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Workflows;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Destinations;

/// <summary>One line that Loki will never take, among others.</summary>
public sealed class OneBadLineTests : IDisposable
{
    const string NoSchema = "rpc error: code = Unknown desc = failed to create stream: no schema config found for time ";

    const string NoMetadata = "stream '{channel=\"app\"}' includes structured metadata, but this feature is disallowed. "
        + "Please see `limits_config.allow_structured_metadata` or contact your Loki administrator to enable it";

    static readonly LokiOptions Options = new() { Url = new Uri("http://loki.test/loki/api/v1/push") };
    static readonly DateTime Ten = new(2026, 11, 21, 10, 0, 0, DateTimeKind.Utc);

    readonly FakeLoki _loki = new();
    readonly LinesLogger<LokiDestination> _logger = new();
    readonly LokiDestination _destination;

    public OneBadLineTests() =>
        _destination = new LokiDestination(Options, new LokiClient(Options, _loki), ChannelRules.Plain, _logger);

    public void Dispose() => _loki.Dispose();

    Task<DeliveryReceipt> WriteAsync(IReadOnlyList<string> times, bool isRepeated = false, string? more = null)
    {
        var (header, _) = SomeBatch.Of(1, [.. times.Select(_ => "app")]);
        var array = LogBatchRecords.Encode([.. times.Select((time, i) => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"{{time}}","@mt":"Event {{i}}",{{more}}"level":"info","channel":"app","source":"shop","instance":"i1","seq":{{i + 1}}}"""))]);
        return _destination.WriteAsync(new IncomingBatch(header.Id.ToString(), header, array, ["app"], isRepeated));
    }

    static List<string> Times(int count) => [.. Enumerable.Range(0, count).Select(i => Text(Ten.AddMilliseconds(i)))];

    static string Text(DateTime time) => time.ToString("O", System.Globalization.CultureInfo.InvariantCulture);

    static int Number(PushedLine line) =>
        int.Parse(line.Line.Split("Event ")[1].Split('"')[0], System.Globalization.CultureInfo.InvariantCulture);

    public static TheoryData<HttpStatusCode, string, string, int> Refusals()
    {
        var rows = new TheoryData<HttpStatusCode, string, string, int>();
        foreach (var bad in (int[])[0, 500, 999])
        {
            rows.Add(HttpStatusCode.InternalServerError, NoSchema + "5", "before_schema", bad);
            rows.Add(HttpStatusCode.InternalServerError, "no schema config found", "before_schema", bad);
            rows.Add(HttpStatusCode.InternalServerError,
                "code = ResourceExhausted desc = grpc: received message larger than max (5 vs. 4)", "line_too_long", bad);
            rows.Add(HttpStatusCode.RequestEntityTooLarge, "<html>nginx</html>", "line_too_long", bad);
            rows.Add(HttpStatusCode.BadRequest, "skipThreeBytes: expect ull", "answered_400", bad);
            rows.Add(HttpStatusCode.UnprocessableEntity, "a rule of a proxy", "answered_422", bad);
        }
        return rows;
    }

    [Theory, MemberData(nameof(Refusals))]
    public async Task OneOfAThousandIsRefusedAloneInAFewPushes(HttpStatusCode status, string body, string reason, int bad)
    {
        _loki.Answer = lines => lines.Any(line => Number(line) == bad) ? FakeLoki.Answered(status, body) : null;
        var receipt = await WriteAsync(Times(1_000));

        receipt.Refused.ShouldBe(new Dictionary<string, int> { [reason] = 1 });
        receipt.RecordCount.ShouldBe(999);
        _loki.Taken.Select(Number).ShouldBe(Enumerable.Range(0, 1_000).Except([bad]), "each once and in order");
        _loki.Pushes.Count.ShouldBeLessThanOrEqualTo(21);
    }

    [Fact]
    public async Task AThousandThatAreRefusedForAReasonOfNobodysKnowledgeAreCounted()
    {
        _loki.Answer = _ => FakeLoki.BadRequest("no");
        var receipt = await WriteAsync(Times(1_000));
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["answered_400"] = 1_000 });
        _loki.Pushes.Count.ShouldBe(1_999);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests)]
    [InlineData(HttpStatusCode.ServiceUnavailable)]
    [InlineData(HttpStatusCode.InternalServerError)]
    public async Task AnAnswerWithoutARefusalEndsTheSearchAndTheBatchIsTriedAgain(HttpStatusCode status)
    {
        _loki.Answer = lines => lines.Count > 500
            ? FakeLoki.Answered(HttpStatusCode.RequestEntityTooLarge, "") : FakeLoki.Answered(status, "busy");
        await Should.ThrowAsync<DestinationUnavailableException>(() => WriteAsync(Times(1_000)));
        _loki.Pushes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task NoAnswerIsNoRefusal()
    {
        _loki.Answer = _ => throw new HttpRequestException("reset");
        await Should.ThrowAsync<DestinationUnavailableException>(() => WriteAsync(Times(1_000)));
        _loki.Pushes.Count.ShouldBe(1);
    }

    [Fact]
    public async Task LinesOlderThanTheSchemaAreKnownByTheirDay()
    {
        string[] old = [.. Enumerable.Range(0, 500).Select(i => Text(DateTime.UnixEpoch.AddSeconds(i + 5)))];
        string[] later = ["1970-02-03T04:05:06Z"];
        _loki.Answer = lines =>
        {
            var oldest = lines.Min(line => line.At) / 1_000_000_000;
            return oldest < 1_700_000_000
                ? FakeLoki.Answered(HttpStatusCode.InternalServerError, NoSchema + oldest) : null;
        };
        var receipt = await WriteAsync([.. old, .. later, .. Times(499)]);

        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["before_schema"] = 501 });
        _loki.Taken.Count.ShouldBe(499);
        _loki.Pushes.Count.ShouldBe(3, "one for each day, and the others");

        (await WriteAsync([.. old, "2019-12-31T23:59:59Z"])).Refused.ShouldBe(
            new Dictionary<string, int> { ["before_schema"] = 501 });
        _loki.Pushes.Count.ShouldBe(4, "the days of 1970 are known");
        (await WriteAsync([.. old, "2019-12-31T00:00:00Z"])).RecordCount.ShouldBe(0);
        _loki.Pushes.Count.ShouldBe(4);
    }

    [Fact]
    public async Task ASchemaThatAnOperatorMayCorrectIsNotKeptInMind()
    {
        _loki.Answer = _ => FakeLoki.Answered(HttpStatusCode.InternalServerError, NoSchema + "1795255200");
        (await WriteAsync(Times(10))).Refused.ShouldBe(new Dictionary<string, int> { ["before_schema"] = 10 });
        _loki.Answer = null;
        (await WriteAsync(Times(10))).RecordCount.ShouldBe(10);
    }

    [Fact]
    public async Task TimesThatAreNoTimesOfLokiAreRefusedBeforeTheyAreSent()
    {
        var receipt = await WriteAsync(["0001-01-01T00:00:00.0000000Z", "9999-12-31T23:59:59.9999999Z",
            "1969-12-31T23:59:59.9999999Z", "2262-04-11T23:47:16.8547759Z", "2611-06-01T00:00:00Z", .. Times(3)]);

        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["too_new"] = 3, ["too_old"] = 2 });
        receipt.RecordCount.ShouldBe(3);
        _loki.Pushes.ShouldHaveSingleItem().Select(Number).ShouldBe([5, 6, 7]);
    }

    [Fact]
    public async Task ALineWithAWrongClockDoesNotHideWhatLokiHas()
    {
        List<string> times = ["1970-01-01T00:00:05Z", .. Times(50)];
        await WriteAsync(times);
        await WriteAsync(times, isRepeated: true);

        _loki.Taken.Count.ShouldBe(51);
        _loki.Questions.Select(Span).ShouldAllBe(span => span <= TimeSpan.FromDays(1));

        static TimeSpan Span(HttpRequestMessage question)
        {
            var query = System.Web.HttpUtility.ParseQueryString(question.RequestUri!.Query);
            return TimeSpan.FromTicks((long.Parse(query["end"]!, System.Globalization.CultureInfo.InvariantCulture)
                - long.Parse(query["start"]!, System.Globalization.CultureInfo.InvariantCulture)) / 100);
        }
    }

    [Fact]
    public async Task ALokiWithoutStructuredMetadataGetsTheLinesWithoutAndIsToldOfOnce()
    {
        const string ids = "\"@tr\":\"4bf92f3577b34da6a3ce929d0e0e4736\",\"@sp\":\"00f067aa0ba902b7\",";
        _loki.Takes = line => line.Metadata is null;
        _loki.Answer = lines => lines.All(_loki.Takes) ? null : FakeLoki.BadRequest(NoMetadata);
        var first = await WriteAsync(Times(100), more: ids);
        var later = Times(100).Select(time => time.Replace("T10", "T11", StringComparison.Ordinal)).ToList();
        var second = await WriteAsync(later, more: ids);

        first.ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 100 });
        second.ShouldBe(first);
        _loki.Taken.Count.ShouldBe(200);
        _loki.Taken.ShouldAllBe(line => line.Line.Contains("4bf92f3577b34da6a3ce929d0e0e4736"));
        _loki.Pushes.Count.ShouldBe(3, "the second batch knows");
        _logger.Lines.ShouldHaveSingleItem().Text.ShouldContain("takes no structured metadata");
    }

    [Fact]
    public async Task MetadataThatIsTooLargeCostsTheMetadataAndNotTheLine()
    {
        _loki.Takes = line => line.Metadata is null;
        _loki.Answer = lines => lines.All(_loki.Takes) ? null
            : FakeLoki.BadRequest("stream '{}' has structured metadata too large: '70008' bytes, limit: '8' bytes");
        var receipt = await WriteAsync(Times(10), more: "\"@tr\":\"aa\",");
        receipt.Refused.ShouldBeNull();
        _loki.Taken.Count.ShouldBe(10);
        _logger.Lines.ShouldBeEmpty("it is no setting that forbids all");
    }

    [Fact]
    public async Task AnIdThatIsNoIdStaysInItsLine()
    {
        await WriteAsync(Times(1), more: $"\"@tr\":\"{new string('a', 129)}\",\"@sp\":\"bb\",");
        _loki.Taken.ShouldHaveSingleItem().Metadata.ShouldBe("""{"span_id":"bb"}""");
    }
}
