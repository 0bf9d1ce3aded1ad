using Grpc.Core;
using LogPipeline.DurableFiles;
using Microsoft.Extensions.Logging.Abstractions;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>What a start makes of what lies on the disk.</summary>
public sealed class JournalTests
{
    readonly InMemoryDisk _disk = new();

    [Fact]
    public void AStartGivesTheStateThatWasThereWhateverTheInputsWere()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            var disk = new InMemoryDisk();
            var options = seed % 3 == 0 ? new JournalOptions() : new JournalOptions { SnapshotInputs = 40 };
            var life = new RandomLife(seed);
            DateTime now;
            string before;
            using (var rig = NewServer(disk, options: options))
            {
                life.Live(rig, 150);
                before = TextOf(rig, disk);
                now = rig.Now;
                rig.Kill();
            }
            for (var start = 0; start < 2; start++)
            {
                using var again = new JournalRig(disk.Root, now, options);
                TextOf(again, disk).ShouldBe(before, $"seed {seed}, start {start}");
                again.Logged.ShouldBeEmpty();
                again.Step(new RestartInput());
                // What follows is decided by that state, too.
                life.Live(again, 60);
                before = TextOf(again, disk);
                now = again.Now;
                again.Close(withSnapshot: start == 0);
            }
            using var last = new JournalRig(disk.Root, now, options);
            TextOf(last, disk).ShouldBe(before, $"seed {seed}");
        }
    }

    [Fact]
    public void AJournalCutAnywhereKeepsWhatStandsBeforeTheCutAndLogsWhatItSetAside()
    {
        using (var rig = NewServer(_disk))
        {
            for (var i = 0; i < 4; i++)
            {
                rig.RunOne($"run-{i}");
                rig.Start($"open-{i}");
            }
        }
        var bytes = Content(_disk, "journal-00000001");
        var snapshot = Content(_disk, "snapshot-00000001");
        for (var cut = 0; cut <= bytes.Length; cut++)
        {
            var disk = Disk(("snapshot-00000001", snapshot), ("journal-00000001", bytes[..cut]));
            using var rig = new JournalRig(disk.Root);
            var (inputs, end) = Whole(disk, bytes[..cut], snapshot);
            rig.Logged.Count.ShouldBe(end == cut ? 0 : 1, $"cut at {cut}");
            if (end != cut) rig.Logged[0].ShouldContain($"{cut - end} bytes");
            TextOf(rig, disk).ShouldBe(inputs, $"cut at {cut}");
        }
    }

    [Fact]
    public void AFlippedBitIsLoggedAndWhatStandsBeforeItIsKept()
    {
        using (var rig = NewServer(_disk))
            for (var i = 0; i < 3; i++) rig.RunOne($"run-{i}");
        var bytes = Content(_disk, "journal-00000001");
        var snapshot = Content(_disk, "snapshot-00000001");
        for (var at = (int)RecordLog.Start; at < bytes.Length; at += 7)
        {
            var damaged = bytes.ToArray();
            damaged[at] ^= (byte)(1 << at % 8);
            var disk = Disk(("snapshot-00000001", snapshot), ("journal-00000001", damaged));
            using var rig = new JournalRig(disk.Root);
            rig.Logged.Count.ShouldBe(1, $"bit at {at}");
            rig.Logged[0].ShouldContain("bytes");
            var (state, _) = Whole(disk, Prefix(bytes, at), snapshot);
            TextOf(rig, disk).ShouldBe(state, $"bit at {at}");
        }
    }

    [Fact]
    public void APowerCutTearsOffAtMostWhatNobodyWasAnswered()
    {
        for (var seed = 1; seed <= 30; seed++)
        {
            var disk = new InMemoryDisk();
            var rig = NewServer(disk, options: new JournalOptions { SnapshotInputs = 30 });
            new RandomLife(seed).Live(rig, 100);
            rig.Start("answered");
            // Every other cut leaves nothing that was not synced, so that luck cannot stand for a sync.
            disk.Restart(StoreCrash.PowerCut, seed % 2 == 0 ? new Random(seed) : null);
            // Its directory is gone from under it.
            rig.Dispose();
            using var again = new JournalRig(disk.Root, rig.Now);
            again.History("answered").ShouldNotBeEmpty();
        }
    }

    [Fact]
    public async Task AFailedSyncEndsTheServerWithoutAnAnswer()
    {
        using var rig = NewServer(_disk);
        _disk.Fault = operation => operation.Verb == StoreVerb.Sync ? new StoreFault(StoreFaultKind.InputOutput) : null;
        rig.Close(withSnapshot: true);
        (await rig.Failure.WaitAsync(TimeSpan.FromSeconds(10))).ShouldBeOfType<IOException>();
        // The snapshot that is made at the close may fail on the same disk, and says so too.
        rig.Logged.ShouldContain(text => text.Contains("could not be written", StringComparison.Ordinal));
    }

    [Fact]
    public void ATornEndThatAnotherFileGoesOnFromIsLeftWithAllThatIsBehindIt()
    {
        using (var rig = NewServer(_disk)) rig.RunOne("before");
        using (var rig = new JournalRig(_disk.Root)) rig.RunOne("behind");
        var torn = Content(_disk, "journal-00000001")[..^5];
        var behind = Content(_disk, "journal-00000002");
        var snapshot = Content(_disk, "snapshot-00000001");
        var disk = Disk(("snapshot-00000001", snapshot), ("journal-00000001", torn), ("journal-00000002", behind));

        using var again = new JournalRig(disk.Root);

        var names = disk.Root.List().Where(name => name.StartsWith("left-", StringComparison.Ordinal));
        var left = names.Select(name => Content(disk, name)).ToArray();
        left.Length.ShouldBe(2);
        left[0].ShouldBe(torn[^left[0].Length..]);
        left[1].ShouldBe(behind);
    }

    [Fact]
    public void ADamagedSnapshotSendsTheStartBackToTheOneBefore()
    {
        string before;
        using (var rig = NewServer(_disk))
        {
            for (var i = 0; i < 5; i++) rig.RunOne($"run-{i}");
            before = TextOf(rig, _disk);
            rig.Close(withSnapshot: true);
        }
        var newest = _disk.Root.List().Last(name => name.StartsWith("snapshot-", StringComparison.Ordinal));
        Flip(_disk, newest, 200);
        using var again = new JournalRig(_disk.Root);
        again.Logged.ShouldContain(line => line.Contains(newest) && line.Contains("older snapshot"));
        TextOf(again, _disk).ShouldBe(before);
    }

    [Fact]
    public void HistoriesOfClosedRunsAreReadFromDiskAndDamageToThemIsRefused()
    {
        using (var rig = NewServer(_disk))
        {
            rig.RunOne("some", inputBytes: 50_000);
            rig.Close(withSnapshot: true);
        }
        using var again = new JournalRig(_disk.Root);
        again.Engine.Runs.ShouldHaveSingleItem().History.ShouldBeEmpty();
        again.History("some")[0].WorkflowExecutionStartedEventAttributes.Input.Payloads_[0].Data.Length.ShouldBe(50_000);
        Flip(_disk, _disk.Root.List().Single(name => name.StartsWith("history-", StringComparison.Ordinal)), 1000);
        Should.Throw<ServiceError>(() => again.History("some")).Code.ShouldBe(StatusCode.DataLoss);
        again.Logged.ShouldHaveSingleItem().ShouldContain("history-");
    }

    [Fact]
    public void WhatIsPastItsRetentionLeavesTheDisk()
    {
        var options = new JournalOptions { SnapshotInputs = 1_000_000 };
        var rig = NewServer(_disk, options: options);
        rig.RunOne("some", inputBytes: 50_000);
        for (var start = 0; start < 5; start++)
        {
            rig.Close(withSnapshot: true);
            rig = new JournalRig(_disk.Root, rig.Now + TimeSpan.FromDays(2), options);
            rig.Step(new TickInput());
            rig.RunOne($"other-{start}");
        }
        rig.Close(withSnapshot: true);
        rig.Engine.RunCount.ShouldBe(1);
        _disk.Root.List().Where(name => name.StartsWith("snapshot-", StringComparison.Ordinal)).Count().ShouldBe(2);
        _disk.Root.List().Sum(name => Content(_disk, name).Length).ShouldBeLessThan(50_000);
    }

    [Fact]
    public void ASecondServerOnTheSameDirectoryIsRefusedWithTheOwnersName()
    {
        using var rig = NewServer(_disk);
        Should.Throw<DirectoryOwnedException>(() => new JournalRig(_disk.Root)).Message.ShouldContain("the test");
    }

    static JournalRig NewServer(InMemoryDisk disk, JournalOptions? options = null)
    {
        var rig = new JournalRig(disk.Root, options: options);
        rig.Step(new EnsureNamespaceInput("default"));
        return rig;
    }

    static string TextOf(JournalRig rig, InMemoryDisk disk) =>
        JournalRig.TextOf(rig.Engine, new HistoryArchive(disk.Root, new JournalLog(NullLogger.Instance)));

    /// <summary>The state after the whole records of a journal, found by other means, and where they end.</summary>
    static (string State, int End) Whole(InMemoryDisk disk, byte[] journal, byte[] snapshot)
    {
        var other = Disk(("snapshot-00000001", snapshot), ("journal-00000001", journal));
        var archive = new HistoryArchive(other.Root, new JournalLog(NullLogger.Instance));
        var (engine, _) = SnapshotFile.Read(other.Root, 1, archive);
        long end = 0;
        if (journal.Length >= RecordLog.Start)
        {
            using var reader = new RecordLogReader(other.Root, "journal-00000001", JournalFiles.SegmentOptions);
            end = RecordLog.Start;
            foreach (var record in reader.Read())
            {
                var read = JournalRecord.Parse(record.Payload.Span);
                engine.Step(read.Input, read.Time);
                end = record.Next;
            }
        }
        return (JournalRig.TextOf(engine, archive), (int)end);
    }

    static byte[] Prefix(byte[] journal, int damagedAt)
    {
        var disk = Disk(("journal", journal));
        using var reader = new RecordLogReader(disk.Root, "journal", JournalFiles.SegmentOptions);
        return journal[..(int)reader.Read().First(record => record.Next > damagedAt).Position];
    }

    static InMemoryDisk Disk(params (string Name, byte[] Content)[] files)
    {
        var disk = new InMemoryDisk();
        foreach (var (name, content) in files)
        {
            using var file = disk.Root.Open(name, StoreOpen.New);
            file.Write(content, 0);
        }
        return disk;
    }

    static byte[] Content(InMemoryDisk disk, string name)
    {
        using var file = disk.Root.Open(name, StoreOpen.Read);
        var bytes = new byte[file.Length];
        file.Read(bytes, 0);
        return bytes;
    }

    static void Flip(InMemoryDisk disk, string name, int at)
    {
        using var file = disk.Root.Open(name, StoreOpen.Existing);
        var one = new byte[1];
        file.Read(one, at);
        one[0] ^= 4;
        file.Write(one, at);
    }
}
