using LogPipeline.TestSupport;
using LogPipeline.Tests.Worker;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using Temporalio.Client;

namespace LogPipeline.Tests.Canary;

public sealed class CanaryServiceTests
{
    readonly TestClock _time = new();
    readonly LinesLogger<CanaryService> _log = new();

    [Fact]
    public async Task WhileTemporalIsAwayEachIsCountedAsMissingAndTheFirstIsTold()
    {
        var books = new WorkerBooks(_time);
        var connection = new TemporalClientConnectOptions("temporal:7233") { Namespace = "logs" };
        var link = new TemporalLink(connection, "queue", _time);
        link.Failed("Nobody is there.");
        using var metrics = new WorkerMetrics(books.Read, new WorkerGauges(() => true, () => [], () => 0, () => 0));
        using var service = new CanaryService(new LogWorkerOptions { CanaryInterval = TimeSpan.FromSeconds(10) }, connection, link, books,
            metrics, _time, _log);
        await service.StartAsync(default);
        await _time.TimersAsync();
        books.Read().Canaries.ShouldBe(0);
        for (var i = 1; i <= 3; i++)
        {
            _time.Advance(TimeSpan.FromSeconds(10));
            await Eventually.TrueAsync(() => Task.FromResult(books.Read().Canaries == i), TimeSpan.FromSeconds(30));
        }
        await service.StopAsync(default);
        var stats = books.Read();
        (stats.CanariesMissing, stats.LastCanary!.Problem).ShouldBe((3, "Nobody is there."));
        // None was taken: it is the same one that is tried again.
        stats.LastCanary.Batch.ShouldEndWith("/000000000001");
        _log.Lines.ShouldHaveSingleItem().Text.ShouldBe($"The canary {stats.LastCanary.Batch} is missing: Nobody is there.");
    }
}
