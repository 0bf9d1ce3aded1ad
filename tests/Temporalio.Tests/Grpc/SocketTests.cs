using Google.Protobuf;
using LogPipeline.TestSupport;
using Microsoft.AspNetCore.Http;
using Temporalio.Api.WorkflowService.V1;
using Temporalio.Client;
using Temporalio.Exceptions;

namespace Temporalio.Tests.Grpc;

/// <summary>What only real sockets show: HTTP/2 without TLS, trailers, TLS, servers that go away.</summary>
public sealed class SocketTests
{
    static readonly GetSystemInfoRequest Request = new();

    [Fact]
    public async Task AnswersComeOverPlaintextHttp2WithTheirTrailers()
    {
        await using var server = await KestrelServer.StartAsync(AnswerAsync);
        var connection = await TemporalConnection.ConnectAsync(new(server.Address));
        connection.SystemInfo!.ServerVersion.ShouldBe("kestrel");
    }

    [Fact]
    public async Task AnErrorComesWithItsMessageAndDetails()
    {
        await using var server = await KestrelServer.StartAsync(context =>
        {
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = "16";
            context.Response.Headers["grpc-message"] = "no%20entry";
            return Task.CompletedTask;
        });
        var error = await Should.ThrowAsync<InvalidOperationException>(() => TemporalConnection.ConnectAsync(new(server.Address)));
        error.Message.ShouldBe("Connection failed: no entry");
        error.InnerException.ShouldBeOfType<RpcException>().Code.ShouldBe(RpcException.StatusCode.Unauthenticated);
    }

    [Fact]
    public async Task AnAnswerFarOverGrpcsUsualLimitIsTaken()
    {
        var large = new GetSystemInfoResponse { ServerVersion = new string('v', 20 << 20) }.ToByteArray();
        await using var server = await KestrelServer.StartAsync(context => KestrelServer.AnswerAsync(context, large));
        var connection = await TemporalConnection.ConnectAsync(new(server.Address));
        connection.SystemInfo!.ServerVersion.Length.ShouldBe(20 << 20);
    }

    [Fact]
    public async Task ManyCallsShareOneConnectionAndAllEnd()
    {
        await using var server = await KestrelServer.StartAsync(AnswerAsync);
        var connection = await TemporalConnection.ConnectAsync(new(server.Address));
        var answers = await Task.WhenAll(Enumerable.Range(0, 300).Select(_ => connection.WorkflowService.GetSystemInfoAsync(Request)));
        answers.ShouldAllBe(answer => answer.ServerVersion == "kestrel");
    }

    [Fact]
    public async Task CallsGoOnWhenTheServerGoesAwayAndComesBack()
    {
        var port = FreePort.Next();
        var server = await KestrelServer.StartAsync(AnswerAsync, port: port);
        var connection = await TemporalConnection.ConnectAsync(new(server.Address) { RpcRetry = new() { MaxRetries = 0, MaxElapsedTime = TimeSpan.FromSeconds(60) } });
        for (var round = 0; round < 3; round++)
        {
            await server.DisposeAsync();
            var call = connection.WorkflowService.GetSystemInfoAsync(Request, new() { Retry = true });
            server = await KestrelServer.StartAsync(AnswerAsync, port: port);
            (await call).ServerVersion.ShouldBe("kestrel");
        }
        await server.DisposeAsync();
    }

    [Fact]
    public async Task AStreamThatTheServerCutsOffIsAnErrorThatPasses()
    {
        var cut = false;
        await using var server = await KestrelServer.StartAsync(async context =>
        {
            if (cut) context.Abort();
            else await AnswerAsync(context);
        });
        var connection = await TemporalConnection.ConnectAsync(new(server.Address));
        cut = true;
        var error = await Should.ThrowAsync<RpcException>(() => connection.WorkflowService.GetSystemInfoAsync(Request));
        error.Code.ShouldBeOneOf(RpcException.StatusCode.Internal, RpcException.StatusCode.Cancelled, RpcException.StatusCode.Unavailable);
        error.Message.ShouldContain(server.Address);
    }

    [Fact]
    public async Task TheServerIsTrustedByItsAuthority()
    {
        var authority = new SomeCertificates("a test's authority");
        await using var server = await KestrelServer.StartAsync(AnswerAsync, authority.Server("temporal.internal"));
        var connection = await TemporalConnection.ConnectAsync(new(server.Address)
        {
            Tls = new() { ServerRootCACert = authority.AuthorityPem, Domain = "temporal.internal" },
        });
        connection.IsConnected.ShouldBeTrue();
    }

    [Fact]
    public async Task AServerOfAnotherAuthorityIsRefused()
    {
        await using var server = await KestrelServer.StartAsync(AnswerAsync, new SomeCertificates("theirs").Server("localhost"));
        (await RefusedAsync(server, new() { ServerRootCACert = new SomeCertificates("ours").AuthorityPem, Domain = "localhost" }))
            .ShouldContain("certificate");
        (await RefusedAsync(server, new() { Domain = "localhost" })).ShouldContain("certificate");
    }

    [Fact]
    public async Task AServerOfAnotherNameIsRefused()
    {
        var authority = new SomeCertificates("a test's authority");
        await using var server = await KestrelServer.StartAsync(AnswerAsync, authority.Server("temporal.internal"));
        (await RefusedAsync(server, new() { ServerRootCACert = authority.AuthorityPem })).ShouldContain("RemoteCertificateNameMismatch");
    }

    [Fact]
    public async Task TheClientShowsItsCertificate()
    {
        var authority = new SomeCertificates("a test's authority");
        string? seen = null;
        await using var server = await KestrelServer.StartAsync(
            context =>
            {
                seen = context.Connection.ClientCertificate?.Subject;
                return AnswerAsync(context);
            },
            authority.Server("localhost"),
            clientCertificate: true);
        var (certificate, key) = authority.Client("orders");
        await TemporalConnection.ConnectAsync(new(server.Address)
        {
            Tls = new() { ServerRootCACert = authority.AuthorityPem, ClientCert = certificate, ClientPrivateKey = key },
        });
        seen.ShouldBe("CN=orders");
    }

    [Fact]
    public void AKeyOfAnotherCertificateIsRefused()
    {
        var authority = new SomeCertificates("a test's authority");
        var tls = new TlsOptions { ClientCert = authority.Client("a").Certificate, ClientPrivateKey = authority.Client("b").Key };
        Should.Throw<ArgumentException>(() => TemporalConnection.CreateLazy(new("a:1") { Tls = tls }))
            .Message.ShouldStartWith("TlsOptions.ClientPrivateKey is not the PEM key of TlsOptions.ClientCert:");
    }

    [Fact]
    public async Task PlaintextTowardsATlsServerSaysSo()
    {
        await using var server = await KestrelServer.StartAsync(AnswerAsync, new SomeCertificates("theirs").Server("localhost"));
        (await RefusedAsync(server, null)).ShouldContain("does it want TLS?");
    }

    static Task AnswerAsync(HttpContext context) =>
        KestrelServer.AnswerAsync(context, new GetSystemInfoResponse { ServerVersion = "kestrel" }.ToByteArray());

    static async Task<string> RefusedAsync(KestrelServer server, TlsOptions? tls)
    {
        var error = await Should.ThrowAsync<InvalidOperationException>(() => TemporalConnection.ConnectAsync(new(server.Address) { Tls = tls }));
        error.Message.ShouldStartWith("Connection failed: ");
        error.Message.ShouldContain(server.Address);
        return error.Message;
    }
}
