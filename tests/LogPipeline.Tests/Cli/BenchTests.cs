using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli.Bench;
using Temporalio.Client;

namespace LogPipeline.Tests.Cli;

public sealed class BenchTests(EmbeddedServer temporal) : IClassFixture<EmbeddedServer>
{
    [Fact]
    public void FiguresAreOfAllRecordsWhateverTheirOrder()
    {
        BenchFigures.Of([.. Enumerable.Range(1, 100).Reverse().Select(i => (double)i)], TimeSpan.FromSeconds(4))
            .ShouldBe(new BenchFigures(100, 25, 50, 95, 99));
        BenchFigures.Of([3], TimeSpan.FromSeconds(2)).ShouldBe(new BenchFigures(1, 0.5, 3, 3, 3));
    }

    [Fact]
    public void TheDisksProbeIsRemoved()
    {
        using var directory = new TempDirectory();
        var figures = DiskBench.Run(directory.Path, TimeProvider.System);
        figures.MegabytesPerSecond.ShouldBeGreaterThan(0);
        figures.SyncSeconds.ShouldBeGreaterThan(0);
        Directory.GetFileSystemEntries(directory.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task ABatchThatDoesNotComeIsWaitedForForAMinute()
    {
        var time = new TestClock();
        var client = await TemporalClient.ConnectAsync(new(temporal.Address));
        var next = new ReceiptWatch(client, "bench", Some.Name("i"), time).NextAsync(default);
        while (!next.IsCompleted)
        {
            await Task.WhenAny(next, time.TimersAsync());
            time.Advance(TimeSpan.FromSeconds(20));
        }
        (await Should.ThrowAsync<TimeoutException>(() => next)).Message
            .ShouldBe("0 records are written, and no other within 60 s; 'logworker doctor' says what is wrong.");
        time.GetUtcNow().ShouldBeGreaterThanOrEqualTo(new TestClock().GetUtcNow().AddMinutes(1));
    }
}
