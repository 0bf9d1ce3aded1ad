using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Web;

public sealed class WebServerTests : IDisposable
{
    readonly HttpClient _http = new();
    readonly TempDirectory _files = new();

    public void Dispose()
    {
        _http.Dispose();
        _files.Dispose();
    }

    [Fact]
    public async Task APortThatWasAskedForAndIsTakenIsAnError()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;
        var error = await Should.ThrowAsync<IOException>(() => WebFixture.StartAsync(new WebOptions { Port = port }));
        error.Message.ShouldBe($"The web application cannot listen on 127.0.0.1:{port}: Address already in use. "
            + "Set LOG_HTTP_PORT to a free port, or to off.");
    }

    /// <summary>One of the two is not at the default, whoever else on this machine has that.</summary>
    [Fact]
    public async Task TwoWorkersThatWereToldNoPortBothListen()
    {
        await using var one = await WebFixture.StartAsync(new WebOptions());
        await using var two = await WebFixture.StartAsync(new WebOptions());
        one.Uri.Port.ShouldNotBe(two.Uri.Port);
        foreach (var web in (WebFixture[])[one, two])
            (await _http.GetAsync(web.Address + "/healthz/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task ItNeverListensWhereItIsOff() =>
        (await WebFixture.StartAsync(new WebOptions { IsServed = false })).Uri.ShouldBeNull();

    [Fact]
    public async Task EveryAnswerForbidsWhatThePageDoesNotNeed()
    {
        await using var web = await WebFixture.StartAsync();
        foreach (var path in (string[])["/healthz/live", "/nothing"])
        {
            using var answer = await _http.GetAsync(web.Address + path);
            answer.Headers.GetValues("Content-Security-Policy").Single().ShouldStartWith("default-src 'none'; script-src 'self';");
            answer.Headers.GetValues("X-Content-Type-Options").ShouldBe(["nosniff"]);
            answer.Headers.GetValues("Cross-Origin-Resource-Policy").ShouldBe(["same-origin"]);
            answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
            answer.Headers.Contains("Server").ShouldBeFalse();
        }
    }

    [Fact]
    public async Task ItsOwnPageMayAskAndOthersMayNotNotEvenThoseThatTheCodecServes()
    {
        await using var web = await WebFixture.StartAsync();
        (await StatusAsync(web, web.Address)).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(web, "http://localhost:8233")).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(web, web.Address + "0")).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(web, web.Address.Replace("http:", "https:"))).ShouldBe(HttpStatusCode.Forbidden);
    }

    async Task<HttpStatusCode> StatusAsync(WebFixture web, string origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, web.Address + "/healthz/live");
        request.Headers.TryAddWithoutValidation("Origin", origin).ShouldBeTrue();
        using var answer = await _http.SendAsync(request);
        return answer.StatusCode;
    }

    [Fact]
    public async Task WhatIsUnknownIsNotToldApartWithoutTheToken()
    {
        await using var web = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token });
        (await _http.GetAsync(web.Address + "/nothing")).StatusCode.ShouldBe(HttpStatusCode.Unauthorized);
    }

    [Fact]
    public async Task ACrowdThatAsksNothingDoesNotKeepAProbeOut()
    {
        await using var web = await WebFixture.StartAsync();
        var crowd = new List<TcpClient>();
        try
        {
            for (var i = 0; i < WebServer.ConnectionsMax * 2; i++)
            {
                var client = new TcpClient();
                crowd.Add(client);
                await client.ConnectAsync(web.Uri.Host, web.Uri.Port);
                // Half of them have begun a request.
                if (i % 2 == 0) await client.GetStream().WriteAsync("GET /healthz/live HTTP/1.1\r\nHost: loc"u8.ToArray());
            }
            (await _http.GetAsync(web.Address + "/healthz/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
            // The first ones were closed for those that came after.
            await IsClosedAsync(crowd[0]);
        }
        finally
        {
            foreach (var client in crowd) client.Dispose();
        }
    }

    [Fact]
    public async Task HalfARequestIsNotWaitedForLong()
    {
        await using var web = await WebFixture.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(web.Uri.Host, web.Uri.Port);
        await client.GetStream().WriteAsync("GET /healthz/live HTTP/1.1\r\nHost: loc"u8.ToArray());
        await IsClosedAsync(client);
    }

    static async Task IsClosedAsync(TcpClient client)
    {
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var buffer = new byte[1000];
        try
        {
            while (await client.GetStream().ReadAsync(buffer, limit.Token) > 0) { }
        }
        catch (IOException)
        {
            // Reset.
        }
    }

    [Theory]
    [InlineData("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n")]
    [InlineData("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n")]
    [InlineData("GET /healthz/live HTTP/1.1\r\n\r\n")]
    [InlineData("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\n Folded: x\r\n\r\n")]
    [InlineData("GET http://evil.example/healthz/live HTTP/1.1\r\nHost: localhost\r\n\r\n")]
    [InlineData("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")]
    public async Task WhatTwoServersCouldReadDifferentlyIsNotAnswered(string request) =>
        (await AnswersToAsync(request)).ShouldNotContain(" 200 ");

    /// <summary>Of two lengths one holds, and what follows is no request of its own: the connection ends.</summary>
    [Fact]
    public async Task BehindARequestOfTwoLengthsNothingIsRead() =>
        (await AnswersToAsync("GET /healthz/live HTTP/1.1\r\nHost: localhost\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n"
            + "0\r\n\r\nGET /healthz/ready HTTP/1.1\r\nHost: localhost\r\n\r\n")).Split("HTTP/1.1 ").Length
            .ShouldBeLessThanOrEqualTo(2);

    static async Task<string> AnswersToAsync(string request)
    {
        await using var web = await WebFixture.StartAsync();
        using var client = new TcpClient();
        await client.ConnectAsync(web.Uri.Host, web.Uri.Port);
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(request));
        using var reader = new StreamReader(client.GetStream());
        client.Client.Shutdown(SocketShutdown.Send);
        return await reader.ReadToEndAsync();
    }

    [Fact]
    public async Task WithACertificateItSpeaksTls()
    {
        var authority = new SomeCertificates(_files);
        await using var web = await WebFixture.StartAsync(new WebOptions { Port = 0, Tls = authority.Server("localhost") });
        web.Address.ShouldStartWith("https://");
        using var trusting = Trusting(authority);
        (await trusting.GetAsync(web.Address + "/healthz/live")).StatusCode.ShouldBe(HttpStatusCode.OK);
        await Should.ThrowAsync<HttpRequestException>(() => _http.GetAsync(web.Address + "/healthz/live"));
    }

    [Fact]
    public async Task AKeyOfAnotherCertificateIsAnErrorThatNamesBothFiles()
    {
        var authority = new SomeCertificates(_files);
        var (certificate, _) = authority.Server("localhost");
        var (_, key) = authority.Server("localhost");
        var error = await Should.ThrowAsync<IOException>(() =>
            WebFixture.StartAsync(new WebOptions { Port = 0, Tls = (certificate, key) }));
        error.Message.ShouldStartWith($"The certificate in {certificate} with the key in {key} cannot be used: ");
    }

    static HttpClient Trusting(SomeCertificates authority) => new(new SocketsHttpHandler
    {
        SslOptions =
        {
            CertificateChainPolicy = new X509ChainPolicy
            {
                TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck,
                CustomTrustStore = { X509Certificate2.CreateFromPem(File.ReadAllText(authority.AuthorityFile)) },
            },
        },
    });

    [Theory]
    [InlineData("127.0.0.1", null, true)]
    [InlineData("::1", null, true)]
    [InlineData("0.0.0.0", null, false)]
    [InlineData("0.0.0.0", "fifteen-letters", false)]
    [InlineData("0.0.0.0", "sixteen--letters", true)]
    [InlineData("::", "", false)]
    public void OthersThanThisMachineNeedALongToken(string ip, string? token, bool isTaken)
    {
        var environment = new EnvironmentReader(name => name switch { "LOG_HTTP_IP" => ip, "LOG_HTTP_TOKEN" => token, _ => null });
        WebOptions.Read(environment).ToString().ShouldNotContain("letters");
        if (isTaken) environment.Errors.ShouldBeEmpty();
        else environment.Errors.ShouldHaveSingleItem().ShouldStartWith($"LOG_HTTP_IP was '{ip}'; set LOG_HTTP_TOKEN to 16 characters");
    }

    [Theory]
    [InlineData("off")]
    [InlineData("OFF")]
    public void OffIsNoPort(string off)
    {
        var environment = new EnvironmentReader(name => name == "LOG_HTTP_PORT" ? off : null);
        WebOptions.Read(environment).IsServed.ShouldBeFalse();
        environment.Errors.ShouldBeEmpty();
    }

    [Fact]
    public void AKeyWithoutItsCertificateAndAFileThatIsNotThereAreErrors()
    {
        var lone = new EnvironmentReader(name => name == "LOG_HTTP_KEY_FILE" ? "/k" : null);
        WebOptions.Read(lone);
        lone.Errors.ShouldHaveSingleItem().ShouldContain("set LOG_HTTP_CERTIFICATE_FILE too");
        var missing = new EnvironmentReader(name => name == "LOG_HTTP_CERTIFICATE_FILE" ? "/nowhere/c" : null);
        WebOptions.Read(missing);
        missing.Errors.ShouldHaveSingleItem()
            .ShouldBe("LOG_HTTP_CERTIFICATE_FILE was '/nowhere/c'; use a PEM file that this user may read.");
    }
}
