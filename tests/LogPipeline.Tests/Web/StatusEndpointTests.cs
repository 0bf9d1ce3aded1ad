using System.Net;
using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Configuration;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Web;

public sealed class StatusEndpointTests : IAsyncLifetime
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly Readiness _readiness;
    readonly StatusEndpoint _endpoint;
    readonly WebServer _server;
    readonly HttpClient _http = new();
    bool _isRunning = true;

    public StatusEndpointTests()
    {
        _readiness = new Readiness("/var/log/pipeline", _time);
        _endpoint = new StatusEndpoint(new StatusEndpointOptions { Port = 0 }, _readiness, () => _isRunning);
        _server = new WebServer([_endpoint], NullLogger<WebServer>.Instance);
    }

    public Task InitializeAsync() => _server.StartAsync(default);

    public Task DisposeAsync()
    {
        _http.Dispose();
        return _server.StopAsync(default);
    }

    async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(string path)
    {
        using var response = await _http.GetAsync(_endpoint.Address + path);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    [Fact]
    public async Task TroubleMakesTheWorkerUnreadyAndNotUnhealthyUntilItIsOver()
    {
        var (wellStatus, well) = await AskAsync("/ready");
        wellStatus.ShouldBe(HttpStatusCode.OK);
        well.GetRawText().ShouldBe("""{"ok":true,"message":"Batches are written to /var/log/pipeline.","path":"/var/log/pipeline"}""");
        _readiness.Failed("No space left on device.");
        _time.Advance(TimeSpan.FromMinutes(5));
        _readiness.Failed("Input/output error");

        var (status, answer) = await AskAsync("/ready");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("path").GetString().ShouldBe("/var/log/pipeline");
        answer.GetProperty("since").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
        answer.GetProperty("message").GetString()
            .ShouldBe("/var/log/pipeline cannot be written since 2026-11-21T12:00:00Z: Input/output error.");
        (await AskAsync("/healthz")).Status.ShouldBe(HttpStatusCode.OK);

        _readiness.Succeeded()!.Value.Lasted.ShouldBe(TimeSpan.FromMinutes(5));
        (await AskAsync("/ready")).Status.ShouldBe(HttpStatusCode.OK);
        _readiness.Succeeded().ShouldBeNull();
    }

    [Fact]
    public async Task AWriterThatHasEndedIsNeitherReadyNorHealthy()
    {
        _isRunning = false;
        _readiness.Failed("No space left on device.");
        foreach (var path in (string[])["/healthz", "/ready"])
        {
            var (status, answer) = await AskAsync(path);
            status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.GetRawText().ShouldBe("""{"ok":false,"message":"The writer has ended; restart the worker."}""");
        }
    }

    [Fact]
    public async Task OtherQuestionsAreRefused()
    {
        (await _http.GetAsync(_endpoint.Address + "/")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await _http.PostAsync(_endpoint.Address + "/ready", new StringContent(""))).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Fact]
    public void OnlyAnAddressIsTaken()
    {
        var environment = new EnvironmentReader(name => name switch { "LOG_HTTP_PORT" => "70000", "LOG_HTTP_IP" => "here", _ => null });
        StatusEndpointOptions.Read(environment);
        environment.Errors.Count.ShouldBe(2);
    }
}
