using System.Net;
using System.Net.Sockets;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;
using LogPipeline.Worker.Formats;
using LogPipeline.Workflows;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Destinations;

public sealed class LokiDestinationTests : IDisposable
{
    static readonly LokiOptions Options = new() { Url = new Uri("http://loki.test/loki/api/v1/push") };

    readonly FakeLoki _loki = new();

    public void Dispose() => _loki.Dispose();

    Task<DeliveryReceipt> WriteAsync((LogBatchHeader Header, byte[] Array) batch, LokiOptions? options = null,
        ChannelRules? rules = null, bool isRepeated = false, params string[] folders) =>
        new LokiDestination(options ?? Options, new LokiClient(options ?? Options, _loki), rules ?? ChannelRules.Plain,
            NullLogger.Instance).WriteAsync(new IncomingBatch(batch.Header.Id.ToString(), batch.Header, batch.Array,
                folders.Length > 0 ? folders : ["app", "web"], isRepeated));

    /// <summary>Records a second apart, from 10:00:00 on.</summary>
    static (LogBatchHeader Header, byte[] Array) Seconds(int count)
    {
        var (header, _) = SomeBatch.Of(1, [.. Enumerable.Repeat("app", count)]);
        return (header, LogBatchRecords.Encode([.. Enumerable.Range(0, count).Select(i => (ReadOnlyMemory<byte>)Encoding.UTF8.GetBytes(
            $$"""{"@t":"{{new DateTime(2026, 11, 21, 10, 0, 0, DateTimeKind.Utc).AddSeconds(i):O}}","@mt":"Event {{i}}","level":"info","channel":"app","source":"shop","instance":"i1","seq":{{i + 1}}}"""))]));
    }

    static int Second(PushedLine line) =>
        int.Parse(line.Line.Split("Event ")[1].Split('"')[0], System.Globalization.CultureInfo.InvariantCulture);

    [Fact]
    public async Task ARecordIsItsLineItsTimeItsLabelsAndItsTraceIds()
    {
        const string record =
            """{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"Paid \"é\"","@tr":"aa","@sp":"bb","level":"warning","channel":"app","source":"shop","instance":"i1","seq":1}""";
        var receipt = await WriteAsync((SomeBatch.Of(1, "app").Header, LogBatchRecords.Encode([Encoding.UTF8.GetBytes(record)])));
        receipt.ShouldBe(new DeliveryReceipt { Destination = "loki", RecordCount = 1 });
        _loki.Pushes.ShouldHaveSingleItem().ShouldHaveSingleItem().ShouldBe(
            new PushedLine("channel=app,level=warning,service_name=shop,source=shop", "1795255200123456700", record,
                """{"trace_id":"aa","span_id":"bb"}"""));
    }

    [Fact]
    public async Task AChannelWithoutAFolderOfItsOwnIsOverflowAsItsFileIs()
    {
        await WriteAsync(SomeBatch.Of(1, "app", "many", "web"), folders: ["app", "overflow"]);
        _loki.Pushes.SelectMany(push => push).Select(line => line.Labels.Split(',')[0])
            .ShouldBe(["channel=app", "channel=overflow", "channel=overflow"]);
    }

    [Fact]
    public async Task WhatIsNoLineInAFileIsNotPushed()
    {
        var (header, _) = SomeBatch.Of(1, "app", "app", "app");
        var array = Encoding.UTF8.GetBytes("""
            [
            {"@m":"good","source":"shop","seq":1,"level":"info"},
            {"@m":"another's","source":"other","seq":2},
            {"@m":"debug","level":"debug","seq":3}
            ]
            """.ReplaceLineEndings("\n"));
        var receipt = await WriteAsync((header, array),
            rules: new ChannelRules(new ChannelRule { LevelMin = RecordLevel.Info }, new Dictionary<string, ChannelRule>()));
        receipt.RecordCount.ShouldBe(1);
        _loki.Pushes.ShouldHaveSingleItem().ShouldHaveSingleItem().Line.ShouldContain("good");
    }

    [Fact]
    public async Task ALargeBatchGoesInPortionsAndEachLineOnce()
    {
        var receipt = await WriteAsync(Seconds(100), Options with { PushBytesMax = 1000 });
        receipt.RecordCount.ShouldBe(100);
        _loki.Pushes.Count.ShouldBeGreaterThan(10);
        _loki.Pushes.ShouldAllBe(push => push.Sum(line => line.Line.Length) <= 1000);
        _loki.Pushes.SelectMany(push => push).Select(Second).ShouldBe(Enumerable.Range(0, 100));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task LinesThatAreTooFarBehindAreCountedAndTheOthersAreTaken(bool mayBeAsked)
    {
        using var loki = new FakeLoki { MayBeAsked = mayBeAsked };
        loki.Takes = line => Second(line) >= 30;
        loki.Answer = lines => lines.Min(Second) >= 30 ? null : FakeLoki.BadRequest(
            "entry with timestamp 2026-11-21 10:00:00 +0000 UTC ignored, reason: 'entry too far behind, entry timestamp is: "
            + "2026-11-21T10:00:00Z, oldest acceptable timestamp is: 2026-11-21T10:00:30Z',\nuser 'fake', total ignored: 30 out of 100 "
            + "for stream: {channel=\"app\"}");
        var (header, array) = Seconds(100);
        using var client = new LokiClient(Options, loki);
        var receipt = await new LokiDestination(Options, client, ChannelRules.Plain, NullLogger.Instance)
            .WriteAsync(new IncomingBatch(header.Id.ToString(), header, array, ["app"]));
        receipt.RecordCount.ShouldBe(70);
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["too_far_behind"] = 30 });
        loki.Pushes.Count.ShouldBe(mayBeAsked ? 1 : 2);
        if (mayBeAsked) loki.Taken.Select(Second).ShouldBe(Enumerable.Range(30, 70));
    }

    [Fact]
    public async Task LinesThatLokiDoesNotNameAreFoundAndNoOtherIsPushedTwice()
    {
        _loki.Takes = line => Second(line) is not (17 or 63);
        _loki.Answer = lines =>
            lines.All(_loki.Takes) ? null : FakeLoki.BadRequest("Max entry size '100' bytes exceeded for stream '{channel=\"app\"}'");
        var receipt = await WriteAsync(Seconds(100));
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["line_too_long"] = 2 });
        receipt.RecordCount.ShouldBe(98);
        _loki.Taken.Select(Second).Order().ShouldBe(Enumerable.Range(0, 100).Except([17, 63]));
    }

    [Fact]
    public async Task AnAttemptThatFollowsAnotherPushesOnlyWhatIsNotThere()
    {
        var batch = Seconds(2_500);
        await WriteAsync(batch);
        _loki.Taken.RemoveAll(line => Second(line) % 7 == 3);
        (await WriteAsync(batch, isRepeated: true)).RecordCount.ShouldBe(2_500);
        _loki.Taken.Select(Second).Order().ShouldBe(Enumerable.Range(0, 2_500));
        var pushes = _loki.Pushes.Count;
        await WriteAsync(batch, isRepeated: true);
        _loki.Pushes.Count.ShouldBe(pushes, "there is nothing to push");
    }

    [Theory, InlineData(1_000), InlineData(300), InlineData(50)]
    public async Task AnAnswerThatIsTooLargeIsAskedForInSmallerPages(int linesMax)
    {
        var batch = Seconds(500);
        await WriteAsync(batch);
        _loki.Taken.RemoveAll(line => Second(line) % 7 == 3);
        _loki.AnsweredLinesMax = linesMax;
        await WriteAsync(batch, isRepeated: true);
        _loki.Taken.Select(Second).Order().ShouldBe(Enumerable.Range(0, 500));
    }

    [Fact]
    public async Task ALokiWhoseAnswersAreAllTooLargeIsOneThatMayNotBeAsked()
    {
        await WriteAsync(Seconds(5));
        _loki.AnsweredLinesMax = 0;
        (await WriteAsync(Seconds(5), isRepeated: true)).RecordCount.ShouldBe(5);
        _loki.Pushes.Count.ShouldBe(2);
    }

    [Fact]
    public async Task PagesOfLongLinesAreSmall()
    {
        await WriteAsync(SomeBatch.Of(1, new string('a', 100_000)), isRepeated: true);
        _loki.Questions.ShouldHaveSingleItem().RequestUri!.Query.ShouldContain("&limit=20&");
    }

    [Theory]
    [InlineData("maximum active stream limit exceeded when trying to create stream {}", 2)]
    [InlineData("Per stream rate limit exceeded (limit: 3MB/sec)", 2)]
    [InlineData("ingestion rate limit exceeded for user fake", 0)]
    public async Task AStreamThatHasToWaitIsInNoOthersWay(string body, int taken)
    {
        var batch = SomeBatch.Of(1, "many", "app", "web");
        _loki.Answer = lines => lines[0].Labels.Contains("many")
            ? FakeLoki.Answered(HttpStatusCode.TooManyRequests, body) : null;
        string[] folders = ["many", "app", "web"];
        await Should.ThrowAsync<DestinationUnavailableException>(() => WriteAsync(batch, folders: folders));
        _loki.Taken.Count.ShouldBe(taken);

        _loki.Answer = null;
        (await WriteAsync(batch, isRepeated: true, folders: folders)).RecordCount.ShouldBe(3);
        _loki.Taken.Count.ShouldBe(3, "each once");
    }

    [Fact]
    public async Task HoweverManyAreRefusedTheNumberOfPushesIsBounded()
    {
        _loki.Answer = _ => FakeLoki.BadRequest("entry for stream '{}' has timestamp too new: 2030-01-01T00:00:00Z");
        var receipt = await WriteAsync(Seconds(5_000));
        receipt.ShouldSatisfyAllConditions(r => r.RecordCount.ShouldBe(0), r => r.Refused!.Values.Sum().ShouldBe(5_000),
            r => r.Refused!["undecided"].ShouldBeGreaterThan(0));
        _loki.Pushes.Count.ShouldBeLessThan(RefusalSearch<LokiEntry>.RefusedSendsMax + 20);
    }

    [Fact]
    public async Task ALineOverTheBoundIsNotSentAndCounted()
    {
        var lengths = LogBatchRecords.Decode(Seconds(20).Array).Select(record => record.Length).ToList();
        var receipt = await WriteAsync(Seconds(20), Options with { LineBytesMax = lengths.Min() });
        var fitting = lengths.Count(length => length == lengths.Min());
        receipt.Refused.ShouldBe(new Dictionary<string, int> { ["line_too_long"] = 20 - fitting });
        _loki.Pushes.ShouldHaveSingleItem().Count.ShouldBe(fitting);
    }

    [Theory]
    [InlineData(HttpStatusCode.TooManyRequests, "Ingestion rate limit exceeded for user fake", "answered 429")]
    [InlineData(HttpStatusCode.ServiceUnavailable, "", "answered 503")]
    [InlineData(HttpStatusCode.Unauthorized, "no org id", "Look at LOG_LOKI_TENANT and the login.")]
    [InlineData(HttpStatusCode.NotFound, "404 page not found", "Look at LOG_LOKI_URL.")]
    [InlineData(HttpStatusCode.BadRequest, "The plain HTTP request was sent to HTTPS port", "answered 400")]
    [InlineData(HttpStatusCode.Found, "", "answered 302")]
    [InlineData(HttpStatusCode.InternalServerError, "at least 1 live replicas required", "answered 500")]
    [InlineData(HttpStatusCode.GatewayTimeout, "no schema config found for time 5", "answered 504")]
    [InlineData(HttpStatusCode.RequestTimeout, "", "answered 408")]
    [InlineData((HttpStatusCode)260, "ingestion blocked for user 'fake' until '2030-01-01T00:00:00Z'", "answered 260")]
    [InlineData(HttpStatusCode.BadRequest, "ingestion blocked for user 'fake' until '2030-01-01T00:00:00Z'", "answered 400")]
    [InlineData(HttpStatusCode.BadRequest, "missing required labels 'env' for user 'fake'", "answered 400")]
    public async Task WhatIsNotSaidOfLinesIsTriedAgain(HttpStatusCode status, string body, string told)
    {
        _loki.AnswerToNothing = Answer;
        _loki.Answer = _ => Answer();
        var error = await Should.ThrowAsync<DestinationUnavailableException>(() => WriteAsync(Seconds(100)));
        error.Message.ShouldContain(told);
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(7));
        _loki.Pushes.Count.ShouldBe(1, "what is not said of lines is not halved");

        HttpResponseMessage Answer()
        {
            var answer = FakeLoki.Answered(status, body);
            answer.Headers.Add("Retry-After", "7");
            return answer;
        }
    }

    [Theory]
    [InlineData("299", 299)]
    [InlineData("86400", 300)]
    public async Task ALokiThatAsksToWaitIsAskedAgainAfterFiveMinutesAtMost(string asked, int seconds)
    {
        _loki.Answer = _ =>
        {
            var answer = new HttpResponseMessage(HttpStatusCode.TooManyRequests);
            answer.Headers.Add("Retry-After", asked);
            return answer;
        };
        var error = await Should.ThrowAsync<DestinationUnavailableException>(() => WriteAsync(SomeBatch.Of(1, "app")));
        error.RetryAfter.ShouldBe(TimeSpan.FromSeconds(seconds));
    }

    [Fact]
    public async Task ALoginIsNotTakenWhereARedirectPoints()
    {
        using var elsewhere = new TcpListener(IPAddress.Loopback, 0);
        elsewhere.Start();
        using var here = new TcpListener(IPAddress.Loopback, 0);
        here.Start();
        var options = new LokiOptions { Url = new Uri($"http://{here.LocalEndpoint}/loki/api/v1/push"), Authorization = "Bearer secret" };
        using var client = new LokiClient(options);
        var (header, array) = SomeBatch.Of(1, "app");
        var write = new LokiDestination(options, client, ChannelRules.Plain, NullLogger.Instance)
            .WriteAsync(new IncomingBatch("one", header, array, ["app"], false));
        using var asked = await here.AcceptTcpClientAsync();
        var redirect = $"HTTP/1.1 307 Temporary Redirect\r\nLocation: http://{elsewhere.LocalEndpoint}/\r\nContent-Length: 0\r\n\r\n";
        await asked.GetStream().WriteAsync(Encoding.ASCII.GetBytes(redirect));
        (await Should.ThrowAsync<DestinationUnavailableException>(() => write)).Message.ShouldContain("answered 307");
        elsewhere.Pending().ShouldBeFalse();
    }

    [Fact]
    public async Task TenantAndLoginAreSent()
    {
        var options = Read(("LOG_LOKI_URL", "http://loki.test:3100/"), ("LOG_LOKI_TENANT", "team-a"), ("LOG_LOKI_USERNAME", "me"),
            ("LOG_LOKI_PASSWORD", "p:w")).Options!;
        await WriteAsync(SomeBatch.Of(1, "app"), options);
        var request = _loki.Requests.ShouldHaveSingleItem();
        request.RequestUri.ShouldBe(new Uri("http://loki.test:3100/loki/api/v1/push"));
        request.Headers.GetValues("X-Scope-OrgID").ShouldBe(["team-a"]);
        request.Headers.Authorization!.ToString().ShouldBe("Basic " + Convert.ToBase64String("me:p:w"u8));
        await WriteAsync(SomeBatch.Of(1, "app"),
            Read(("LOG_LOKI_URL", "https://logs.test/prefix/loki/api/v1/push"), ("LOG_LOKI_TOKEN", "abc"),
            ("LOG_LOKI_LABELS", "source, env=prod")).Options!);
        _loki.Requests[1].ShouldSatisfyAllConditions(r => r.RequestUri!.ToString()
            .ShouldBe("https://logs.test/prefix/loki/api/v1/push"), r => r.Headers.Authorization!.ToString().ShouldBe("Bearer abc"));
        _loki.Pushes[1].ShouldHaveSingleItem().Labels.ShouldBe("source=shop,env=prod");
    }

    [Fact]
    public async Task AQuestionIsOfTheSameTenantAndLoginAsAPush()
    {
        var options = Read(("LOG_LOKI_URL", "http://loki.test"), ("LOG_LOKI_TENANT", "team-a"), ("LOG_LOKI_TOKEN", "abc")).Options!;
        await WriteAsync(SomeBatch.Of(1, "app"), options, isRepeated: true);
        var question = _loki.Questions.ShouldHaveSingleItem();
        question.Headers.GetValues("X-Scope-OrgID").ShouldBe(["team-a"]);
        question.Headers.Authorization!.ToString().ShouldBe("Bearer abc");
    }

    static (LokiOptions? Options, IReadOnlyList<string> Errors) Read(params (string Name, string Value)[] variables)
    {
        var values = variables.ToDictionary(v => v.Name, v => v.Value);
        var environment = new EnvironmentReader(name => values.GetValueOrDefault(name));
        return (LokiOptions.Read(environment), environment.Errors);
    }

    [Fact]
    public void WithoutAnAddressThereIsNoLoki() => Read(("LOG_LOKI_TENANT", "x")).Options.ShouldBeNull();

    [Theory]
    [InlineData("LOG_LOKI_URL", "loki:3100", "LOG_LOKI_URL was 'loki:3100'; use http:// or https:// and Loki's address")]
    [InlineData("LOG_LOKI_URL", "http://me:secret@loki:3100",
        "LOG_LOKI_URL holds a login; give it as LOG_LOKI_USERNAME and LOG_LOKI_PASSWORD.")]
    [InlineData("LOG_LOKI_LABELS", "channel,seq", "LOG_LOKI_LABELS was 'channel,seq'; use some of channel, level, source and service_name")]
    [InlineData("LOG_LOKI_LABELS", "channel,channel", "LOG_LOKI_LABELS was 'channel,channel'")]
    [InlineData("LOG_LOKI_LABELS", "2x=y", "LOG_LOKI_LABELS was '2x=y'")]
    [InlineData("LOG_LOKI_PASSWORD", "secret", "LOG_LOKI_USERNAME and LOG_LOKI_PASSWORD belong together")]
    [InlineData("LOG_LOKI_TOKEN", "sec\nret", "LOG_LOKI_TOKEN holds blanks")]
    [InlineData("LOG_LOKI_TIMEOUT", "1h", "LOG_LOKI_TIMEOUT was '1h'; use a time from")]
    [InlineData("LOG_LOKI_LINE_BYTES_MAX", "1", "LOG_LOKI_LINE_BYTES_MAX was '1'; use a size from")]
    [InlineData("LOG_LOKI_CONCURRENCY", "0", "LOG_LOKI_CONCURRENCY was '0'; use a whole number from")]
    [InlineData("LOG_LOKI_GIVE_UP_AFTER", "1s", "LOG_LOKI_GIVE_UP_AFTER was '1s'; use a time from")]
    public void AWrongValueIsToldAndASecretIsNot(string variable, string value, string told)
    {
        (string, string)[] url = variable == "LOG_LOKI_URL" ? [] : [("LOG_LOKI_URL", "http://loki:3100")];
        var error = Read([.. url, (variable, value)]).Errors.ShouldHaveSingleItem();
        error.ShouldStartWith(told);
        error.ShouldNotContain("secret");
    }
}
