using System.Net;
using System.Text.Json;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Hosting;
using LogPipeline.Tests.Publisher;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace LogPipeline.Tests.Hosting;

/// <summary>What a host shows of its sink: a health check, and the figures as JSON.</summary>
public sealed class PublisherHealthTests : IDisposable
{
    static readonly DateTimeOffset Now = new(2026, 11, 21, 12, 0, 0, TimeSpan.Zero);

    static readonly PublisherStats Well = new()
    {
        Emitted = 1_005, Notices = 0, Adopted = 0, FilteredByReason = new Dictionary<FilterReason, long>(), Queued = 1, Spooled = 4,
        Accepted = 1_000, WrittenToFiles = 0, SetAside = 0, DroppedByReason = new Dictionary<DropReason, long>(), BreakerSince = Now,
    };

    readonly TempDirectory _folder = new();
    readonly SinkRig _rig = new();

    public void Dispose() => _folder.Dispose();

    static (HealthStatus, string) Of(PublisherStats stats, TimeSpan? lostAgo = null) => PublisherHealth.Of(stats, Now - lostAgo, Now);

    [Fact]
    public void EachStateHasItsSentence()
    {
        Of(Well).ShouldBe((HealthStatus.Healthy, "Temporal takes log events; 1,000 so far."));
        foreach (var state in (BreakerState[])[BreakerState.Open, BreakerState.HalfOpen, BreakerState.Denied])
            Of(Well with { Breaker = state, LastError = "Nobody is there." }).ShouldBe((HealthStatus.Degraded,
                $"Temporal is not reached since 2026-11-21 12:00:00Z ({state}); 5 log events wait. Nobody is there."));
        Of(Well with { Fill = 0.79 }).Item1.ShouldBe(HealthStatus.Healthy);
        Of(Well with { Fill = 0.8 }).ShouldBe((HealthStatus.Degraded, "The room for log events that wait is taken to 80 %."));
        Of(Well with { DiskError = "No space left.", Breaker = BreakerState.Open }).ShouldBe(
            (HealthStatus.Unhealthy, "Log events cannot be put on disk: No space left."));
        var lost = Well with { DroppedByReason = new Dictionary<DropReason, long> { [DropReason.SpoolFull] = 3, [DropReason.Shed] = 9 } };
        Of(lost, TimeSpan.FromMinutes(4)).ShouldBe((HealthStatus.Unhealthy, "Log events are lost: 3 SpoolFull, 9 Shed."));
        Of(lost, TimeSpan.FromMinutes(5)).Item1.ShouldBe(HealthStatus.Healthy);
    }

    [Fact]
    public void OnlyWhatIsLostAgainstTheWillCounts() => PublisherHealth.LostOf(Well with
    {
        DroppedByReason = Enum.GetValues<DropReason>().ToDictionary(reason => reason, reason => 1L << (int)reason),
    }).ShouldBe(1 << (int)DropReason.QueueFull | 1 << (int)DropReason.SpoolFull | 1 << (int)DropReason.DiskFailed
        | 1 << (int)DropReason.Damaged | 1 << (int)DropReason.Refused | 1 << (int)DropReason.Unrenderable);

    [Fact]
    public async Task ALossMakesItUnhealthyForAWhileAndAnotherOneAnew()
    {
        _rig.Options.Limits.QueueCountMax = 2;
        _rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        _rig.Options.Sampling.ShedPercent = 100;
        _rig.Temporal.Instead = FakeTemporal.Hang;
        var sink = _rig.Open();
        var check = new PublisherHealthCheck(sink, _rig.Clock);
        (await CheckAsync()).ShouldBe(HealthStatus.Healthy);
        for (var i = 0; i < 10_000 && sink.Stats.Dropped == 0; i++) sink.Emit(SomeEvent.Of("x"));
        (await CheckAsync()).ShouldBe(HealthStatus.Unhealthy);
        (await CheckAsync(HealthStatus.Degraded)).ShouldBe(HealthStatus.Degraded);
        _rig.Temporal.Instead = null;
        await _rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 });
        _rig.Clock.Advance(TimeSpan.FromMinutes(5));
        (await CheckAsync()).ShouldBe(HealthStatus.Healthy);
        await _rig.CloseAsync(sink);

        async Task<HealthStatus> CheckAsync(HealthStatus worst = HealthStatus.Unhealthy) =>
            (await check.CheckHealthAsync(new() { Registration = new("log-publisher", check, worst, null) })).Status;
    }

    WebApplication Build(Action<WebApplication> map, bool addsPublisher = true)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        // Nobody is there; the sink is never asked to send.
        void Set(TemporalSinkOptions options) => (options.Address, options.SpoolDirectory, options.Source) =
            ("127.0.0.1:1", _folder.Path, "hosted");
        if (addsPublisher) builder.AddLogPublisher(Set, addLoggerProvider: false).AddLogPublisher(Set, addLoggerProvider: false);
        var app = builder.Build();
        map(app);
        return app;
    }

    [Fact]
    public async Task AWebApplicationShowsBoth()
    {
        await using var app = Build(app =>
        {
            app.MapHealthChecks("/healthz");
            app.MapLogPublisherStatus();
            app.MapLogPublisherStatus("/guarded").RequireHost("elsewhere");
        });
        await app.StartAsync();
        using var http = new HttpClient { BaseAddress = new Uri(app.Urls.Single()) };
        (await http.GetStringAsync("/healthz")).ShouldBe("Healthy");
        app.Services.GetRequiredService<TemporalSink>().Emit(SomeEvent.Of("x"));
        using var answer = await http.GetAsync("/log-publisher");
        answer.Content.Headers.ContentType!.MediaType.ShouldBe("application/json");
        answer.Headers.CacheControl!.NoStore.ShouldBeTrue();
        var status = JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement;
        (status.GetProperty("source").GetString(), status.GetProperty("stats").GetProperty("emitted").GetInt64()).ShouldBe(("hosted", 1));
        status.GetProperty("stats").GetProperty("breaker").GetString().ShouldBe("closed");
        status.GetProperty("stats").GetProperty("balances").GetBoolean().ShouldBeTrue();
        (await http.GetAsync("/guarded")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await http.PostAsync("/log-publisher", null)).StatusCode.ShouldBe(HttpStatusCode.MethodNotAllowed);
        (await http.SendAsync(new(HttpMethod.Head, "/log-publisher"))).StatusCode.ShouldBe(HttpStatusCode.OK);
        await app.StopAsync();
    }

    [Fact]
    public void ReasonsAndStatesAreNamedAsInTheMetrics()
    {
        var stats = Well with
        {
            DroppedByReason = new Dictionary<DropReason, long> { [DropReason.QueueFull] = 2 }, Breaker = BreakerState.HalfOpen,
            FilteredByReason = new Dictionary<FilterReason, long> { [FilterReason.Sampled] = 1 },
        };
        var json = JsonSerializer.SerializeToElement(new LogPipeline.Publisher.AspNetCore.PublisherStatus("a", "b", stats),
            LogPipeline.Publisher.AspNetCore.StatusJson.Default.PublisherStatus).GetProperty("stats");
        json.GetProperty("droppedByReason").GetRawText().ShouldBe("""{"queue_full":2}""");
        json.GetProperty("filteredByReason").GetRawText().ShouldBe("""{"sampled":1}""");
        json.GetProperty("breaker").GetString().ShouldBe("half_open");
    }

    [Fact]
    public async Task WithoutASinkThatIsSaidWhenItIsMapped()
    {
        await using var app = Build(_ => { }, addsPublisher: false);
        Should.Throw<InvalidOperationException>(() => app.MapLogPublisherStatus()).Message
            .ShouldBe("MapLogPublisherStatus needs the sink; call AddLogPublisher() on the application's builder first.");
    }
}
