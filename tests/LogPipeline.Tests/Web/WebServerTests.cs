using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Web;

/// <summary>Two addresses of one server.</summary>
public sealed class WebServerTests
{
    static readonly Readiness Ready = new("/logs", TimeProvider.System);

    static CodecEndpoint Codec(string ip, int? port) =>
        new(new CodecEndpointOptions { Ip = ip, Port = port }, new PipelineCodec(KeyRing.Empty, 0));

    static StatusEndpoint Status(string ip, int? port) => new(new StatusEndpointOptions { Ip = ip, Port = port }, Ready, () => true);

    static WebServer Of(params WebEndpoint[] endpoints) => new(endpoints, NullLogger<WebServer>.Instance);

    /// <summary>The second row is two addresses that differ in nothing but the machine's own.</summary>
    [SkippableTheory]
    [InlineData("127.0.0.1", "127.0.0.1", false)]
    [InlineData("127.0.0.1", "127.0.0.2", true)]
    public async Task WhatIsServedAtOneAddressCannotBeReachedThroughTheOther(string codecIp, string statusIp, bool onePort)
    {
        Skip.If(!OperatingSystem.IsLinux(), "Only Linux has all of 127.0.0.0/8.");
        var port = FreePort.Next();
        var (codec, status) = (Codec(codecIp, port), Status(statusIp, onePort ? port : 0));
        var server = Of(codec, status);
        await server.StartAsync(default);
        try
        {
            using var http = new HttpClient();
            foreach (var (from, claimed) in new[] { (codec, codec.EndPoint), (codec, status.EndPoint),
                ((WebEndpoint)status, codec.EndPoint), (status, status.EndPoint) })
            {
                (await SendAsync(http, HttpMethod.Get, from.Address + "/ready", claimed))
                    .ShouldBe(from == codec ? HttpStatusCode.MethodNotAllowed : HttpStatusCode.OK);
                (await SendAsync(http, HttpMethod.Post, from.Address + "/decode", claimed))
                    .ShouldBe(from == codec ? HttpStatusCode.OK : HttpStatusCode.NotFound);
            }
        }
        finally
        {
            await server.StopAsync(default);
        }
    }

    static async Task<HttpStatusCode> SendAsync(HttpClient http, HttpMethod method, string address, IPEndPoint claimed)
    {
        var request = new HttpRequestMessage(method, address) { Content = method == HttpMethod.Post ? JsonContent.Create(new { }) : null };
        request.Headers.Host = $"{claimed}";
        using var response = await http.SendAsync(request);
        return response.StatusCode;
    }

    [Fact]
    public async Task WithoutAPortNothingIsListenedOn()
    {
        var server = Of(Codec("127.0.0.1", null), Status("127.0.0.1", null));
        await server.StartAsync(default);
        await server.StopAsync(default);
    }

    [Fact]
    public async Task PortZeroIsAnyThatIsFreeAndEachEndpointSaysWhichItIs()
    {
        var (codec, status) = (Codec("127.0.0.1", 0), Status("127.0.0.1", 0));
        var server = Of(codec, status);
        await server.StartAsync(default);
        try
        {
            using var http = new HttpClient();
            (await http.GetAsync(status.Address + "/ready")).StatusCode.ShouldBe(HttpStatusCode.OK);
            (await http.GetAsync(codec.Address + "/ready")).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        }
        finally
        {
            await server.StopAsync(default);
        }
    }

    [Fact]
    public async Task APortThatIsTakenNamesItsEndpointAndLeavesNoneOpen()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var codec = Codec("127.0.0.1", FreePort.Next());
        var taken = Status("127.0.0.1", ((IPEndPoint)other.LocalEndpoint).Port);
        var error = await Should.ThrowAsync<IOException>(() => Of(codec, taken).StartAsync(default));
        error.Message.ShouldBe(
            $"The status endpoint cannot listen on {taken.EndPoint}: Address already in use. Set LOG_HTTP_PORT to a free port.");
        using var client = new TcpClient();
        await Should.ThrowAsync<SocketException>(() => client.ConnectAsync(codec.EndPoint));
    }

    [Fact]
    public async Task TooManyConnectionsOfOneEndpointDoNotCloseTheOther()
    {
        var (codec, status) = (Codec("127.0.0.1", 0), Status("127.0.0.1", 0));
        var server = Of(codec, status);
        await server.StartAsync(default);
        var crowd = Enumerable.Range(0, 100).Select(_ => new TcpClient()).ToList();
        try
        {
            foreach (var client in crowd)
            {
                await client.ConnectAsync(status.EndPoint);
                await client.GetStream().WriteAsync("GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray());
                // Answered, it is one of those that are counted.
                (await client.GetStream().ReadAsync(new byte[1])).ShouldBe(1);
            }
            using var http = new HttpClient();
            await Should.ThrowAsync<HttpRequestException>(() => http.GetAsync(status.Address + "/ready"));
            (await http.PostAsJsonAsync(codec.Address + "/decode", new { })).StatusCode.ShouldBe(HttpStatusCode.OK);
        }
        finally
        {
            foreach (var client in crowd) client.Dispose();
            await server.StopAsync(default);
        }
    }
}
