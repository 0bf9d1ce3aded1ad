using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging.Abstractions;

namespace LogPipeline.Tests.Hosting;

/// <summary>The worker while no Temporal is there, on a clock of the test. Port 1 is nobody's.</summary>
public sealed class OnceTests
{
    readonly TestClock _time = new();
    readonly Lifetime _lifetime = new();
    readonly LinesLogger<WorkerService> _log = new();

    [Fact]
    public async Task OnceTemporalWasAwayForHalfAMinuteOnceEndsAndSaysThatSomethingIsLeft()
    {
        using var service = Service(once: true);
        var waited = await WaitAsync(service, TimeSpan.FromMinutes(2));
        waited.ShouldBeGreaterThan(TimeSpan.FromSeconds(30));
        waited.ShouldBeLessThanOrEqualTo(TimeSpan.FromSeconds(45));
        _lifetime.IsStopAsked.ShouldBeTrue();
        service.Remaining.ShouldBe(1);
    }

    [Fact]
    public async Task StoppedBeforeItKnowsThatNothingIsLeftItDoesNotSaySo()
    {
        using var service = Service(once: true);
        await WaitAsync(service, TimeSpan.FromSeconds(5));
        _lifetime.IsStopAsked.ShouldBeFalse();
        service.Remaining.ShouldBe(1);
    }

    [Fact]
    public async Task WithoutOnceItWaitsOn()
    {
        using var service = Service(once: false);
        await WaitAsync(service, TimeSpan.FromMinutes(2));
        _lifetime.IsStopAsked.ShouldBeFalse();
        service.Remaining.ShouldBe(0);
    }

    [Fact]
    public async Task WhileTemporalIsAwayItSaysSoAtOnceAndThenOnceAMinute()
    {
        using var service = Service(once: false);
        await WaitAsync(service, TimeSpan.FromMinutes(3.5));
        _log.Lines.Count(line => line.Text.Contains("cannot be reached", StringComparison.Ordinal)).ShouldBe(4);
    }

    [Fact]
    public void AttemptsToConnectComeLessAndLessOftenAndEveryTenSecondsAtLeast()
    {
        var backoff = WorkerService.ConnectBackoff;
        Enumerable.Range(0, 8).Select(failures => backoff.After(failures, new FixedRandom(0)).TotalSeconds)
            .ShouldBe([0.5, 1, 2, 4, 8, 10, 10, 10]);
        Enumerable.Range(0, 6).Select(failures => backoff.After(failures, new FixedRandom(1)).TotalSeconds)
            .ShouldBe([0.375, 0.75, 1.5, 3, 6, 7.5]);
    }

    /// <returns>How long it took until the program was asked to stop, at most.</returns>
    async Task<TimeSpan> WaitAsync(WorkerService service, TimeSpan longest)
    {
        var start = _time.GetUtcNow();
        await service.StartAsync(CancellationToken.None);
        while (!_lifetime.IsStopAsked && _time.GetUtcNow() - start < longest)
        {
            // It waits for nothing but the time between two attempts.
            await _time.TimersAsync();
            if (!_lifetime.IsStopAsked) _time.Advance(TimeSpan.FromSeconds(1));
        }
        var waited = _time.GetUtcNow() - start;
        await service.StopAsync(CancellationToken.None);
        return waited;
    }

    WorkerService Service(bool once)
    {
        var (options, connection) = LogWorkerOptions.Read(
            new Dictionary<string, string> { ["TEMPORAL_ADDRESS"] = "127.0.0.1:1", ["TEMPORAL_CONFIG_FILE"] = "/nowhere/temporal.toml" });
        // What writes is asked for only when a Temporal is there.
        return new WorkerService(options with { Once = once }, connection,
            new TemporalLink(connection, options.TaskQueue, _time), null!, null!,
            new ServiceStatus(new Told(), NullLogger<ServiceStatus>.Instance),
            _lifetime, _time, _log);
    }

    sealed class FixedRandom(double always) : Random
    {
        public override double NextDouble() => always;
    }

    sealed class Lifetime : IHostApplicationLifetime
    {
        volatile bool _isStopAsked;

        public bool IsStopAsked => _isStopAsked;

        public CancellationToken ApplicationStarted => CancellationToken.None;

        public CancellationToken ApplicationStopping => CancellationToken.None;

        public CancellationToken ApplicationStopped => CancellationToken.None;

        public void StopApplication() => _isStopAsked = true;
    }
}
