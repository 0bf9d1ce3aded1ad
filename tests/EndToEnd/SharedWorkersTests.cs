using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;

namespace LogPipeline.EndToEnd;

/// <summary>Two workers take the batches of one application, under load, while one of them is killed and paused.</summary>
public sealed class SharedWorkersTests
{
    [SkippableFact]
    public async Task OnOneMachineNothingIsLostWhenAWorkerIsKilledAndWhatIsThereTwiceIsTheSame()
    {
        RealServers.SkipIfMissing();
        await using var workers = await SharedWorkers.StartNewAsync(_ => new Dictionary<string, string>());
        var count = await UnderLoadAsync(workers, async () =>
        {
            for (var kill = 0; kill < LongRuns.Choose(3, 50); kill++)
            {
                await Task.Delay(TimeSpan.FromSeconds(2));
                await workers.KillAsync("a");
                // Once long enough for the other to get what this one held.
                if (kill == 0) await Task.Delay(TimeSpan.FromSeconds(12));
                workers.Start("a");
            }
        });

        var report = await workers.VerifyAsync(count);
        foreach (var fault in (string[])["lost", "corrupt"])
            report.Output.ShouldContain($"\"{fault}\": 0,", Case.Sensitive, Clean(report, workers));
        foreach (var copies in workers.WrittenLines().GroupBy(line => line.Sequence))
            copies.Distinct().Count().ShouldBe(1, "a copy differs");
    }

    [SkippableFact]
    public async Task WithASharedLedgerEveryLineIsThereOnceWhenAWorkerIsKilledAndPaused()
    {
        RealServers.SkipIfMissing();
        PostgresServer.SkipIfMissing();
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();
        await using var workers = await SharedWorkers.StartNewAsync(_ => Ledger(postgres));
        var count = await UnderLoadAsync(workers, async () =>
        {
            for (var round = 0; round < LongRuns.Choose(2, 30); round++)
            {
                await Task.Delay(TimeSpan.FromSeconds(2));
                await workers.KillAsync("a");
                workers.Start("a");
                await Task.Delay(TimeSpan.FromSeconds(3));
                // Longer than the lease.
                workers["b"].Pause();
                await Task.Delay(TimeSpan.FromSeconds(8));
                workers["b"].Resume();
            }
        });
        await ShouldBeCleanAsync(workers, count);
    }

    [SkippableFact]
    public async Task ALedgerThatIsGoneForAWhileLosesAndDoublesNothing()
    {
        RealServers.SkipIfMissing();
        PostgresServer.SkipIfMissing();
        await using var postgres = new PostgresServer();
        await postgres.StartAsync();
        await using var workers = await SharedWorkers.StartNewAsync(_ => Ledger(postgres));
        var count = await UnderLoadAsync(workers, async () =>
        {
            await Task.Delay(TimeSpan.FromSeconds(3));
            await postgres.StopAsync();
            // Whichever has the next one.
            await Eventually.TrueAsync(() => Task.FromResult(workers.HasSaid("does not answer")),
                TimeSpan.FromMinutes(1), explain: workers.Said);
            // Longer than the lease.
            await Task.Delay(TimeSpan.FromSeconds(8));
            await postgres.StartAsync();
            await Task.Delay(TimeSpan.FromSeconds(3));
        });
        await ShouldBeCleanAsync(workers, count);
    }

    static Dictionary<string, string> Ledger(PostgresServer postgres) =>
        new() { ["LOG_LEDGER_CONNECTION"] = postgres.ConnectionString, ["LOG_LEDGER_LEASE"] = "5s" };

    static async Task<int> UnderLoadAsync(SharedWorkers workers, Func<Task> trouble)
    {
        using var stop = new CancellationTokenSource();
        var logging = Task.Run(() => workers.LogUntilAsync(stop.Token));
        await Eventually.TrueAsync(() =>
            Task.FromResult(WrittenRecord.CountLines(workers.LogDirectory) > 0), TimeSpan.FromMinutes(1), explain: workers.Said);
        await trouble();
        await stop.CancelAsync();
        var count = await logging;
        await workers.WrittenAsync(count);
        return count;
    }

    static async Task ShouldBeCleanAsync(SharedWorkers workers, int count)
    {
        var report = await workers.VerifyAsync(count);
        report.ExitCode.ShouldBe(0, Clean(report, workers));
        workers.WrittenLines().Select(line => line.Sequence).Order().ShouldBe(Enumerable.Range(1, count).Select(number => (long)number));
    }

    static string Clean(ChildProcess report, SharedWorkers workers) => $"{report.Everything}\n{workers.Said()}";
}
