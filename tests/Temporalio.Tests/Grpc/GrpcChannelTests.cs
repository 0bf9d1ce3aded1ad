using System.IO.Compression;
using System.Net;
using System.Net.Http;
using Google.Protobuf;
using LogPipeline.TestSupport;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Grpc;
using Code = Temporalio.Exceptions.RpcException.StatusCode;

namespace Temporalio.Tests.Grpc;

public sealed class GrpcChannelTests
{
    static readonly Uri Address = new("http://temporal.test:7233");
    static readonly GrpcLimits Small = new(10_000, 10_000, 100, 1_000);
    static readonly DescribeNamespaceRequest Request = new() { Namespace = "orders" };
    static readonly DescribeNamespaceResponse Response = new() { FailoverVersion = 7 };

    [Fact]
    public async Task ARequestIsOneFrameWithTheProtocolsHeaders()
    {
        var handler = new AnsweringHandler(_ => Answers.Ok(Response));
        var reply = await CallAsync(handler, gzip: true, headers: [new("x-extra", "1")]);

        reply.Message.ShouldBe(Response);
        var (request, body) = handler.Requests.Single();
        request.Method.ShouldBe(HttpMethod.Post);
        request.RequestUri!.ToString().ShouldBe("http://temporal.test:7233/temporal.test.Service/DescribeNamespace");
        request.Version.ShouldBe(HttpVersion.Version20);
        request.VersionPolicy.ShouldBe(HttpVersionPolicy.RequestVersionExact);
        request.Content!.Headers.ContentType!.ToString().ShouldBe("application/grpc");
        request.Headers.TE.ToString().ShouldBe("trailers");
        Header(request, "grpc-timeout").ShouldBe("30000000u");
        Header(request, "grpc-encoding").ShouldBe("gzip");
        Header(request, "grpc-accept-encoding").ShouldBe("gzip,identity");
        Header(request, "x-extra").ShouldBe("1");
        // Too small to be worth compressing, so it goes as it is.
        body.ShouldBe(Answers.Frame(Request.ToByteArray()));
    }

    [Fact]
    public async Task ALargeRequestIsGzippedAndALargeAnswerInflated()
    {
        var large = new DescribeNamespaceRequest { Namespace = new string('n', 5_000) };
        var handler = new AnsweringHandler(_ => Answers.With(Answers.Frame(Gzip(Response.ToByteArray()), flag: 1), "gzip"));
        var reply = await CallAsync(handler, gzip: true, request: large);

        reply.Message.ShouldBe(Response);
        var body = handler.Requests.Single().Body;
        body[0].ShouldBe((byte)1);
        body.Length.ShouldBeLessThan(1_000);
        using var inflated = new GZipStream(new MemoryStream(body, 5, body.Length - 5), CompressionMode.Decompress);
        DescribeNamespaceRequest.Parser.ParseFrom(inflated).ShouldBe(large);
    }

    [Fact]
    public async Task WithoutGzipNothingIsCompressedOrOffered()
    {
        var handler = new AnsweringHandler(_ => Answers.Ok(Response));
        await CallAsync(handler, gzip: false, request: new() { Namespace = new string('n', 5_000) });
        var (request, body) = handler.Requests.Single();
        body[0].ShouldBe((byte)0);
        request.Headers.Contains("grpc-encoding").ShouldBeFalse();
        request.Headers.Contains("grpc-accept-encoding").ShouldBeFalse();
    }

    [Fact]
    public async Task AServerThatCannotReadGzipIsSpokenToWithoutItFromThenOn()
    {
        var handler = new AnsweringHandler(request => request.Headers.Contains("grpc-encoding")
            ? Answers.Error(12, "grpc: Decompressor is not installed for grpc-encoding \"gzip\"")
            : Answers.Ok(Response));
        using var channel = Channel(handler, gzip: true);
        (await CallAsync(channel)).Status.IsOk.ShouldBeTrue();
        (await CallAsync(channel)).Status.IsOk.ShouldBeTrue();
        handler.Requests.Select(each => each.Request.Headers.Contains("grpc-encoding")).ShouldBe([true, false, false]);
    }

    [Fact]
    public async Task AMethodThatIsMissingStaysMissing()
    {
        var handler = new AnsweringHandler(_ => Answers.Error(12, "unknown method"));
        using var channel = Channel(handler, gzip: true);
        (await CallAsync(channel)).Status.Code.ShouldBe(Code.Unimplemented);
        handler.Requests.Count.ShouldBe(2);
    }

    [Theory]
    [InlineData("0", Code.OK)]
    [InlineData("5", Code.NotFound)]
    [InlineData("16", Code.Unauthenticated)]
    [InlineData("17", Code.Unknown)]
    [InlineData("-1", Code.Unknown)]
    [InlineData("five", Code.Unknown)]
    [InlineData("", Code.Unknown)]
    public async Task TheStatusStandsInTheTrailers(string text, Code code) =>
        (await CallAsync(new AnsweringHandler(_ => Answers.With(Answers.Frame(Response.ToByteArray()), status: text)))).Status.Code.ShouldBe(code);

    [Fact]
    public async Task AnErrorWithoutBodyHasItsStatusAmongTheHeaders()
    {
        var details = new Api.Common.V1.GrpcStatus { Code = 5, Message = "gone" }.ToByteArray();
        var status = (await CallAsync(new AnsweringHandler(_ => Answers.Error(5, "caf%C3%A9 100%25 50% %zz", details)))).Status;
        status.Code.ShouldBe(Code.NotFound);
        status.Message.ShouldBe("café 100% 50% %zz");
        status.ToException().GrpcStatus.Value!.Message.ShouldBe("gone");
    }

    [Fact]
    public async Task DetailsThatAreNoBase64AreLeftOut()
    {
        var answer = Answers.Error(5, "gone");
        answer.Headers.TryAddWithoutValidation("grpc-status-details-bin", "!!!");
        (await CallAsync(new AnsweringHandler(_ => answer))).Status.Details.ShouldBeNull();
    }

    [Theory]
    [InlineData(HttpStatusCode.BadRequest, Code.Internal)]
    [InlineData(HttpStatusCode.Unauthorized, Code.Unauthenticated)]
    [InlineData(HttpStatusCode.Forbidden, Code.PermissionDenied)]
    [InlineData(HttpStatusCode.NotFound, Code.Unimplemented)]
    [InlineData(HttpStatusCode.TooManyRequests, Code.Unavailable)]
    [InlineData(HttpStatusCode.BadGateway, Code.Unavailable)]
    [InlineData(HttpStatusCode.ServiceUnavailable, Code.Unavailable)]
    [InlineData(HttpStatusCode.GatewayTimeout, Code.Unavailable)]
    [InlineData(HttpStatusCode.MovedPermanently, Code.Unknown)]
    [InlineData(HttpStatusCode.InternalServerError, Code.Unknown)]
    public async Task AnAnswerThatIsNoGrpcIsJudgedByItsHttpStatus(HttpStatusCode http, Code code)
    {
        var status = (await CallAsync(new AnsweringHandler(_ => new(http) { Content = new StringContent("<html>") }))).Status;
        status.Code.ShouldBe(code);
        status.Message.ShouldBe($"The server answered HTTP {(int)http} instead of gRPC.");
    }

    public static TheoryData<string, byte[], string?, string?, Code, string> Broken => new()
    {
        { "no status", Answers.Frame([]), null, null, Code.Unavailable, "ended without a grpc-status" },
        { "no message", [], null, "0", Code.Internal, "said OK and sent no message" },
        { "half a header", [0, 0, 0], null, "0", Code.Internal, "ended after 3 of the 5 bytes before a message" },
        { "half a message", Answers.Frame([8, 1], length: 9), null, "0", Code.Internal, "ended after 2 of a message's 9 bytes" },
        { "two messages", [.. Answers.Frame([]), .. Answers.Frame([])], null, "0", Code.Internal, "more than one message" },
        { "unknown flag", Answers.Frame([], flag: 2), null, "0", Code.Internal, "flag byte 2" },
        { "compressed without a name", Answers.Frame([1], flag: 1), null, "0", Code.Internal, "no grpc-encoding was named" },
        { "compressed as identity", Answers.Frame([1], flag: 1), "identity", "0", Code.Internal, "no grpc-encoding was named" },
        { "compressed as something else", Answers.Frame([1], flag: 1), "br", "0", Code.Internal, "'br', which was not offered" },
        { "gzip without its end", Answers.Frame(Gzip([8, 1])[..^8], flag: 1), "gzip", "0", Code.Internal, "its gzip ends too early" },
        { "no gzip in it", Answers.Frame([1, 2, 3], flag: 1), "gzip", "0", Code.Internal, "its gzip cannot be read" },
        { "gzip cut short", Answers.Frame(Gzip(new byte[500])[..^12], flag: 1), "gzip", "0", Code.Internal, "its gzip" },
        { "too long", Answers.Frame([], length: 10_001), null, "0", Code.ResourceExhausted, "larger than max (10001 vs. 10000)" },
        { "far too long", Answers.Frame([], length: uint.MaxValue), null, "0", Code.ResourceExhausted, "larger than max (4294967295 vs. 10000)" },
        { "inflates too far", Answers.Frame(Gzip(new byte[10_001]), flag: 1), "gzip", "0", Code.ResourceExhausted, "after decompression larger than max" },
        { "inflates too many times", Answers.Frame(Gzip(new byte[9_900]), flag: 1), "gzip", "0", Code.ResourceExhausted, "over 100 times" },
        { "no protobuf", Answers.Frame([0xff, 0xff]), null, "0", Code.Internal, "it is no DescribeNamespaceResponse" },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public async Task EveryBrokenAnswerIsRefusedWithItsOwnSentence(
        string what, byte[] body, string? encoding, string? grpcStatus, Code code, string sentence)
    {
        var status = (await CallAsync(new AnsweringHandler(_ => Answers.With(body, encoding, grpcStatus)), limits: Small)).Status;
        status.Code.ShouldBe(code, what);
        status.Message.ShouldContain(sentence, customMessage: what);
    }

    [Fact]
    public async Task AnotherContentTypeIsAskedAbout()
    {
        var status = (await CallAsync(new AnsweringHandler(_ => new(HttpStatusCode.OK) { Content = new StringContent("hello") }))).Status;
        status.Code.ShouldBe(Code.Unknown);
        status.Message.ShouldBe("The server answered with content type 'text/plain; charset=utf-8' instead of application/grpc; is it a Temporal frontend?");
    }

    [Fact]
    public async Task AStatusOfErrorWinsOverAMessage() =>
        (await CallAsync(new AnsweringHandler(_ => Answers.With(Answers.Frame(Response.ToByteArray()), status: "8")))).Status.Code.ShouldBe(Code.ResourceExhausted);

    [Fact]
    public async Task ARequestOverTheLimitIsNotSent()
    {
        var handler = new AnsweringHandler(_ => Answers.Ok(Response));
        var status = (await CallAsync(handler, request: new() { Namespace = new string('n', 10_001) }, limits: Small)).Status;
        status.Code.ShouldBe(Code.ResourceExhausted);
        handler.Requests.ShouldBeEmpty();
    }

    [Fact]
    public async Task ACallWithoutAnAnswerEndsALittleAfterItsDeadline()
    {
        var clock = new TestClock();
        using var channel = Channel(new AnsweringHandler(NeverAsync), time: clock);
        var call = CallAsync(channel, timeout: TimeSpan.FromSeconds(70));
        await clock.TimersAsync();
        clock.Advance(TimeSpan.FromSeconds(74));
        call.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        var status = (await call).Status;
        status.Code.ShouldBe(Code.DeadlineExceeded);
        status.Message.ShouldBe("DescribeNamespace had no answer from temporal.test:7233 within 70 s.");
    }

    [Fact]
    public async Task ABodyThatStallsEndsAtTheDeadlineToo()
    {
        var clock = new TestClock();
        using var channel = Channel(new AnsweringHandler(_ =>
        {
            var answer = Answers.With([]);
            answer.Content = new StreamContent(new StallingStream());
            answer.Content.Headers.ContentType = new("application/grpc");
            return answer;
        }), time: clock);
        var call = CallAsync(channel, timeout: TimeSpan.FromSeconds(10));
        await clock.TimersAsync();
        clock.Advance(TimeSpan.FromSeconds(11));
        (await call).Status.Code.ShouldBe(Code.DeadlineExceeded);
    }

    [Fact]
    public async Task ACallThatTheCallerCancelsThrows()
    {
        using var source = new CancellationTokenSource();
        using var channel = Channel(new AnsweringHandler(NeverAsync));
        var call = CallAsync(channel, cancellationToken: source.Token);
        await source.CancelAsync();
        (await Should.ThrowAsync<OperationCanceledException>(() => call)).CancellationToken.ShouldBe(source.Token);
    }

    [Fact]
    public async Task ARefusedStreamIsRepeatedOnceAtOnce()
    {
        var asked = 0;
        var handler = new AnsweringHandler(_ => ++asked == 1
            ? throw new HttpRequestException(HttpRequestError.HttpProtocolError, "reset", new HttpProtocolException(7, "REFUSED_STREAM", null))
            : Answers.Ok(Response));
        (await CallAsync(handler)).Status.IsOk.ShouldBeTrue();
        asked.ShouldBe(2);
    }

    [Theory]
    [InlineData(7, Code.Unavailable, 2)]
    [InlineData(8, Code.Cancelled, 1)]
    [InlineData(11, Code.ResourceExhausted, 1)]
    [InlineData(12, Code.PermissionDenied, 1)]
    [InlineData(1, Code.Internal, 1)]
    [InlineData(0, Code.Unavailable, 1)]
    public async Task AnHttp2ErrorHasTheCodeThatGrpcGivesIt(long error, Code code, int attempts)
    {
        var handler = new AnsweringHandler((HttpRequestMessage _) =>
            throw new HttpRequestException(HttpRequestError.HttpProtocolError, "reset", new HttpProtocolException(error, "an error", null)));
        (await CallAsync(handler)).Status.Code.ShouldBe(code);
        handler.Requests.Count.ShouldBe(attempts);
    }

    [Fact]
    public async Task AStreamThatIsCancelledAtTheDeadlineRanIntoIt()
    {
        var clock = new TestClock();
        using var channel = Channel(
            new AnsweringHandler((HttpRequestMessage _) =>
            {
                clock.Advance(TimeSpan.FromSeconds(30));
                throw new HttpRequestException(HttpRequestError.HttpProtocolError, "reset", new HttpProtocolException(8, "CANCEL", null));
            }),
            time: clock);
        (await CallAsync(channel)).Status.Code.ShouldBe(Code.DeadlineExceeded);
    }

    static Task<GrpcReply<DescribeNamespaceResponse>> CallAsync(
        AnsweringHandler handler,
        bool gzip = false,
        DescribeNamespaceRequest? request = null,
        KeyValuePair<string, string>[]? headers = null,
        GrpcLimits? limits = null) =>
        CallAsync(Channel(handler, gzip, limits), request, headers);

    static Task<GrpcReply<DescribeNamespaceResponse>> CallAsync(
        GrpcChannel channel,
        DescribeNamespaceRequest? request = null,
        KeyValuePair<string, string>[]? headers = null,
        TimeSpan? timeout = null,
        CancellationToken cancellationToken = default) =>
        channel.CallAsync(
            "temporal.test.Service", "DescribeNamespace", request ?? Request, DescribeNamespaceResponse.Parser,
            headers ?? [], timeout ?? TimeSpan.FromSeconds(30), cancellationToken);

    static GrpcChannel Channel(AnsweringHandler handler, bool gzip = false, GrpcLimits? limits = null, TimeProvider? time = null) =>
        new(handler, Address, null, gzip, limits ?? GrpcLimits.Default, time ?? TimeProvider.System);

    static string Header(HttpRequestMessage request, string name) => request.Headers.NonValidated[name].ToString();

    static byte[] Gzip(byte[] bytes)
    {
        using var output = new MemoryStream();
        using (var gzip = new GZipStream(output, CompressionLevel.Optimal)) gzip.Write(bytes);
        return output.ToArray();
    }

    static async Task<HttpResponseMessage> NeverAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        await Task.Delay(Timeout.Infinite, cancellationToken);
        throw new InvalidOperationException();
    }

    sealed class StallingStream : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default)
        {
            await Task.Delay(Timeout.Infinite, cancellationToken);
            return 0;
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();
        public override void Flush() => throw new NotSupportedException();
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }
}
