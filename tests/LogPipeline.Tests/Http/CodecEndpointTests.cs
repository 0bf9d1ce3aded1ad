using System.Net;
using System.Net.Http.Json;
using System.Text;
using Google.Protobuf;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Codecs;
using LogPipeline.Worker.Http;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Api.Common.V1;

namespace LogPipeline.Tests.Http;

public sealed class CodecEndpointTests : IAsyncLifetime
{
    const string Ui = "http://localhost:8233";

    static readonly PipelineCodec Codec = new(SomeKeys.Ring($"k1:{SomeKeys.Old}"), 4096);
    static readonly Payload Record = new() { Data = ByteString.CopyFromUtf8("\"a record\""), Metadata = { ["encoding"] = ByteString.CopyFromUtf8("json/plain") } };

    readonly CodecEndpoint _open = Of(new CodecEndpointOptions { Port = FreePort.Next() });
    readonly CodecEndpoint _guarded = Of(new CodecEndpointOptions { Port = FreePort.Next(), Token = new Secret("letmein") });
    readonly HttpClient _http = new();

    static CodecEndpoint Of(CodecEndpointOptions options) => new(options, Codec, NullLogger<CodecEndpoint>.Instance);

    public Task InitializeAsync() => Task.WhenAll(_open.StartAsync(default), _guarded.StartAsync(default));

    public Task DisposeAsync()
    {
        _http.Dispose();
        return Task.WhenAll(_open.StopAsync(default), _guarded.StopAsync(default));
    }

    Task<HttpResponseMessage> PostAsync(CodecEndpoint endpoint, string path, Payload[] payloads, Action<HttpRequestMessage>? change = null, HttpMethod? method = null)
    {
        var body = JsonFormatter.Default.Format(new Payloads { Payloads_ = { payloads } });
        var request = new HttpRequestMessage(method ?? HttpMethod.Post, endpoint.Address + path) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
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
    public async Task WhatIsEncodedIsDecoded(string prefix)
    {
        var encoded = await PayloadsOf(await PostAsync(_open, prefix + "/encode", [Record]));
        encoded.ShouldHaveSingleItem().Metadata["encoding"].ToStringUtf8().ShouldBe("binary/encrypted");
        (await PayloadsOf(await PostAsync(_open, prefix + "/decode?preserveStorageRefs=true", [Codec.Encode(Record), Record]))).ShouldBe([Record, Record]);
    }

    [Fact]
    public async Task WhatCannotBeReadComesBackAsItIs()
    {
        var stranger = new PipelineCodec(SomeKeys.Ring($"k2:{SomeKeys.New}"), 0).Encode(Record);
        (await PayloadsOf(await PostAsync(_open, "/decode", [stranger, Codec.Encode(Record)]))).ShouldBe([stranger, Record]);
    }

    [Fact]
    public async Task TheUiMayAskAndOtherPagesMayNot()
    {
        using var allowed = await PostAsync(_open, "/decode", [Record], request => request.Headers.Add("Origin", Ui));
        allowed.Headers.GetValues("Access-Control-Allow-Origin").ShouldBe([Ui]);
        using var preflight = await PostAsync(_open, "/decode", [], request => request.Headers.Add("Origin", Ui), HttpMethod.Options);
        preflight.StatusCode.ShouldBe(HttpStatusCode.NoContent);
        preflight.Headers.GetValues("Access-Control-Allow-Headers").Single().ShouldContain("x-namespace");
        foreach (var method in (HttpMethod[])[HttpMethod.Post, HttpMethod.Options])
        {
            using var refused = await PostAsync(_open, "/decode", [Record], request => request.Headers.Add("Origin", "http://evil.example"), method);
            refused.StatusCode.ShouldBe(HttpStatusCode.Forbidden);
            refused.Headers.Contains("Access-Control-Allow-Origin").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task ANameThatSomebodyPointedHereIsNotServed()
    {
        using var refused = await PostAsync(_open, "/decode", [Record], request => request.Headers.Host = "evil.example");
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Theory]
    [InlineData(null, HttpStatusCode.Unauthorized)]
    [InlineData("Bearer wrong", HttpStatusCode.Unauthorized)]
    [InlineData("Bearer letmein", HttpStatusCode.OK)]
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
        (await _http.PostAsync(_open.Address + "/decode", new StringContent("x", Encoding.UTF8, "text/plain"))).StatusCode.ShouldBe(HttpStatusCode.UnsupportedMediaType);
        (await _http.PostAsync(_open.Address + "/decode", new StringContent("x", Encoding.UTF8, "application/json"))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _http.PostAsync(_open.Address + "/decode", JsonContent.Create(new { payloads = "x" }))).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await _http.PostAsync(_open.Address + "/other", JsonContent.Create(new { }))).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.GetAsync(_open.Address + "/decode")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public void WithoutATokenItListensOnThisMachineAlone()
    {
        var environment = new EnvironmentReader(name => name switch { "LOG_CODEC_PORT" => "8081", "LOG_CODEC_IP" => "0.0.0.0", "LOG_CODEC_ORIGINS" => "http://ui/path", _ => null });
        CodecEndpointOptions.Read(environment);
        environment.Errors.Count.ShouldBe(2);
        new CodecEndpointOptions { Token = new Secret("letmein") }.ToString().ShouldNotContain("letmein");
    }
}
