using Grpc.Core;
using LogPipeline.DurableFiles;
using Microsoft.Extensions.Logging.Abstractions;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>The disk ends in the middle of the journal's work, at each change that it is asked for in turn.</summary>
public sealed class JournalCutTests
{
    static readonly JournalOptions Options = new() { SnapshotInputs = 9 };

    /// <param name="crash">How it ends.</param>
    /// <param name="lucky">Some of what was not synced is there all the same, torn anywhere.</param>
    [Theory]
    [InlineData(StoreCrash.PowerCut, false)]
    [InlineData(StoreCrash.PowerCut, true)]
    [InlineData(StoreCrash.Killed, false)]
    public void WhicheverChangeOfTheDiskIsTheLastWhatWasAnsweredIsThere(StoreCrash crash, bool lucky)
    {
        var whole = new InMemoryDisk();
        Live(whole).Count.ShouldBe(6);
        var changes = whole.Operations;
        for (var last = 1; last <= changes; last++)
        {
            var disk = new InMemoryDisk
            {
                Fault = change =>
                {
                    var kept = lucky ? change.Bytes / 2 : 0;
                    return change.Number == last ? new StoreFault(StoreFaultKind.Crash, kept) : null;
                },
            };
            var answered = Live(disk);
            disk.Restart(crash, lucky ? new Random(last) : null);

            using var again = new JournalRig(disk.Root, options: Options);
            foreach (var id in answered) again.History(id).Count.ShouldBe(5, $"{id}, change {last}");
            // Nothing that was answered stands behind damage: at most the end of a write is torn off.
            if (!lucky) again.Logged.ShouldAllBe(line => line.Contains("cut short"), $"change {last}");
            again.Step(new EnsureNamespaceInput("default"));
            again.Start("afterwards");
            again.Close();
            using var later = new JournalRig(disk.Root, options: Options);
            foreach (var id in answered) later.History(id).Count.ShouldBe(5, $"{id}, change {last}, the start after");
            later.History("afterwards").Count.ShouldBe(2, $"change {last}");
        }
        changes.ShouldBeGreaterThan(50);
    }

    [Fact]
    public void TheLastSnapshotButOneCanBeBegunFromAfterAnyNumberOfSnapshots()
    {
        var disk = new InMemoryDisk();
        var ids = new List<string>();
        for (var start = 0; start < 6; start++)
        {
            using (var rig = new JournalRig(disk.Root))
            {
                rig.Step(new EnsureNamespaceInput("default"));
                for (var i = 0; i < 3; i++)
                {
                    ids.Add($"run-{start}-{i}");
                    rig.RunOne(ids[^1]);
                }
                rig.Close();
            }
            var newest = disk.Root.List().Last(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
            using (var file = disk.Root.Open(newest, StoreOpen.Existing)) file.SetLength(file.Length - 1);
            using var again = new JournalRig(disk.Root);
            again.Logged.ShouldContain(line => line.Contains("older snapshot"));
            foreach (var id in ids) again.History(id).Count.ShouldBe(5, $"{id}, start {start}");
            again.Close();
        }
    }

    [Theory]
    [InlineData(20, long.MaxValue)]
    [InlineData(long.MaxValue, 2000)]
    public void ASnapshotIsMadeEachTimeThatSoMuchHasGatheredAndNotBefore(long inputs, long bytes)
    {
        var disk = new InMemoryDisk();
        var made = 0;
        disk.Fault = change =>
        {
            if (change.Verb == StoreVerb.Replace) Interlocked.Increment(ref made);
            return null;
        };
        using var rig = new JournalRig(disk.Root, options: new JournalOptions
        {
            SnapshotInputs = inputs,
            SnapshotBytes = bytes,
        });
        Volatile.Read(ref made).ShouldBe(1, "the first");
        // A tick's record has 32 bytes.
        var least = (int)Math.Min(inputs, bytes / 32);
        var steps = 0;
        for (var round = 2; round <= 4; round++)
        {
            for (var end = DateTime.UtcNow.AddSeconds(30); Volatile.Read(ref made) < round && DateTime.UtcNow < end; steps++)
                rig.Step(new TickInput());
            Volatile.Read(ref made).ShouldBe(round);
            steps.ShouldBeGreaterThanOrEqualTo(least * (round - 1));
        }
    }

    [Fact]
    public void ASnapshotThatEndsAnywhereSendsTheStartBackAndAHistoryThatEndsAnywhereIsRefused()
    {
        var disk = new InMemoryDisk();
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            for (var i = 0; i < 3; i++) rig.RunOne($"run-{i}");
            rig.Close();
        }
        var files = disk.Root.List().ToDictionary(name => name, name => JournalRig.ContentOf(disk, name));
        foreach (var kind in (string[])["snapshot-", "history-"])
        {
            var name = files.Keys.Last(name => name.StartsWith(kind, StringComparison.Ordinal));
            for (var cut = 0; cut < files[name].Length; cut++)
            {
                var torn = new InMemoryDisk();
                foreach (var (file, content) in files) Write(torn, file, file == name ? content[..cut] : content);
                using var again = new JournalRig(torn.Root);
                if (kind == "snapshot-")
                    again.Logged.ShouldContain(line => line.Contains("older snapshot"), $"{name} of {cut} bytes");
                var (whole, refused) = (0, 0);
                for (var i = 0; i < 3; i++)
                {
                    try
                    {
                        again.History($"run-{i}").Count.ShouldBe(5, $"{name} of {cut} bytes");
                        whole++;
                    }
                    catch (ServiceError e) when (e.Code == StatusCode.DataLoss)
                    {
                        refused++;
                    }
                }
                if (kind == "snapshot-") whole.ShouldBe(3, $"{name} of {cut} bytes");
                else refused.ShouldBeGreaterThan(0, $"{name} of {cut} bytes");
            }
        }
    }

    [Fact]
    public void FromTheSecondSnapshotOnTwoAreThereWhateverIsBeingDone()
    {
        var disk = new InMemoryDisk();
        var fewest = int.MaxValue;
        var most = 0;
        disk.Fault = _ =>
        {
            var there = JournalFiles.Numbers(disk.Root, JournalFiles.Snapshot).Length;
            most = Math.Max(most, there);
            if (most > 2) fewest = Math.Min(fewest, there);
            return null;
        };
        for (var start = 0; start < 5; start++)
        {
            using var rig = new JournalRig(disk.Root);
            rig.Step(new EnsureNamespaceInput("default"));
            rig.RunOne($"run-{start}");
            rig.Close();
        }
        // The new one is there before one of the two before it goes.
        (fewest, most).ShouldBe((2, 3));
    }

    [Fact]
    public void TheLastSnapshotButOneKeepsHistoriesThatOnlyItNames()
    {
        var disk = new InMemoryDisk();
        var archive = new HistoryArchive(disk.Root, new JournalLog(NullLogger.Instance));
        DateTime now;
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            rig.Start("long");
            for (var i = 0; i < 100; i++) rig.Signal("long");
            now = rig.Now;
            rig.Close();
        }
        string before;
        using (var rig = new JournalRig(disk.Root, now))
        {
            // Its next run begins with what the first event says; then both end and, days later, are forgotten.
            rig.Complete(rig.Poll()!, JournalRig.Commands.ContinueAsNew());
            rig.Complete(rig.Poll()!, JournalRig.Commands.Complete());
            rig.Pass(TimeSpan.FromDays(2));
            rig.RunOne("other");
            rig.Engine.RunCount.ShouldBe(1);
            before = JournalRig.TextOf(rig.Engine, archive);
            now = rig.Now;
            rig.Close();
        }
        var newest = disk.Root.List().Last(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        using (var file = disk.Root.Open(newest, StoreOpen.Existing)) file.SetLength(file.Length - 1);

        using var again = new JournalRig(disk.Root, now);

        again.Logged.ShouldContain(line => line.Contains("older snapshot"));
        JournalRig.TextOf(again.Engine, archive).ShouldBe(before);
    }

    [Fact]
    public void AHistoryOfASnapshotThatWasNeverMadeLeavesWithTheNextStart()
    {
        var disk = new InMemoryDisk();
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            rig.RunOne("some");
            rig.Close();
        }
        Write(disk, "history-00000009", [1, 2, 3]);

        using var again = new JournalRig(disk.Root);

        disk.Root.List().ShouldNotContain("history-00000009");
        again.History("some").Count.ShouldBe(5);
    }

    static List<string> Live(InMemoryDisk disk)
    {
        List<string> answered = [];
        try
        {
            using var rig = new JournalRig(disk.Root, options: Options);
            rig.Step(new EnsureNamespaceInput("default"));
            for (var i = 0; i < 6 && !rig.HasRefused; i++)
            {
                rig.RunOne($"run-{i}", inputBytes: i % 2 == 0 ? 10 : 3000);
                if (!rig.HasRefused) answered.Add($"run-{i}");
            }
            rig.Close();
        }
        catch (StoreCrashedException)
        {
            // At its start.
        }
        return answered;
    }

    static void Write(InMemoryDisk disk, string name, byte[] content)
    {
        using var file = disk.Root.Open(name, StoreOpen.New);
        file.Write(content, 0);
    }
}
