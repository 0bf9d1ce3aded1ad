using System.Text.Json;
using LogPipeline.EndToEnd.Attacks;
using LogPipeline.EndToEnd.Support;
using LogPipeline.TestSupport;
using Temporalio.Api.Enums.V1;
using Xunit.Abstractions;

namespace LogPipeline.EndToEnd;

/// <summary>
/// A starter that mixes batches of every wrong kind with right ones: these are written as if they were alone, and the
/// wrong ones end.
/// </summary>
public sealed class HostileStarterTests(ITestOutputHelper output)
{
    const string Good = "good";
    const string Others = "others";
    static readonly string[] Faults = ["lost", "duplicate", "reordered", "corrupt"];
    const long WorkerBytesMax = 400_000_000;
    static readonly TimeSpan EndMax = TimeSpan.FromMinutes(2);

    /// <summary>Short, so that what only another worker could read ends within the time too.</summary>
    static readonly Dictionary<string, string> Settings = new() { ["LOG_UNREADABLE_AFTER"] = "45s" };

    // Usual times are of milliseconds, and the machine may be busy with more.
    static readonly TimeSpan MedianMore = TimeSpan.FromMilliseconds(LongRuns.Choose(usual: 1_000, @long: 100));
    static readonly TimeSpan P99More = TimeSpan.FromSeconds(LongRuns.Choose(usual: 10, @long: 2));

    // The half of each is sent while the worker is killed.
    static readonly int Count = LongRuns.Choose(200, 2000);
    static readonly int Seed = LongRuns.Choose(1, 2);

    readonly TempDirectory _directory = new();

    [Fact]
    public async Task GoodBatchesAreWrittenOnceAndInTimeAmongHostileOnes()
    {
        using var directory = _directory;
        await using var server = new EmbeddedServerProgram(directory.File("server"));
        await server.StartAsync();
        await AttackAsync(server.Address, atATime: 4, () => server.Everything);
    }

    [SkippableFact]
    public async Task GoodBatchesAreWrittenOnceAndInTimeAmongHostileOnesOnARealTemporal()
    {
        RealServers.SkipIfMissing();
        using var directory = _directory;
        await using var server = await TemporalServer.StartNewAsync(directory.File("temporal.db"));
        // It takes less than the embedded one before its own queues grow.
        await AttackAsync(server.Address, atATime: 1, () => "");
    }

    /// <summary>Hundreds, each in a row of its own.</summary>
    [Fact]
    public async Task BatchesThatWaitForOneThatCannotBeReadKeepNoSlotsFromOthers()
    {
        using var directory = _directory;
        await using var server = new EmbeddedServerProgram(directory.File("server"));
        await server.StartAsync();
        Directory.CreateDirectory(directory.File("logs"));
        await using var worker = WorkerProgram.StartDaemon(server.Address, directory.File("logs"));
        await worker.LineAsync(line => line.Contains("waiting for batches", StringComparison.Ordinal));
        var starter = await Starter.ConnectAsync(server.Address);
        var count = LongRuns.Choose(usual: 400, @long: 1600);
        var (good, others) = (new GoodBatches(Good), new GoodBatches(Others));
        await RunAsync(starter, "first", 4, good.Next(40), others.Next(40));
        var usual = await RunAsync(starter, "among as many right ones", 4, good.Next(count / 4),
            others.Next(count / 4));
        HostileStart[] hostile = [.. HostileBatches.Waiting(Seed).Take(count)];
        await starter.StartAsync(8, hostile[..(count / 4)]);
        var among = await RunAsync(starter, "among those that wait", 4, good.Next(count * 3 / 4),
            hostile[(count / 4)..]);
        among.P99.ShouldBeLessThan(2 * usual.P99 + P99More);
    }

    async Task AttackAsync(string address, int atATime, Func<string> said)
    {
        var logs = _directory.File("logs");
        Directory.CreateDirectory(logs);
        var starter = await Starter.ConnectAsync(address);
        var (good, others) = (new GoodBatches(Good), new GoodBatches(Others));
        var hostile = HostileBatches.Generate(Seed).Take(Count).ToList();
        // The folders of new channels take their time, whoever names them.
        var timed = hostile[..(Count / 2)].FindAll(one => one.Kind != HostileBatches.ManyFolders);
        var rest = hostile.Except(timed).ToList();
        var worker = WorkerProgram.StartDaemon(address, logs, Settings);
        try
        {
            await worker.LineAsync(line => line.Contains("waiting for batches", StringComparison.Ordinal));
            // The first ones have the worker's code compiled.
            await RunAsync(starter, "first", atATime, good.Next(Count / 10), others.Next(Count / 10));
            var usual = await RunAsync(starter, "among as many right ones", atATime, good.Next(Count / 2),
                others.Next(Count / 2));
            var among = await RunAsync(starter, "among hostile ones", atATime, good.Next(Count / 2),
                timed);
            var peak = worker.PeakResidentBytes;
            var sent = starter.StartAsync(atATime, good.Next(Count / 2), rest);
            await Task.WhenAny(sent, starter.ReachesAsync(starter.Started.Count + Count / 4));
            await worker.KillAsync();
            await worker.DisposeAsync();
            worker = WorkerProgram.StartDaemon(address, logs, Settings);
            await sent;
            var endings = await WaitAsync(starter, one => one.Start.Fate != Fate.IsForeign, EndMax);
            output.WriteLine($"memory: {peak >> 20} MiB, after the kill {worker.PeakResidentBytes >> 20} MiB");
            peak = Math.Max(peak, worker.PeakResidentBytes);
            Tell(endings, starter.Refused);
            (await worker.StopAsync(TimeSpan.FromMinutes(1))).ShouldBeTrue();

            endings.Where(one => one.Start.Fate != Fate.IsForeign).Max(one => one.Time)!.Value.ShouldBeLessThan(EndMax);
            endings.Where(one => one.Start.Fate == Fate.IsForeign).ShouldAllBe(one => one.Time == null);
            await ShouldBeCleanAsync(logs, good.Acknowledged + others.Acknowledged);
            peak.ShouldBeLessThan(WorkerBytesMax);
            among.Median.ShouldBeLessThan(2 * usual.Median + MedianMore);
            among.P99.ShouldBeLessThan(2 * usual.P99 + P99More);
        }
        catch (Exception)
        {
            output.WriteLine($"seed {Seed}\n{Tail(worker.Everything)}\n{Tail(said())}");
            throw;
        }
        finally
        {
            await worker.DisposeAsync();
        }
    }

    /// <summary>Starts good batches and others beside them; returns how long the good ones took.</summary>
    async Task<Times> RunAsync(Starter starter, string what, int atATime, IReadOnlyList<HostileStart> good,
        IReadOnlyList<HostileStart> beside)
    {
        await starter.StartAsync(atATime, good, beside);
        var endings = await WaitAsync(starter, one => one.Start.Kind == Good, EndMax);
        var now = good.Select(one => one.WorkflowId).ToHashSet();
        var times = new Times(
            [.. endings.Where(one => now.Contains(one.Start.WorkflowId)).Select(one => one.Time!.Value)]);
        output.WriteLine($"good batches {what}: {times}");
        return times;
    }

    static async Task<IReadOnlyList<Ending>> WaitAsync(Starter starter, Func<Ending, bool> which, TimeSpan max)
    {
        IReadOnlyList<Ending> endings = [];
        await Eventually.TrueAsync(async () =>
            {
                endings = await starter.EndingsAsync();
                return endings.Count == starter.Started.Count && endings.Where(which).All(one => one.Time is not null);
            }, max, TimeSpan.FromSeconds(1), () => $"{starter.Started.Count} were started, {endings.Count} are known; "
                + "these run: " + string.Join(", ", endings.Where(one => which(one) && one.Time is null).Take(20)
                    .Select(one => $"{one.Start.Kind} {one.Start.WorkflowId}")));
        return endings;
    }

    /// <summary>Nothing lost, twice, late or torn, but for what a source of its own says of itself.</summary>
    async Task ShouldBeCleanAsync(string logs, string acknowledged)
    {
        var acks = _directory.File("acks");
        await File.WriteAllTextAsync(acks, acknowledged);
        using var report = JsonDocument.Parse((await Verification.RunAsync(logs, acks)).Text);
        report.RootElement.GetProperty("channels").EnumerateArray()
            .Where(row => Faults.Any(fault => row.GetProperty(fault).GetInt64() > 0))
            .Where(row => !row.GetProperty("source").GetString()!.StartsWith(
                HostileBatches.LiarPrefix, StringComparison.Ordinal))
            .Select(row => $"{row}").ShouldBeEmpty();
        output.WriteLine($"verify: {report.RootElement.GetProperty("acknowledged")} records accepted, "
            + "none lost, twice, late or torn");
    }

    void Tell(IReadOnlyList<Ending> endings, IReadOnlyList<HostileStart> refused)
    {
        var hostile = endings.Where(one => one.Start.Kind is not (Good or Others));
        foreach (var kind in hostile.GroupBy(one => (one.Start.Fate, one.Start.Kind)).OrderBy(kind => kind.Key))
            output.WriteLine($"{kind.Key.Fate}: {kind.Key.Kind}: "
                + string.Join(", ", kind.GroupBy(one => one.Status).Select(Told)));
        foreach (var kind in refused.GroupBy(one => one.Kind)) output.WriteLine($"refused: {kind.Key}: {kind.Count()}");

        static string Told(IGrouping<WorkflowExecutionStatus, Ending> some) =>
            $"{some.Count()} {some.Key}"
                + (some.Max(one => one.Time) is { } longest ? $" in {longest.TotalSeconds:0.0} s" : "");
    }

    static string Tail(string text) => text.Length <= 6000 ? text : text[^6000..];

    sealed record Times(IReadOnlyList<TimeSpan> All)
    {
        public TimeSpan Median => At(0.5);
        public TimeSpan P99 => At(0.99);

        TimeSpan At(double share) => All.Order().ElementAt((int)((All.Count - 1) * share));

        public override string ToString() => $"{All.Count}, median {Median.TotalMilliseconds:0} ms, "
            + $"p99 {P99.TotalMilliseconds:0} ms, longest {All.Max().TotalMilliseconds:0} ms";
    }
}
