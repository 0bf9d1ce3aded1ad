using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Publishing;
using LogPipeline.TestSupport;
using LogPipeline.Workflows;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// What is counted and bounded, the second time: batches that are tried again, and room that is filled, emptied and filled.
/// </summary>
public sealed class AgainAndAgainTests
{
    static SinkRig Rig(Durability durability, StoreDirectory? disk = null)
    {
        var rig = new SinkRig(disk);
        rig.Options.Durability = durability;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Sampling.ShedPercent = 100;
        return rig;
    }

    static void Log(TemporalSink sink, int count)
    {
        for (var i = 0; i < count; i++) sink.Emit(SomeEvent.Of("{Text}", ("Text", new string('x', 500))));
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.Memory)]
    public async Task ABatchThatIsTriedAgainTakesItsRoomUntilItIsAccepted(Durability durability)
    {
        var rig = Rig(durability);
        rig.Options.Limits.BatchRecordsMax = 10;
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open();
        Log(sink, 100);
        await rig.UntilAsync(sink, stats => stats is { Queued: 0, Breaker: BreakerState.Open, SpooledBytes: > 50_000 });
        var taken = sink.Stats.SpooledBytes;
        var tried = rig.Temporal.Attempts;
        await rig.UntilAsync(() => rig.Temporal.Attempts > tried + 20, TimeSpan.FromMilliseconds(500));
        sink.Stats.SpooledBytes.ShouldBe(taken);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats is { Spooled: 0, SpooledBytes: 0 });
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.Memory)]
    public async Task ASpoolHoldsNoMoreTheThirdTimeThanTheFirst(Durability durability)
    {
        const int bytesMax = 128 * 1024;
        var rig = Rig(durability);
        rig.Options.Limits.SpoolBytesMax = bytesMax;
        rig.Options.Limits.QueueCountMax = 1_000;
        rig.Options.Limits.BatchRecordsMax = 10;
        var sink = rig.Open();
        for (var round = 1; round <= 3; round++)
        {
            rig.Temporal.Instead = FakeTemporal.Away;
            var tried = rig.Temporal.Attempts;
            for (var i = 0; i < 40; i++)
            {
                Log(sink, 10);
                await rig.UntilAsync(sink, stats =>
                    stats.Queued == 0 || stats.SpooledBytes > bytesMax - 20_000, TimeSpan.FromMilliseconds(500));
            }
            await rig.UntilAsync(() => rig.Temporal.Attempts > tried + 10, TimeSpan.FromMilliseconds(500));
            // Each has 500 bytes and more; the sink's own events, and in memory the queue, come on top.
            (sink.Stats.Spooled * 500).ShouldBeLessThan(bytesMax + 10_000, $"round {round}");
            sink.Stats.SpooledBytes.ShouldBeInRange(bytesMax / 2, bytesMax + 10_000, $"round {round}");
            rig.Temporal.Instead = null;
            await rig.UntilAsync(sink, stats => stats is { Spooled: 0, Queued: 0, SpooledBytes: 0 }, TimeSpan.FromMilliseconds(500));
            sink.Stats.Balances.ShouldBeTrue();
        }
        sink.Stats.Accepted.ShouldBe(rig.Temporal.Records.Count);
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.Memory)]
    public async Task WhatIsRemarkableAboutAnEventIsCountedOnceHoweverOftenItsBatchIsTried(Durability durability)
    {
        var rig = Rig(durability);
        // What is remarkable shows when the record is made of the event: the message has a secret that no value has, and as JSON the
        // text takes six times its bytes. Three records do not fit in one batch.
        rig.Options.Limits.EventBytesMax = 32 * 1024;
        rig.Options.Limits.BatchBytesMax = 40_000;
        rig.Options.Redaction.Pattern = "ab-cd";
        var tried = new Dictionary<BatchId, int>();
        rig.Temporal.Instead = (batch, token) =>
        {
            tried[batch.Id] = tried.GetValueOrDefault(batch.Id) + 1;
            return tried[batch.Id] % 4 == 0 ? Task.FromResult(PublishOutcome.Accepted) : FakeTemporal.Away(batch, token);
        };
        var sink = rig.Open();
        for (var i = 0; i < 10; i++)
            sink.Emit(SomeEvent.Of("{A:l}-{B:l} {Text}", ("A", "ab"), ("B", "cd"), ("Text", new string('\u0001', 2_650))));
        await rig.UntilAsync(sink, stats => stats.Accepted == 10, TimeSpan.FromMilliseconds(500));
        tried.Count.ShouldBeGreaterThan(1);
        sink.Stats.Redacted.ShouldBe(10);
        sink.Stats.Truncated.ShouldBe(10);
        await rig.CloseAsync(sink);
    }

    [Fact]
    public async Task WhatTheProcessThatLoggedItHasCountedIsNotCountedByTheOneThatSendsIt()
    {
        var disk = new InMemoryDisk();
        var gone = Rig(Durability.ProcessSafe, disk.Root);
        gone.Options.Redaction.Pattern = "ab-cd";
        var logged = gone.Open();
        // The first of a template is rendered when it is logged, the second when it is sent.
        logged.Emit(SomeEvent.Of("{A:l}-{B:l}", ("A", "ab"), ("B", "cd")));
        await gone.UntilAsync(logged, stats => stats.Accepted == 1);
        gone.Temporal.Instead = FakeTemporal.Away;
        logged.Emit(SomeEvent.Of("{A:l}-{B:l}", ("A", "ab"), ("B", "cd")));
        await gone.UntilAsync(() => gone.Temporal.Attempts > 1);
        logged.Stats.Redacted.ShouldBe(2);
        disk.Restart(StoreCrash.Killed);

        var next = Rig(Durability.ProcessSafe, disk.Root);
        next.Options.Redaction.Pattern = "ab-cd";
        var sink = next.Open();
        await next.UntilAsync(sink, stats => stats.Accepted == 1);
        next.Temporal.Messages.ShouldBe(["[redacted]"]);
        sink.Stats.Redacted.ShouldBe(0);
        await next.CloseAsync(sink);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(10)]
    public async Task ARecordOfAnEarlierProcessThatIsDamagedLaterIsLostAloneAndWaitsNoLonger(int record)
    {
        var disk = new InMemoryDisk();
        var (bytes, frames) = JournalRig.Segment(8 * 1024);
        var directory = disk.Root.Directory("1");
        using (var file = directory.Open(JournalRig.Name.Segment(1), StoreOpen.New)) file.Write(bytes, 0);
        var rig = Rig(Durability.ProcessSafe, disk.Root);
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open();
        // The first batch is one record, as nobody knows how the earlier process had cut it.
        await rig.UntilAsync(() => rig.Temporal.Attempts > 2);
        disk.Damage($"{directory.Path}/{JournalRig.Name.Segment(1)}", (int)frames[record].End - 10);
        sink.Stats.Spooled.ShouldBe(frames.Count);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        sink.Stats.Accepted.ShouldBe(frames.Count - 1);
        sink.Stats.DroppedByReason.ShouldBe(new Dictionary<DropReason, long> { [DropReason.Damaged] = 1 });
        sink.Stats.Balances.ShouldBeTrue();
        // No batch names the lost one as its predecessor.
        rig.Temporal.ShouldBeWhole();
        await rig.CloseAsync(sink);
    }

    [Theory]
    [InlineData(Durability.Memory, "000002")]
    [InlineData(Durability.ProcessSafe, "000001")]
    public async Task ARecordOnDiskThatIsDamagedIsLostAloneAndWaitsNoLonger(Durability durability, string file)
    {
        var disk = new InMemoryDisk();
        var rig = Rig(durability, disk.Root);
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open();
        Log(sink, 1);
        await rig.UntilAsync(() => sink.Stats.Spooled == 1 && rig.Temporal.Attempts > 0);
        Log(sink, 99);
        await rig.UntilAsync(sink, stats => stats.Spooled == 100);
        // In the first record.
        disk.Damage($"{disk.Root.Path}/0/orders~{sink.Instance}~{file}.records", 100);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats is { Spooled: 0, SpooledBytes: 0 });
        sink.Stats.Accepted.ShouldBe(99);
        sink.Stats.DroppedByReason.ShouldBe(new Dictionary<DropReason, long> { [DropReason.Damaged] = 1 });
        rig.Temporal.ShouldBeWhole();
        await rig.CloseAsync(sink);
    }
}
