using System.Text.Json;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Web;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Worker.Web;
using Microsoft.Extensions.Logging.Abstractions;
using Temporalio.Client;

namespace LogPipeline.Tests.Observability;

public sealed class HistoryTests
{
    readonly TestClock _time = new(new DateTimeOffset(2026, 11, 21, 12, 0, 0, TimeSpan.Zero));
    readonly InMemoryDisk _disk;
    readonly WorkerBooks _books;
    readonly HistoryFile _file;

    public HistoryTests()
    {
        (_disk, _books) = (new InMemoryDisk(_time), new WorkerBooks(_time));
        _file = new HistoryFile(() => _disk.Root.Directory(HistoryFile.DirectoryName));
    }

    StatsHistory Create() => new(_file.Read(), _books.Read(), _time.GetUtcNow());

    void Step(StatsHistory history, long? pending = null)
    {
        _time.Advance(StatsHistory.Step);
        history.Add(_books.Read(), pending, _time.GetUtcNow());
    }

    [Fact]
    public void APointHasWhatTheStepDid()
    {
        _books.Written(100, 1000, 0, 0, TimeSpan.FromSeconds(9));
        var history = Create();
        _books.Written(5, 50, 0, 0, TimeSpan.FromSeconds(3));
        _books.DeadLettered(2);
        _books.Failed(3);
        Step(history, 7);
        Step(history);
        history.Points.ShouldBe(
        [
            new HistoryPoint { Time = _time.GetUtcNow() - StatsHistory.Step, Written = 5, Bytes = 50, DeadLettered = 2,
                FailedAttempts = 3, LatencyMedian = 3, Latency95 = 9, PendingBatches = 7 },
            new HistoryPoint { Time = _time.GetUtcNow() },
        ]);
    }

    [Fact]
    public void AnHourIsKeptAlsoOverARestart()
    {
        var history = Create();
        for (var i = 0; i < 500; i++)
        {
            _books.Written(i, 1, 0, 0, null);
            Step(history);
        }
        history.Points.Length.ShouldBe(360);
        history.Points[^1].Written.ShouldBe(499);
        _file.Write(history.Points);
        _disk.Root.Directory(HistoryFile.DirectoryName).List().ShouldBe([HistoryFile.Name]);
        _time.Advance(TimeSpan.FromMinutes(30));
        var restarted = Create();
        restarted.Points.ShouldBe(history.Points[180..]);
        _time.Advance(TimeSpan.FromMinutes(31));
        Create().Points.ShouldBeEmpty();
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("[1,2")]
    [InlineData("""{"stepSeconds":10,"points":[null]}""")]
    [InlineData("""{"stepSeconds":10,"points":[{}]}""")]
    [InlineData("""{"stepSeconds":10,"points":[{"time":"2026-11-21T11:59:00Z","written":-5}]}""")]
    [InlineData("""{"stepSeconds":10,"points":[{"time":"2026-11-21T12:01:00Z","written":5}]}""")]
    [InlineData("""{"stepSeconds":10,"points":[{"time":"0001-01-01T00:00:00Z","written":5}]}""")]
    public void ADamagedFileIsAnEmptyHistory(string text)
    {
        Put(Encoding.UTF8.GetBytes(text));
        Create().Points.ShouldBeEmpty();
    }

    [Fact]
    public void ATooLongFileIsNotRead()
    {
        Put(Encoding.UTF8.GetBytes("""{"points":[{"time":"2026-11-21T11:59:00Z","written":5}]}""".PadRight(600_000)));
        Create().Points.ShouldBeEmpty();
        Put(Encoding.UTF8.GetBytes("""{"points":[{"time":"2026-11-21T11:59:00Z","written":5}]}"""));
        Create().Points.ShouldHaveSingleItem().Written.ShouldBe(5);
    }

    [Fact]
    public async Task TheServiceAddsAndSavesAndAPageReads()
    {
        var link = new TemporalLink(new TemporalClientConnectOptions("t:7233") { Namespace = "n" }, "q", _time);
        using var service = new HistoryService(_books, link, _file, _time, NullLogger<HistoryService>.Instance);
        await service.StartAsync(default);
        _books.Written(5, 50, 0, 0, null);
        await Eventually.TrueAsync(() =>
        {
            _time.Advance(StatsHistory.Step);
            return Task.FromResult(service.History.Points.Length > 1);
        }, TimeSpan.FromSeconds(30), TimeSpan.FromMilliseconds(20));
        await service.StopAsync(default);
        service.History.Points.Sum(point => point.Written).ShouldBe(5);
        _file.Read().ShouldBe(service.History.Points);

        await using var web = await WebFixture.StartAsync(more: new HistoryEndpoint(() => service.History.Points));
        using var http = new HttpClient();
        var answer = JsonDocument.Parse(await http.GetStringAsync(web.Address + "/api/history")).RootElement;
        answer.GetProperty("stepSeconds").GetInt32().ShouldBe(10);
        answer.GetProperty("points")[0].EnumerateObject().Select(field => field.Name).ShouldBe(["time", "written", "bytes",
            "deadLettered", "failedAttempts", "latencyMedian", "latency95", "pendingBatches"]);
    }

    /// <summary>Whatever the disk does, the worker runs on.</summary>
    [Fact]
    public async Task ADirectoryThatCannotBeOpenedStopsNothing()
    {
        var file = new HistoryFile(() => throw new UnauthorizedAccessException("No."));
        var link = new TemporalLink(new TemporalClientConnectOptions("t:7233") { Namespace = "n" }, "q", _time);
        using var service = new HistoryService(_books, link, file, _time, NullLogger<HistoryService>.Instance);
        await service.StartAsync(default);
        await service.StopAsync(default);
        service.ExecuteTask!.IsFaulted.ShouldBeFalse();
    }

    void Put(byte[] bytes)
    {
        var directory = _disk.Root.Directory(HistoryFile.DirectoryName);
        directory.Delete(HistoryFile.Name);
        using var file = directory.Open(HistoryFile.Name, StoreOpen.New);
        file.Write(bytes, 0);
    }
}
