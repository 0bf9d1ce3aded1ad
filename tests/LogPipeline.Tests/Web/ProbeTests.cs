using System.Net;
using System.Text.Json;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Web;

public sealed class ProbeTests : IAsyncLifetime
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly Readiness _readiness;
    readonly HttpClient _http = new();
    WebFixture _web = null!;
    bool _isRunning = true;

    public ProbeTests() => _readiness = new Readiness("/var/log/pipeline", _time);

    public async Task InitializeAsync() => _web = await WebFixture.StartAsync(readiness: _readiness, isRunning: () => _isRunning);

    public async Task DisposeAsync()
    {
        _http.Dispose();
        await _web.DisposeAsync();
    }

    async Task<(HttpStatusCode Status, JsonElement Answer)> AskAsync(string path)
    {
        using var response = await _http.GetAsync(_web.Address + path);
        response.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync()).RootElement);
    }

    [Fact]
    public async Task TroubleMakesTheWorkerUnreadyAndNotUnhealthyUntilItIsOver()
    {
        var (wellStatus, well) = await AskAsync("/healthz/ready");
        wellStatus.ShouldBe(HttpStatusCode.OK);
        well.GetRawText().ShouldBe("""{"ok":true,"message":"Batches are written to /var/log/pipeline.","path":"/var/log/pipeline"}""");
        _readiness.Failed("No space left on device.");
        _time.Advance(TimeSpan.FromMinutes(5));
        _readiness.Failed("Input/output error");

        var (status, answer) = await AskAsync("/healthz/ready");
        status.ShouldBe(HttpStatusCode.ServiceUnavailable);
        answer.GetProperty("ok").GetBoolean().ShouldBeFalse();
        answer.GetProperty("path").GetString().ShouldBe("/var/log/pipeline");
        answer.GetProperty("since").GetDateTimeOffset().ShouldBe(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
        answer.GetProperty("message").GetString()
            .ShouldBe("/var/log/pipeline cannot be written since 2026-11-21T12:00:00Z: Input/output error.");
        (await AskAsync("/healthz/live")).Status.ShouldBe(HttpStatusCode.OK);

        _readiness.Succeeded()!.Value.Lasted.ShouldBe(TimeSpan.FromMinutes(5));
        (await AskAsync("/healthz/ready")).Status.ShouldBe(HttpStatusCode.OK);
        _readiness.Succeeded().ShouldBeNull();
    }

    [Fact]
    public async Task AWriterThatHasEndedIsNeitherReadyNorHealthy()
    {
        _isRunning = false;
        _readiness.Failed("No space left on device.");
        foreach (var path in (string[])["/healthz/live", "/healthz/ready"])
        {
            var (status, answer) = await AskAsync(path);
            status.ShouldBe(HttpStatusCode.ServiceUnavailable);
            answer.GetRawText().ShouldBe("""{"ok":false,"message":"The writer has ended; restart the worker."}""");
        }
    }

    [Fact]
    public async Task OtherQuestionsAreRefused()
    {
        (await _http.GetAsync(_web.Address + "/")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        var posted = await _http.PostAsync(_web.Address + "/healthz/ready", new StringContent(""));
        posted.StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
    }

    [Theory]
    [InlineData(null, "{\"ok\":false}")]
    [InlineData("Bearer wrong", "{\"ok\":false}")]
    [InlineData("Bearer " + WebFixture.Token,
        """{"ok":false,"message":"The writer has ended; restart the worker."}""")]
    public async Task WhereATokenIsSetAProbeNeedsNoneAndIsNotToldWhy(string? sent, string told)
    {
        await using var guarded = await WebFixture.StartAsync(new WebOptions { Port = 0, Token = WebFixture.Token },
            isRunning: () => false);
        using var request = new HttpRequestMessage(HttpMethod.Get, guarded.Address + "/healthz/ready");
        if (sent is not null) request.Headers.TryAddWithoutValidation("Authorization", sent);
        using var answer = await _http.SendAsync(request);
        answer.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await answer.Content.ReadAsStringAsync()).ShouldBe(told);
    }

    [Fact]
    public void OnlyAnAddressIsTaken()
    {
        var environment = new EnvironmentReader(name => name switch { "LOG_HTTP_PORT" => "70000", "LOG_HTTP_IP" => "here", _ => null });
        WebOptions.Read(environment);
        environment.Errors.Count.ShouldBe(2);
    }
}
