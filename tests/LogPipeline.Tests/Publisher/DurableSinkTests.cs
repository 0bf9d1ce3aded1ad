using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.Publisher.Queue;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>The sink when what it took is on disk before the call returns.</summary>
public sealed class DurableSinkTests
{
    static SinkRig Rig(StoreDirectory? disk = null, Durability durability = Durability.ProcessSafe)
    {
        var rig = new SinkRig(disk);
        rig.Options.Durability = durability;
        return rig;
    }

    static void Log(TemporalSink sink, int from, int count)
    {
        for (var i = from; i < from + count; i++) sink.Emit(SomeEvent.Of($"m{i}"));
    }

    static string[] Numbered(int from, int count) => [.. Enumerable.Range(from, count).Select(i => $"m{i}")];

    public static TheoryData<bool> Disks => new() { false, true };

    /// <summary>On the in-memory disk every record is a write; on a real one it is mapped memory.</summary>
    static async Task On(bool physical, Func<StoreDirectory, Task> test)
    {
        using var folder = new TempDirectory();
        await test(physical ? new PhysicalDirectory(folder.Path) : new InMemoryDisk().Root);
    }

    [Theory, MemberData(nameof(Disks))]
    public Task EventsGoInBatchesAndNothingStaysOnDisk(bool physical) => On(physical, async root =>
    {
        var rig = Rig(root);
        var sink = rig.Open();
        Log(sink, 1, 1);
        await rig.Temporal.UntilAsync(() => rig.Temporal.Batches.Count == 1);
        Log(sink, 2, 2_000);
        await rig.UntilAsync(sink, stats => stats.Accepted == 2_001);
        rig.Temporal.Messages.ShouldBe(Numbered(1, 2_001));
        rig.Temporal.Batches[1].Header.PreviousId.ShouldBe(rig.Temporal.Batches[0].Id);
        sink.Stats.Spooled.ShouldBe(0);
        sink.Stats.Balances.ShouldBeTrue();
        await rig.CloseAsync(sink);
        root.Directory("0").List().ShouldBe(physical ? ["owner"] : []);
        rig.Temporal.ShouldBeWhole();
    });

    [Fact]
    public async Task WhatWasLoggedSurvivesAKillThatFollowsTheCall()
    {
        var disk = new InMemoryDisk();
        var rig = Rig(disk.Root);
        rig.Temporal.Instead = FakeTemporal.Hang;
        var killed = rig.Open();
        Log(killed, 1, 500);
        disk.Restart(StoreCrash.Killed);

        var next = Rig(disk.Root);
        var sink = next.Open();
        await next.UntilAsync(sink, stats => stats.Accepted == 500);
        next.Temporal.Messages.ShouldBe(Numbered(1, 500));
        sink.Stats.Adopted.ShouldBe(500);
        sink.Stats.Balances.ShouldBeTrue();
        await next.CloseAsync(sink);
    }

    [Fact]
    public async Task ABatchThatWasTriedIsMadeAgainByTheNextProcessWithTheSameNameAndBytes()
    {
        var disk = new InMemoryDisk();
        var temporal = new FakeTemporal();
        temporal.Instead = temporal.LoseAnswer;
        var first = Rig(disk.Root);
        var killed = first.Open(temporal);
        Log(killed, 1, 1);
        await temporal.UntilAsync(() => temporal.Batches.Count == 1);
        Log(killed, 2, 100);
        disk.Restart(StoreCrash.Killed);

        temporal.Instead = null;
        var second = Rig(disk.Root);
        second.Options.Limits.BatchRecordsMax = 7;
        var sink = second.Open(temporal);
        Log(sink, 102, 1);
        await second.UntilAsync(sink, stats => stats.Accepted == 102);
        temporal.Messages.ShouldBe(Numbered(1, 102));
        temporal.ShouldBeWhole();
        temporal.Batches[^1].Header.PreviousId.ShouldBe(temporal.Batches[^2].Id);
        await second.CloseAsync(sink);
    }

    [Theory, MemberData(nameof(Disks))]
    public Task WhileTemporalIsAwayEventsWaitOnDiskAndAreSentInOrderWhenItIsBack(bool physical) => On(physical, async root =>
    {
        var rig = Rig(root);
        rig.Options.Limits.BatchRecordsMax = 300;
        var sink = rig.Open();
        rig.Temporal.Instead = FakeTemporal.Away;
        Log(sink, 1, 5_000);
        await rig.UntilAsync(sink, stats => stats.Breaker == BreakerState.Open);
        sink.Stats.Spooled.ShouldBe(5_000);
        sink.Stats.Queued.ShouldBe(0);
        await sink.FlushAsync().WaitAsync(TimeSpan.FromSeconds(30));
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Accepted == 5_000);
        rig.Temporal.Messages.ShouldBe(Numbered(1, 5_000));
        rig.Temporal.ShouldBeWhole();
        await rig.CloseAsync(sink);
    });

    [Theory, MemberData(nameof(Disks))]
    public Task SixtyFourThreadsLoseNothingAndEachKeepsItsOrder(bool physical) => On(physical, async root =>
    {
        var rig = Rig(root);
        rig.Options.Timeouts.BackPressure = TimeSpan.FromSeconds(30);
        var sink = rig.Open();
        var threads = Enumerable.Range(0, 64).Select(t => new Thread(() =>
        {
            for (var i = 0; i < 500; i++) sink.Emit(SomeEvent.Of("x", ("t", t), ("i", i), ("Padding", new string('x', 300))));
        })).ToList();
        threads.ForEach(thread => thread.Start());
        threads.ForEach(thread => thread.Join());
        await rig.UntilAsync(sink, stats => stats.Accepted == 32_000);
        rig.Temporal.Records.Select(r => r.GetProperty("seq").GetInt64()).ShouldBe(Enumerable.Range(1, 32_000).Select(i => (long)i));
        foreach (var thread in rig.Temporal.Records.GroupBy(r => r.GetProperty("t").GetInt32()))
            thread.Select(r => r.GetProperty("i").GetInt32()).ShouldBe(Enumerable.Range(0, 500));
        await rig.CloseAsync(sink);
    });

    [Fact]
    public async Task AFullSpoolDropsTheNewestCountsThemAndSaysSoInTheStreamWhenThereIsRoom()
    {
        var rig = Rig();
        rig.Options.Limits.SpoolBytesMax = 64 * 1024;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Sampling.ShedPercent = 100;
        var sink = rig.Open();
        await rig.UntilAsync(() => { Log(sink, 1, 1); return sink.Stats.Spooled + sink.Stats.Accepted > 0; });
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        var (before, first) = (sink.Stats, rig.Temporal.Records.Count);
        rig.Temporal.Instead = FakeTemporal.Away;
        Log(sink, 1, 1_000);
        var dropped = (int)sink.Stats.DroppedByReason[DropReason.SpoolFull];
        var kept = 1_000 - dropped;
        kept.ShouldBeInRange(150, 500);
        sink.Stats.Spooled.ShouldBe(kept + sink.Stats.Notices);
        sink.Stats.Balances.ShouldBeTrue();

        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        rig.Temporal.Messages.Skip(first).Where(m => m.StartsWith('m')).ShouldBe(Numbered(1, kept));
        await rig.UntilAsync(() => rig.Temporal.Records.Any(r => r.TryGetProperty("Dropped", out _)));
        var notice = rig.Temporal.Records.Skip(first).Single(r => r.TryGetProperty("Dropped", out _));
        notice.GetProperty("level").GetString().ShouldBe("warning");
        notice.GetProperty("Dropped").GetInt32().ShouldBe(dropped + (int)before.Dropped);
        notice.GetProperty("Reason").GetString().ShouldBe(nameof(DropReason.SpoolFull));
        notice.GetProperty("From").GetDateTimeOffset().ShouldBeLessThanOrEqualTo(notice.GetProperty("To").GetDateTimeOffset());
        await rig.CloseAsync(sink);
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task AFullQueueInMemorySaysSoInTheStreamToo()
    {
        var disk = new InMemoryDisk();
        var rig = Rig(disk.Root, Durability.Memory);
        rig.Options.Limits.QueueCountMax = 100;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Sampling.ShedPercent = 100;
        var sink = rig.Open();
        rig.Temporal.Instead = FakeTemporal.Away;
        // The loop stands at the disk, with the first event in its hands.
        var atTheDisk = new SyncPoint();
        disk.Fault = operation =>
        {
            if (operation.Verb == StoreVerb.Write) atTheDisk.Reach();
            return null;
        };
        Log(sink, 1, 1);
        await atTheDisk.ReachedAsync();
        Log(sink, 2, 300);
        sink.Stats.DroppedByReason.ShouldBe(new Dictionary<DropReason, long> { [DropReason.QueueFull] = 200 });
        disk.Fault = null;
        atTheDisk.Release();
        rig.Temporal.Instead = null;
        await rig.UntilAsync(() => rig.Temporal.Records.Any(r => r.TryGetProperty("Dropped", out _)));
        await rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 });
        rig.Temporal.Records.Where(r => r.TryGetProperty("Dropped", out _)).ShouldHaveSingleItem().GetProperty("Dropped").GetInt64()
            .ShouldBe(200);
        rig.Temporal.Messages.Where(m => m.StartsWith('m')).ShouldBe(Numbered(1, 101));
        await rig.CloseAsync(sink);
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task ADiskThatIsFullDropsAndCountsAndGoesOnWhenThereIsRoomAgain()
    {
        var disk = new InMemoryDisk();
        var rig = Rig(disk.Root);
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        var sink = rig.Open();
        await rig.UntilAsync(() => { Log(sink, 1, 1); return sink.Stats.Accepted > 0; });
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        var dropped = sink.Stats.Dropped;
        disk.Fault = operation => operation.Verb == StoreVerb.Write && operation.Path.EndsWith(".records")
            ? new StoreFault(StoreFaultKind.NoSpace, Done: 50) : null;
        Log(sink, 1, 100);
        // And the notice that told of the first.
        sink.Stats.DroppedByReason[DropReason.DiskFailed].ShouldBe(101);
        disk.Fault = null;
        var accepted = sink.Stats.Accepted;
        Log(sink, 1, 100);
        await rig.UntilAsync(sink, stats => stats.Accepted >= accepted + 101);
        rig.Temporal.Records.Any(r => r.TryGetProperty("Dropped", out _)).ShouldBeTrue();
        rig.Temporal.Messages.Where(m => m.StartsWith('m')).TakeLast(100).ShouldBe(Numbered(1, 100));
        sink.Stats.Balances.ShouldBeTrue();
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.Memory)]
    public async Task ALivingProcessAdoptsWhatADeadOneLeftWhateverItsOwnMode(Durability mode)
    {
        using var folder = new TempDirectory();
        var root = new PhysicalDirectory(folder.Path);
        var rig = Rig(root, mode);
        var survivor = rig.Open();
        var other = Rig(root);
        other.Temporal.Instead = FakeTemporal.Away;
        var gone = other.Open();
        Log(gone, 1, 300);
        await other.CloseAsync(gone);
        gone.Stats.Spooled.ShouldBe(300);

        await rig.UntilAsync(survivor, stats => stats.Accepted == 300, TimeSpan.FromMilliseconds(500));
        survivor.Stats.Adopted.ShouldBe(300);
        rig.Temporal.Messages.ShouldBe(Numbered(1, 300));
        await rig.UntilAsync(() => root.Directory("1").List().All(name => name == "owner"));
        await rig.CloseAsync(survivor);
    }

    [Fact]
    public async Task OfManyProcessesEachDeadOnesSpoolIsAdoptedByOne()
    {
        using var folder = new TempDirectory();
        var root = new PhysicalDirectory(folder.Path);
        var temporal = new FakeTemporal { Instead = FakeTemporal.Away };
        for (var i = 0; i < 5; i++)
        {
            var rig = Rig(root);
            rig.Clock.Advance(TimeSpan.FromSeconds(i));
            var gone = rig.Open(temporal);
            Log(gone, 1, 20);
            await rig.CloseAsync(gone);
        }
        temporal.Instead = null;
        var rigs = Enumerable.Range(0, 4).Select(_ => Rig(root)).ToArray();
        var survivors = rigs.Select(rig => rig.Open(temporal)).ToArray();
        await rigs[0].UntilAsync(() =>
        {
            foreach (var rig in rigs.Skip(1)) rig.Clock.Advance(TimeSpan.FromMilliseconds(50));
            return temporal.Records.Count == 100;
        });
        survivors.Sum(sink => sink.Stats.Adopted).ShouldBe(100);
        for (var i = 0; i < rigs.Length; i++) await rigs[i].CloseAsync(survivors[i]);
        temporal.Records.Count.ShouldBe(100);
        temporal.ShouldBeWhole();
    }

    [Fact]
    public async Task ABatchThatTemporalRefusesForGoodIsSetAsideAndTheRestGoesOn()
    {
        var rig = Rig();
        var sink = rig.Open();
        rig.Temporal.Instead = (batch, _) =>
            Task.FromResult(batch.Header.FirstSequence == 1
                ? new PublishOutcome(OutcomeKind.Refused, "Too large.") : PublishOutcome.Accepted);
        Log(sink, 1, 1);
        await rig.UntilAsync(sink, stats => stats.SetAside == 1);
        rig.Temporal.Instead = null;
        Log(sink, 2, 10);
        await rig.UntilAsync(sink, stats => stats.Accepted == 10);
        rig.Temporal.ShouldBeWhole();
        sink.Stats.Balances.ShouldBeTrue();
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.PowerSafe)]
    public async Task AFlushWaitsForWhatStandsBehindABatchThatIsRefusedForGood(Durability durability)
    {
        var rig = Rig();
        rig.Options.Durability = durability;
        rig.Options.Limits.BatchRecordsMax = 1;
        var first = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var second = new TaskCompletionSource<PublishOutcome>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isSecondTried = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        rig.Temporal.Instead = (batch, _) =>
        {
            if (batch.Header.FirstSequence == 1) return first.Task;
            isSecondTried.TrySetResult();
            return second.Task;
        };
        var sink = rig.Open();
        Log(sink, 1, 2);
        var flushed = sink.FlushAsync();
        first.SetResult(new PublishOutcome(OutcomeKind.Refused, "Too large."));
        await isSecondTried.Task.WaitAsync(TimeSpan.FromSeconds(30));
        flushed.IsCompleted.ShouldBeFalse();
        second.SetResult(PublishOutcome.Accepted);
        await flushed.WaitAsync(TimeSpan.FromSeconds(30));
        (sink.Stats.SetAside, sink.Stats.Accepted, sink.Stats.Spooled).ShouldBe((1, 1, 0));
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.Memory)]
    public async Task ARefusedBatchIsOnTheDiskItselfBeforeTheSpoolForgetsIt(Durability durability)
    {
        var disk = new InMemoryDisk();
        var rig = Rig(disk.Root, durability);
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open();
        Log(sink, 1, 1);
        await rig.UntilAsync(sink, stats => stats is { Spooled: 1, Breaker: BreakerState.Open });
        var changes = new List<string>();
        disk.Fault = operation =>
        {
            changes.Add($"{operation.Verb} {operation.Path[(operation.Path.LastIndexOf('.') is var dot and > 0 ? dot : 0)..]}");
            return null;
        };
        rig.Temporal.Instead = (_, _) =>
        {
            changes.Clear();
            return Task.FromResult(new PublishOutcome(OutcomeKind.Refused, "Too large."));
        };
        await rig.UntilAsync(sink, stats => stats.SetAside == 1);
        await rig.CloseAsync(sink);
        var synced = changes.IndexOf("Sync .json");
        var named = changes.IndexOf("SyncDirectory memory:/refused");
        var forgotten = changes.FindIndex(change => change.EndsWith(".bookmark") || change.EndsWith(".spool"));
        (synced >= 0 && synced < named && named < forgotten).ShouldBeTrue(string.Join(", ", changes));
    }

    [Fact]
    public async Task TheBooksBalanceAtEveryInstantOfARoughDay()
    {
        var rig = Rig();
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Limits.SpoolBytesMax = 100_000;
        rig.Options.Limits.EventBytesMax = 16 * 1024;
        var sink = rig.Open();
        using var stop = new CancellationTokenSource();
        var watching = Task.Run(() =>
        {
            var looks = 0;
            for (; !stop.IsCancellationRequested; looks++, Thread.Yield()) sink.Stats.Balances.ShouldBeTrue();
            return looks;
        });
        var chance = new Random(3);
        for (var hour = 0; hour < 60; hour++)
        {
            rig.Temporal.Instead = chance.Next(4) switch
            {
                0 => FakeTemporal.Away,
                1 => rig.Temporal.LoseAnswer,
                2 => (_, _) => Task.FromResult(new PublishOutcome(OutcomeKind.Busy, "busy")),
                _ => null,
            };
            Log(sink, 1, chance.Next(400));
            rig.Clock.Advance(TimeSpan.FromMilliseconds(chance.Next(2_000)));
            await Task.Yield();
        }
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats is { Queued: 0, Spooled: 0 }, TimeSpan.FromMilliseconds(500));
        await stop.CancelAsync();
        (await watching).ShouldBeGreaterThan(0);
        sink.Stats.Dropped.ShouldBeGreaterThan(0);
        sink.Stats.Accepted.ShouldBe(rig.Temporal.Records.Count);
        rig.Temporal.Records.Select(r => r.GetProperty("seq").GetInt64())
            .ShouldBe(Enumerable.Range(1, rig.Temporal.Records.Count).Select(i => (long)i));
        rig.Temporal.ShouldBeWhole();
        await rig.CloseAsync(sink);
    }

    [Fact]
    public async Task SpooledEventsDrainInOrderWithNothingLostOrDoubled()
    {
        var events = LongRuns.Choose(usual: 30_000, @long: 600_000);
        using var folder = new TempDirectory();
        var counting = new CountingTemporal();
        var rig = Rig(new PhysicalDirectory(folder.Path));
        rig.Options.Timeouts.BackPressure = TimeSpan.FromSeconds(30);
        var sink = rig.Open(counting);
        Log(sink, 1, events);
        sink.Stats.Spooled.ShouldBe(events);
        counting.IsBack = true;
        await rig.UntilAsync(sink, stats => stats.Accepted == events, TimeSpan.FromMilliseconds(200));
        await rig.CloseAsync(sink);
        (counting.Next - 1).ShouldBe(events);
        counting.Wrong.ShouldBeEmpty();
        new PhysicalDirectory(folder.Path).Directory("0").List().ShouldBe(["owner"]);
    }

    /// <summary>Looks at every record and keeps none.</summary>
    sealed class CountingTemporal : IBatchStarter
    {
        public volatile bool IsBack;
        public long Next { get; private set; } = 1;
        public List<string> Wrong { get; } = [];

        public Task<PublishOutcome> StartAsync(LogPipeline.Publisher.Queue.FrozenBatch batch, CancellationToken cancellationToken)
        {
            if (!IsBack) return FakeTemporal.Away(batch, cancellationToken);
            foreach (var record in LogBatchRecords.Decode(batch.Records))
                if (record.Span.IndexOf(System.Text.Encoding.UTF8.GetBytes($"\"@mt\":\"m{Next}\"")) < 0 && Wrong.Count < 10)
                    Wrong.Add($"{batch.Id} instead of {Next}");
                else Next++;
            return Task.FromResult(PublishOutcome.Accepted);
        }
    }
}
