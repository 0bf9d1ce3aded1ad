using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Google.Protobuf;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Tests.Web;

public sealed class CodecTests : IAsyncLifetime
{
    const string Ui = "http://localhost:8233";

    static readonly PipelineCodec Codec = new(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 4096);
    static readonly Payload Record =
        new() { Data = ByteString.CopyFromUtf8("\"a record\""), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } };

    readonly HttpClient _http = new();
    WebFixture _open = null!;
    WebFixture _guarded = null!;

    public async Task InitializeAsync()
    {
        _open = await WebFixture.StartAsync(codec: Codec);
        _guarded = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token }, Codec);
    }

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _open.DisposeAsync();
        await _guarded.DisposeAsync();
    }

    Task<HttpResponseMessage> PostAsync(WebFixture endpoint, string path, Payload[] payloads, Action<HttpRequestMessage>? change = null)
    {
        var body = JsonFormatter.Default.Format(new Payloads { Payloads_ = { payloads } });
        var request = new HttpRequestMessage(HttpMethod.Post,
            endpoint.Address + "/codec" + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        change?.Invoke(request);
        return _http.SendAsync(request);
    }

    static async Task<Payload[]> PayloadsOf(HttpResponseMessage response)
    {
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
        return [.. JsonParser.Default.Parse<Payloads>(await response.Content.ReadAsStringAsync()).Payloads_];
    }

    [Theory]
    [InlineData("")]
    [InlineData("/some-namespace")]
    [InlineData("/behind/a/proxy")]
    public async Task WhatIsEncodedIsDecoded(string prefix)
    {
        var encoded = await PayloadsOf(await PostAsync(_open, prefix + "/encode", [Record]));
        encoded.ShouldHaveSingleItem().Metadata["encoding"].ToStringUtf8().ShouldBe("binary/encrypted");
        (await PayloadsOf(await PostAsync(_open, prefix + "/decode?preserveStorageRefs=true", [Codec.Encode(Record), Record])))
            .ShouldBe([Record, Record]);
    }

    [Fact]
    public async Task WhatCannotBeReadComesBackAsItIs()
    {
        var stranger = new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), 0).Encode(Record);
        (await PayloadsOf(await PostAsync(_open, "/decode", [stranger, Codec.Encode(Record)]))).ShouldBe([stranger, Record]);
    }

    // Each has some KiB and holds 2 MiB.
    static Payload Bomb(int bytes = GzipPayload.InflatedBytesMax - 100) =>
        new PipelineCodec(KeyRing.Empty, 1).Encode(new Payload { Data = ByteString.CopyFrom(new byte[bytes]) });

    [Fact]
    public async Task AnAnswerIsNoLongerThanItsBoundAndTheRestComesBackAsItIs()
    {
        var answer = await PayloadsOf(await PostAsync(_open, "/decode", [.. Enumerable.Repeat(Bomb(), 400)]));
        answer.Length.ShouldBe(400);
        answer.Count(payload => !GzipPayload.Is(payload)).ShouldBe(CodecEndpoints.AnswerBytesMax / GzipPayload.InflatedBytesMax + 1);
        answer[^1].ShouldBe(Bomb());
    }

    [Fact]
    public async Task WhatHoldsMoreThanABatchMayComesBackAsItIs()
    {
        var large = Bomb(GzipPayload.InflatedBytesMax);
        (await PayloadsOf(await PostAsync(_open, "/decode", [large, Codec.Encode(Record)]))).ShouldBe([large, Record]);
    }

    [Fact]
    public async Task MorePayloadsThanTheBoundAreRefused()
    {
        var most = Enumerable.Repeat(Record, CodecEndpoints.PayloadsMax).ToArray();
        (await PayloadsOf(await PostAsync(_open, "/decode", most))).Length.ShouldBe(most.Length);
        (await PostAsync(_open, "/decode", [.. most, Record])).StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }

    [Fact]
    public async Task ManyRequestsAtOnceAreAllAnswered()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => PostAsync(_open, "/decode", [Bomb(), Bomb()])));
        foreach (var answer in answers) (await PayloadsOf(answer)).ShouldAllBe(payload => !GzipPayload.Is(payload));
    }

    [Fact]
    public async Task ARequestKeepsNoPlaceFromOthersHoweverItEnded()
    {
        for (var i = 0; i <= CodecEndpoints.WaitingMax; i++)
        {
            (await RefusedAsync("decode", new StringContent("[", Encoding.UTF8, "application/json"))).ShouldBe(HttpStatusCode.BadRequest);
            (await RefusedAsync("decode", new StringContent("x"))).ShouldBe(HttpStatusCode.UnsupportedMediaType);
            (await PayloadsOf(await PostAsync(_open, "/decode", [Codec.Encode(Record)]))).ShouldBe([Record]);
        }
    }

    [Fact]
    public async Task TheUiMayAsk()
    {
        using var allowed = await PostAsync(_open, "/decode", [Record], request => request.Headers.Add("Origin", Ui));
        AllowsTheUi(allowed);
        using var preflight = await PreflightAsync(_open, Ui);
        AllowsTheUi(preflight);
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("x-namespace");
        preflight.Headers.GetValues("Access-Control-Allow-Methods").ShouldBe(["POST"]);
    }

    /// <summary>A browser asks without the token whether the page may send it, and shows a refusal only to a page that
    /// may see it.</summary>
    [Fact]
    public async Task TheUiMayAskWithATokenToo()
    {
        using var preflight = await PreflightAsync(_guarded, Ui);
        AllowsTheUi(preflight);
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("authorization");
        void FromTheUi(HttpRequestMessage request) => request.Headers.Add("Origin", Ui);
        using var allowed = await PostAsync(_guarded, "/decode", [Record], Authorized(FromTheUi));
        AllowsTheUi(allowed);
        (await PayloadsOf(allowed)).ShouldBe([Record]);
        using var refused = await PostAsync(_guarded, "/decode", [Record], FromTheUi);
        AllowsTheUi(refused);
        refused.StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
        using var other = await PreflightAsync(_guarded, "http://evil.example");
        other.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    static void AllowsTheUi(HttpResponseMessage answer)
    {
        answer.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([Ui]);
        answer.Headers.GetValues("Access-Control-Allow-Credentials").ShouldBe(["true"]);
    }

    [Theory]
    [InlineData("http://evil.example")]
    [InlineData("http://localhost:8233.evil.example")]
    [InlineData("http://localhost:82333")]
    [InlineData("http://localhost:8234")]
    [InlineData("http://localhost")]
    [InlineData("https://localhost:8233")]
    [InlineData("HTTP://localhost:8233")]
    [InlineData("http://LOCALHOST:8233")]
    [InlineData("http://localhost:8233/")]
    [InlineData("http://localhost:8233@evil.example")]
    [InlineData("http://user@localhost:8233")]
    [InlineData("http://evil-localhost:8233")]
    [InlineData("http://localhost.:8233")]
    [InlineData("http://xn--lcalhost-n6a:8233")]
    [InlineData("http://[::1]:8233")]
    [InlineData("http://localhost:8233, http://localhost:8080")]
    [InlineData("null")]
    public async Task OtherPagesMayNotAskHoweverNearTheirOriginIs(string origin)
    {
        using var refused = await PostAsync(_open, "/decode", [Record], request => request.Headers.TryAddWithoutValidation("Origin", origin)
            .ShouldBeTrue());
        refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        refused.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        using var preflight = await PreflightAsync(_open, origin);
        preflight.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        preflight.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
    }

    Task<HttpResponseMessage> PreflightAsync(WebFixture endpoint, string origin)
    {
        var request = new HttpRequestMessage(HttpMethod.Options, endpoint.Address + "/codec/decode");
        request.Headers.TryAddWithoutValidation("Origin", origin).ShouldBeTrue();
        request.Headers.Add("Access-Control-Request-Method", "POST");
        request.Headers.Add("Access-Control-Request-Headers", "authorization,content-type,x-namespace");
        return _http.SendAsync(request);
    }

    [Theory]
    [InlineData("evil.example")]
    [InlineData("notlocalhost")]
    [InlineData("localhost.evil.example")]
    [InlineData("localhost.")]
    [InlineData("LOCALHOST")]
    [InlineData("user@localhost")]
    [InlineData("127.0.0.1.evil.example")]
    [InlineData("128.0.0.1")]
    [InlineData("[::2]")]
    [InlineData("lоcalhost")]
    [InlineData("")]
    public async Task ANameThatSomebodyPointedHereIsNotServed(string host)
    {
        // Written by hand, as a client would not send some of these.
        using var client = new TcpClient();
        await client.ConnectAsync("127.0.0.1", _open.Uri.Port);
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes($"POST /codec/decode HTTP/1.1\r\nHost: {host}\r\nContent-Type: "
            + $"application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{{}}"));
        using var reader = new StreamReader(stream);
        (await reader.ReadLineAsync()).ShouldBe("HTTP/1.1 400 Bad Request");
    }

    [Theory]
    [InlineData("localhost")]
    [InlineData("localhost:1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.9.9.9:8081")]
    [InlineData("[::1]:8081")]
    public async Task ThisMachinesNamesAreServed(string host)
    {
        using var served = await PostAsync(_open, "/decode", [Record], request => request.Headers.Host = host);
        (await PayloadsOf(served)).ShouldBe([Record]);
    }

    [Fact]
    public async Task WithATokenAnyNameIsServedAndPagesAreStillHeldBack()
    {
        using var named = await PostAsync(_guarded, "/decode", [Record], Authorized(request => request.Headers.Host = "codec.example.com"));
        (await PayloadsOf(named)).ShouldBe([Record]);
        using var page = await PostAsync(_guarded, "/decode", [Record],
            Authorized(request => request.Headers.Add("Origin", "http://evil.example")));
        page.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
    }

    static Action<HttpRequestMessage> Authorized(Action<HttpRequestMessage> change) => request =>
    {
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer let-me-in-please");
        change(request);
    };

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("bearer let-me-in-please", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer let-me-in-please2", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer let-me-in-please", HttpStatusCode.OK)]
    public async Task ATokenIsAskedForWhenThereIsOne(string? sent, HttpStatusCode answer)
    {
        using var response = await PostAsync(_guarded, "/decode", [Record], request =>
        {
            if (sent is not null) request.Headers.TryAddWithoutValidation("Authorization", sent);
        });
        response.StatusCode.ShouldBe(answer);
    }

    [Fact]
    public async Task WhatIsNoRequestIsRefused()
    {
        (await RefusedAsync("decode", new StringContent("x", Encoding.UTF8, "text/plain"))).ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await RefusedAsync("decode", new StringContent("x", Encoding.UTF8, "application/json"))).ShouldBe(HttpStatusCode.BadRequest);
        (await RefusedAsync("decode", JsonContent.Create(new { payloads = "x" }))).ShouldBe(HttpStatusCode.BadRequest);
        (await RefusedAsync("other", JsonContent.Create(new { }))).ShouldBe(HttpStatusCode.NotFound);
        (await RefusedAsync("undecode", JsonContent.Create(new { }))).ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync(_open.Address + "/codec/decode")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    async Task<HttpStatusCode> RefusedAsync(string path, HttpContent content)
    {
        using var answer = await _http.PostAsync($"{_open.Address}/codec/{path}", content);
        return answer.StatusCode;
    }

    [Theory]
    [InlineData(CodecEndpoints.RequestBytesMax, HttpStatusCode.OK)]
    [InlineData(CodecEndpoints.RequestBytesMax + 1, HttpStatusCode.RequestEntityTooLarge)]
    public async Task ARequestHasABound(int bytes, HttpStatusCode answer)
    {
        var content = new ByteArrayContent([.. "{}"u8,
            .. Enumerable.Repeat((byte)' ', bytes - 2)]) { Headers = { ContentType = new("application/json") } };
        // Waits for the server's word before it sends so much.
        using var request = new HttpRequestMessage(HttpMethod.Post, _open.Address + "/codec/decode") { Content = content,
            Headers = { ExpectContinue = true } };
        using var response = await _http.SendAsync(request);
        response.StatusCode.ShouldBe(answer);
    }

    [Fact]
    public async Task NoAnswerIsKeptByAnybody()
    {
        using var answered = await PostAsync(_open, "/decode", [Record]);
        answered.Headers.CacheControl!.NoStore.ShouldBeTrue();
        using var refused = await PostAsync(_open, "/decode", [Record], request => request.Headers.Host = "evil.example");
        refused.Headers.CacheControl!.NoStore.ShouldBeTrue();
    }

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("127.0.0.2")]
    [InlineData("::1")]
    public void OnLoopbackItNeedsNoToken(string ip)
    {
        var environment = new EnvironmentReader(name => name == "LOG_HTTP_IP" ? ip : null);
        WebOptions.Read(environment).Ip.ShouldBe(ip);
        environment.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void WithoutATokenItListensOnThisMachineAlone()
    {
        var environment = new EnvironmentReader(name =>
            name switch { "LOG_HTTP_PORT" => "8081", "LOG_HTTP_IP" => "0.0.0.0", "LOG_CODEC_ORIGINS" => "http://ui/path", _ => null });
        WebOptions.Read(environment);
        environment.Errors.Count.ShouldBe(2);
        new WebOptions { Token = "let-me-in-please" }.ToString().ShouldNotContain("let-me-in-please");
    }
}
