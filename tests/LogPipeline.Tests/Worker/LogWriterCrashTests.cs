using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Worker;

/// <summary>
/// One canonical run: a group of three batches over two channels that rolls by size, a single batch, then another process on
/// the next day with two more. It is broken at every single change of the disk, in every way, and taken up again.
/// </summary>
public sealed class LogWriterCrashTests
{
    static readonly LogWriterOptions Options = new() { FileBytesMax = 400, IntentBytesMax = 600, OpenFilesMax = 1 };

    static readonly PreparedBatch[][][] Script =
    [
        [[SomeBatch.Prepared(1, "app", "web", "app"), SomeBatch.Prepared(4, "web", "app"), SomeBatch.Prepared(6, "app")],
            [SomeBatch.Prepared(7, "app", "web")]],
        [[SomeBatch.Prepared(9, "web"), SomeBatch.Prepared(10, "app", "app")]],
    ];

    static readonly List<long> App = [1, 3, 5, 6, 7, 10, 11];
    static readonly List<long> Web = [2, 4, 8, 9];

    readonly InMemoryDisk _disk = new();
    readonly HashSet<string> _acknowledged = [];

    [Fact]
    public async Task TheUnbrokenRunWritesEverythingInOrder()
    {
        (await RunAsync()).ShouldBeTrue();
        CheckComplete("unbroken");
        SomeBatch.Files(_disk.Root).Count.ShouldBeGreaterThan(4);
        _disk.Operations.ShouldBeGreaterThan(40);
    }

    public static TheoryData<StoreCrash, int> Crashes => new()
    {
        { StoreCrash.Killed, -1 }, { StoreCrash.PowerCut, -1 }, { StoreCrash.PowerCut, 1 }, { StoreCrash.PowerCut, 2 },
        { StoreCrash.PowerCut, 3 },
    };

    [Theory, MemberData(nameof(Crashes))]
    public async Task ACrashAtAnyChangeLosesAndRepeatsNothing(StoreCrash crash, int seed)
    {
        var points = 0;
        foreach (var share in seed > 1 ? (double[])[0.3] : [0, 0.3, 0.99, 1])
            for (var number = 1; ; number++)
            {
                var test = new LogWriterCrashTests();
                if (!await test.CrashAsync(number, share, crash, seed < 0 ? null : new Random(seed * 1000 + number))) break;
                points++;
            }
        points.ShouldBeGreaterThan(50);
    }

    [Theory]
    [InlineData(StoreFaultKind.NoSpace, 0)]
    [InlineData(StoreFaultKind.NoSpace, 0.5)]
    [InlineData(StoreFaultKind.InputOutput, 0)]
    [InlineData(StoreFaultKind.InputOutput, 1)]
    public async Task AnErrorAtAnyChangeIsOvercomeByTryingAgain(StoreFaultKind kind, double share)
    {
        for (var number = 1; ; number++)
        {
            var test = new LogWriterCrashTests();
            var hit = false;
            test._disk.Fault = operation =>
                !hit && operation.Number == number && (hit = true) ? new StoreFault(kind, (int)(operation.Bytes * share)) : null;
            var done = await test.RunAsync(patience: 5);
            done.ShouldBeTrue($"{kind} at {number}");
            test.CheckComplete($"{kind} at {number}");

            // What was acknowledged after the error must be durable as well: the sync that failed must not be trusted.
            test._disk.Restart(StoreCrash.PowerCut);
            (await test.RunAsync()).ShouldBeTrue();
            test.CheckComplete($"{kind} at {number}, then a power cut");
            if (!hit) return;
        }
    }

    [Fact]
    public async Task ACrashDuringTheRecoveryFromACrashIsOvercome()
    {
        for (var first = 1; ; first += 7)
        {
            var probe = new LogWriterCrashTests();
            if (!await probe.BreakAsync(first)) return;
            for (var second = 1; second <= 13; second += 3)
            {
                var test = new LogWriterCrashTests();
                await test.BreakAsync(first);
                test._disk.Restart(StoreCrash.PowerCut, new Random(first));
                await test.BreakAsync(second);
                test._disk.Restart(StoreCrash.PowerCut, new Random(second));
                (await test.RunAsync()).ShouldBeTrue();
                test.CheckComplete($"crash at {first}, again at {second}");
            }
        }
    }

    async Task<bool> CrashAsync(int number, double share, StoreCrash crash, Random? chance)
    {
        var at = $"{crash} at {number} with {share}";
        if (!await BreakAsync(number, share)) return false;
        _disk.Restart(crash, chance);
        if (crash == StoreCrash.Killed) CheckReaders(at);

        // Before anything is tried again: begun batches are finished, and all that was acknowledged is there.
        await using (var writer = new LogWriter(_disk.Root, Options, new TestClock(Day(0)))) writer.Start();
        CheckAcknowledged(at);

        (await RunAsync()).ShouldBeTrue(at);
        CheckComplete(at);
        return true;
    }

    async Task<bool> BreakAsync(int number, double share = 0.5)
    {
        var start = _disk.Operations;
        var hit = false;
        _disk.Fault = operation =>
        {
            if (hit || operation.Number != start + number) return null;
            hit = true;
            return new StoreFault(StoreFaultKind.Crash, share == 1 ? int.MaxValue : (int)(operation.Bytes * share));
        };
        await RunAsync();
        return hit;
    }

    /// <summary>The whole script, as Temporal would have it: each batch until it is acknowledged or patience ends.</summary>
    async Task<bool> RunAsync(int patience = 1)
    {
        for (var life = 0; life < Script.Length; life++)
        {
            var time = new TestClock(Day(life));
            LogWriter? writer = null;
            try
            {
                var isFirst = true;
                foreach (var group in Script[life])
                {
                    var waiting = group.ToList();
                    for (var attempt = 0; waiting.Count > 0; attempt++)
                    {
                        if (attempt == patience) return false;
                        writer ??= new LogWriter(_disk.Root, Options, time);
                        // Asked before the start, so that they are one group.
                        var answers = waiting.Select(batch => writer.WriteAsync(batch)).ToList();
                        if (isFirst && !TryStart(writer))
                        {
                            writer = null;
                            continue;
                        }
                        isFirst = false;
                        for (var i = answers.Count - 1; i >= 0; i--)
                        {
                            try
                            {
                                _acknowledged.Add((await answers[i]).Entry.Batch);
                                waiting.RemoveAt(i);
                            }
                            catch (BatchNotWrittenException)
                            {
                                // Tried again below.
                            }
                        }
                        time.Advance(TimeSpan.FromSeconds(5));
                    }
                }
            }
            finally
            {
                if (writer is not null) await writer.DisposeAsync();
            }
        }
        return true;
    }

    static bool TryStart(LogWriter writer)
    {
        try
        {
            writer.Start();
            return true;
        }
        catch (Exception e) when (e is IOException or StoreCrashedException)
        {
            return false;
        }
    }

    void CheckComplete(string at)
    {
        SomeBatch.Sequences(_disk.Root, "app").ShouldBe(App, customMessage: at);
        SomeBatch.Sequences(_disk.Root, "web").ShouldBe(Web, customMessage: at);
    }

    void CheckAcknowledged(string at)
    {
        var there = SomeBatch.Sequences(_disk.Root, "app").Concat(SomeBatch.Sequences(_disk.Root, "web")).ToHashSet();
        foreach (var batch in Script.SelectMany(life => life).SelectMany(group => group))
            if (_acknowledged.Contains(batch.Id.ToString()))
                for (var i = 0; i < batch.RecordCount; i++) there.ShouldContain(batch.Id.FirstSequence + i, at);
    }

    /// <summary>What a reader of the files sees at this instant: whole lines, and at most one begun line at a file's end.</summary>
    void CheckReaders(string at)
    {
        foreach (var (name, text) in SomeBatch.Files(_disk.Root))
            foreach (var line in text.Split('\n')[..^1])
                (line.StartsWith('{') && line.EndsWith('}')).ShouldBeTrue($"{at}: {name} shows '{line}'");
    }

    static DateTimeOffset Day(int day) => new(2026, 11, 21 + day, 12, 0, 0, TimeSpan.Zero);
}
