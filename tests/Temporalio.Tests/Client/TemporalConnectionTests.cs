using System.Net;
using System.Net.Sockets;
using LogPipeline.TestSupport;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;
using Temporalio.Tests.Grpc;

namespace Temporalio.Tests.Client;

public sealed class TemporalConnectionTests
{
    static readonly DescribeNamespaceRequest Request = new() { Namespace = "orders" };
    static readonly RpcOptions Retried = new() { Retry = true };

    [Fact]
    public async Task ConnectingAsksForTheServersCapabilitiesOnce()
    {
        var (connection, handler) = Create(_ => Answers.Ok(new GetSystemInfoResponse { ServerVersion = "1.29.1" }));
        connection.IsConnected.ShouldBeFalse();
        await Task.WhenAll(connection.ConnectAsync(), connection.ConnectAsync());
        await connection.ConnectAsync();
        connection.IsConnected.ShouldBeTrue();
        connection.SystemInfo!.ServerVersion.ShouldBe("1.29.1");
        handler.Requests.Single().Request.RequestUri!.AbsolutePath.ShouldBe("/temporal.api.workflowservice.v1.WorkflowService/GetSystemInfo");
    }

    [Fact]
    public async Task AServerThatDoesNotKnowItsCapabilitiesIsConnectedToAnyway()
    {
        var (connection, _) = Create(_ => Answers.Error(12, "unknown method GetSystemInfo"));
        await connection.ConnectAsync();
        connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task SomethingThatIsNoTemporalIsNotConnectedTo()
    {
        var (connection, _) = Create(_ => new(HttpStatusCode.NotFound) { Content = new StringContent("<html>") });
        (await Should.ThrowAsync<InvalidOperationException>(() => connection.ConnectAsync()))
            .Message.ShouldBe("Connection failed: The server answered HTTP 404 instead of gRPC.");
        connection.IsConnected.ShouldBeFalse();
    }

    [Fact]
    public async Task ConnectingToNothingNamesTheAddress()
    {
        var port = FreePort.Next();
        var error = await Should.ThrowAsync<InvalidOperationException>(() => TemporalConnection.ConnectAsync(new($"127.0.0.1:{port}")));
        error.Message.ShouldBe($"Connection failed: No Temporal server answers at 127.0.0.1:{port}: the connection was refused.");
    }

    [Fact]
    public async Task AHostThatDoesNotExistIsNamed()
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => TemporalConnection.ConnectAsync(new("no-such-host.invalid:7233")));
        error.Message.ShouldBe("Connection failed: No host named 'no-such-host.invalid' was found.");
    }

    [Fact]
    public async Task APortThatSpeaksSomethingElseIsNotTakenForTemporal()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var address = $"127.0.0.1:{((IPEndPoint)listener.LocalEndpoint).Port}";
        var served = Task.Run(async () =>
        {
            using var socket = await listener.AcceptSocketAsync();
            await socket.SendAsync("HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"u8.ToArray());
            socket.Shutdown(SocketShutdown.Send);
            await socket.ReceiveAsync(new byte[1024]);
        });
        var error = await Should.ThrowAsync<InvalidOperationException>(() => TemporalConnection.ConnectAsync(new(address)));
        error.Message.ShouldStartWith("Connection failed: The ");
        error.Message.ShouldContain(address);
        error.Message.ShouldContain("Temporal frontend");
        await served;
    }

    [Fact]
    public async Task ALazyConnectionTriesAgainWithTheNextCall()
    {
        var works = false;
        var (connection, _) = Create(_ => works ? Answers.Ok(new DescribeNamespaceResponse()) : Answers.Error(14, "starting"));
        await Should.ThrowAsync<InvalidOperationException>(() => connection.WorkflowService.DescribeNamespaceAsync(Request));
        works = true;
        await connection.WorkflowService.DescribeNamespaceAsync(Request);
        connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task EveryCallSaysWhoAsksAndForWhichNamespace()
    {
        var (connection, handler) = Create(Fine, options =>
        {
            options.ApiKey = "secret";
            options.Tls = new() { Disabled = true };
            options.RpcMetadata = [new("team", "orders"), new("shared", "connection")];
            options.RpcBinaryMetadata = [new("blob-bin", [1, 2, 3, 4])];
        });
        await connection.WorkflowService.DescribeNamespaceAsync(Request, new() { Metadata = [new("Shared", "call")] });
        var request = handler.Requests[^1].Request;
        Header(request, "client-name").ShouldBe("temporal-dotnet");
        Header(request, "client-version").ShouldBe("1.18.0");
        Header(request, "temporal-namespace").ShouldBe("orders");
        Header(request, "authorization").ShouldBe("Bearer secret");
        Header(request, "team").ShouldBe("orders");
        Header(request, "shared").ShouldBe("call");
        Header(request, "blob-bin").ShouldBe("AQIDBA");
        handler.Requests[0].Request.Headers.Contains("temporal-namespace").ShouldBeFalse();
    }

    [Fact]
    public async Task ANewApiKeyIsUsedFromTheNextCallOn()
    {
        var (connection, handler) = Create(Fine);
        Should.Throw<InvalidOperationException>(() => connection.ApiKey = "early");
        await connection.ConnectAsync();
        connection.ApiKey = "rotated";
        await connection.WorkflowService.DescribeNamespaceAsync(Request);
        Header(handler.Requests[^1].Request, "authorization").ShouldBe("Bearer rotated");
        Should.Throw<ArgumentException>(() => connection.ApiKey = "with a\nline feed");
        connection.ApiKey.ShouldBe("rotated");
    }

    [Fact]
    public async Task ARawCallIsNotRetried()
    {
        var (connection, handler) = Create(Failing(14));
        await Should.ThrowAsync<RpcException>(() => connection.WorkflowService.DescribeNamespaceAsync(Request));
        handler.Requests.Count.ShouldBe(2);
    }

    [Fact]
    public async Task ARetriedCallWaitsLongerEachTimeAndEndsAfterTenSeconds()
    {
        var clock = new TestClock();
        var (connection, handler) = Create(Failing(14), time: clock);
        await connection.ConnectAsync();
        var call = connection.WorkflowService.DescribeNamespaceAsync(Request, Retried);
        while (!call.IsCompleted)
        {
            await Task.WhenAny(call, clock.TimersAsync());
            clock.Advance(TimeSpan.FromMilliseconds(100));
        }
        (await Should.ThrowAsync<RpcException>(() => call)).Code.ShouldBe(RpcException.StatusCode.Unavailable);
        handler.Requests.Count.ShouldBe(1 + 10);
    }

    [Fact]
    public async Task TheConnectionsRetryOptionsAreObeyed()
    {
        var (connection, handler) = Create(Failing(14), options => options.RpcRetry = new() { InitialInterval = TimeSpan.Zero, MaxRetries = 3 });
        await Should.ThrowAsync<RpcException>(() => connection.WorkflowService.DescribeNamespaceAsync(Request, Retried));
        handler.Requests.Count.ShouldBe(1 + 3);
    }

    [Fact]
    public async Task AWaitBetweenRetriesEndsWithItsToken()
    {
        var clock = new TestClock();
        var (connection, _) = Create(Failing(14), time: clock);
        using var source = new CancellationTokenSource();
        var call = connection.WorkflowService.DescribeNamespaceAsync(Request, new() { Retry = true, CancellationToken = source.Token });
        await clock.TimersAsync();
        await source.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => call);
    }

    [Theory]
    [InlineData(null, "TargetHost is required")]
    [InlineData("http://localhost:7233", "TargetHost cannot have ://")]
    [InlineData("localhost", "give it as host:port")]
    [InlineData("localhost:", "give it as host:port")]
    [InlineData("localhost:0", "give it as host:port")]
    [InlineData("localhost:99999", "give it as host:port")]
    [InlineData("localhost:7233/path", "give it as host:port")]
    [InlineData("me@localhost:7233", "give it as host:port")]
    public void ATargetThatIsNoHostAndPortIsRefused(string? target, string why) =>
        Should.Throw<ArgumentException>(() => TemporalConnection.CreateLazy(new() { TargetHost = target })).Message.ShouldContain(why);

    [Fact]
    public void AnAddressOfIPv6IsTaken() => new TemporalConnectionOptions("[::1]:7233").ToAddress().Port.ShouldBe(7233);

    [Fact]
    public void AnApiKeyTurnsTlsOnUnlessItIsDisabled()
    {
        new TemporalConnectionOptions("a:1") { ApiKey = "key" }.ToAddress().Scheme.ShouldBe("https");
        new TemporalConnectionOptions("a:1") { ApiKey = "key", Tls = new() { Disabled = true } }.ToAddress().Scheme.ShouldBe("http");
        new TemporalConnectionOptions("a:1") { Tls = new() }.ToAddress().Scheme.ShouldBe("https");
        new TemporalConnectionOptions("a:1").ToAddress().Scheme.ShouldBe("http");
    }

    [Fact]
    public void CertificatesThatCannotBeReadAreRefusedAtOnce()
    {
        Refused(new() { ServerRootCACert = "hello"u8.ToArray() }, "ServerRootCACert holds no PEM certificate");
        Refused(new() { ClientCert = "hello"u8.ToArray() }, "Client cert and private key must both be present");
        Refused(new() { ClientCert = "hello"u8.ToArray(), ClientPrivateKey = "hello"u8.ToArray() }, "ClientCert holds no PEM certificate");

        static void Refused(TlsOptions tls, string why) =>
            Should.Throw<ArgumentException>(() => TemporalConnection.CreateLazy(new("a:1") { Tls = tls })).Message.ShouldContain(why);
    }

    static HttpResponseMessage Fine(HttpRequestMessage request) =>
        request.RequestUri!.AbsolutePath.EndsWith("GetSystemInfo", StringComparison.Ordinal)
            ? Answers.Ok(new GetSystemInfoResponse())
            : Answers.Ok(new DescribeNamespaceResponse());

    static Func<HttpRequestMessage, HttpResponseMessage> Failing(int status) => request =>
        request.RequestUri!.AbsolutePath.EndsWith("GetSystemInfo", StringComparison.Ordinal)
            ? Answers.Ok(new GetSystemInfoResponse())
            : Answers.Error(status, "not now");

    static (TemporalConnection, AnsweringHandler) Create(
        Func<HttpRequestMessage, HttpResponseMessage> answer, Action<TemporalConnectionOptions>? with = null, TimeProvider? time = null)
    {
        var options = new TemporalConnectionOptions("temporal.test:7233");
        with?.Invoke(options);
        var handler = new AnsweringHandler(answer);
        return (new(options, handler, time, () => 0.5), handler);
    }

    static string Header(HttpRequestMessage request, string name) => request.Headers.NonValidated[name].ToString();
}
