using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Codecs;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Web;

/// <summary>The worker's web application at a free port, as the worker builds it.</summary>
sealed class WebFixture : IAsyncDisposable
{
    public const string Token = "let-me-in-please";

    readonly WebServer _server;

    WebFixture(WebOptions options, PipelineCodec codec, Readiness readiness, Func<bool> isRunning, IWebEndpoints[] more)
    {
        var access = new AccessToken(options.Token);
        var pages = CodecEndpoints.PagesOf(options.CodecOriginList);
        _server = new WebServer(options, new RequestGuard(access, pages),
            [new CodecEndpoints(codec, pages), new ProbeEndpoints(readiness, isRunning, access), .. more],
            NullLogger<WebServer>.Instance);
    }

    public string Address => _server.Address!.ToString().TrimEnd('/');

    public Uri Uri => _server.Address!;

    public static async Task<WebFixture> StartAsync(WebOptions? options = null, PipelineCodec? codec = null,
        Readiness? readiness = null, Func<bool>? isRunning = null, params IWebEndpoints[] more)
    {
        var fixture = new WebFixture(options ?? new WebOptions { Port = 0 }, codec ?? new PipelineCodec(KeyRing.Empty, 0),
            readiness ?? new Readiness("/logs", TimeProvider.System), isRunning ?? (() => true), more);
        await fixture._server.StartAsync(default);
        return fixture;
    }

    public async ValueTask DisposeAsync() => await _server.StopAsync(default);
}
