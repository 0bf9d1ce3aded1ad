using LogPipeline.DurableFiles;
using TemporalDevServer.Engine;
using TemporalDevServer.Journal;

namespace TemporalDevServer.Tests.Journal;

/// <summary>The journal's end: what is written last, cut off, or put aside.</summary>
public sealed class JournalEndTests
{
    [Fact]
    public void WhatNobodyWaitedForIsSyncedWhenTheJournalIsClosed()
    {
        var disk = new InMemoryDisk();
        using var written = new ManualResetEventSlim();
        var rig = new JournalRig(disk.Root) { Waits = false };
        disk.Fault = change =>
        {
            if (change.Verb == StoreVerb.Write) written.Set();
            return null;
        };
        rig.Step(new EnsureNamespaceInput("some"));
        written.Wait(TimeSpan.FromSeconds(30)).ShouldBeTrue();
        rig.Close(withSnapshot: false);
        disk.Restart(StoreCrash.PowerCut);

        using var again = new JournalRig(disk.Root);
        again.Engine.State.Namespaces.ShouldContain(ns => ns.Name == "some");
    }

    [Fact]
    public async Task AFileIsOnTheDiskItselfBeforeWhatIsInTheNextOneIsAnswered()
    {
        var disk = new InMemoryDisk();
        var writer = new JournalWriter(disk.Root, 1, _ => { });
        var answered = new TaskCompletionSource<Reply>(TaskCreationOptions.RunContinuationsAsynchronously);
        writer.Start();
        // Nobody waits for the first input.
        writer.Add([new JournalWriter.Entry(new JournalRecord(1, default, 0, new TickInput()), default)], []);
        writer.Add([new JournalWriter.Entry(default, default, NextSegment: 2)], []);
        writer.Add(
            [new JournalWriter.Entry(new JournalRecord(2, default, 0, new TickInput()), default)],
            [new ReadyReply(answered, new Reply(1, null, null))]);
        await answered.Task.WaitAsync(TimeSpan.FromSeconds(30));

        disk.IsSynced("journal-00000001").ShouldBeTrue();
        writer.Close();
        InputsIn(disk, "journal-00000001").ShouldBe([1L]);
        InputsIn(disk, "journal-00000002").ShouldBe([2L]);
    }

    static List<long> InputsIn(InMemoryDisk disk, string file)
    {
        using var reader = new RecordLogReader(disk.Root, file, JournalFiles.SegmentOptions);
        return [.. reader.Read().Select(record => JournalRecord.Parse(record.Payload.Span).Number)];
    }

    [Fact]
    public void WhatAStartPutsAsideOutlivesAPowerCut()
    {
        var disk = new InMemoryDisk();
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            for (var i = 0; i < 3; i++) rig.RunOne($"run-{i}");
        }
        var whole = JournalRig.ContentOf(disk, "journal-00000001");
        using (var file = disk.Root.Open("journal-00000001", StoreOpen.Existing))
        {
            file.Write([(byte)~whole[300]], 300);
            file.Sync();
        }
        using (var rig = new JournalRig(disk.Root)) rig.Logged.ShouldHaveSingleItem()
            .ShouldContain("were left in left-");
        disk.Restart(StoreCrash.PowerCut);

        var left = disk.Root.List().Single(name => name.StartsWith("left-", StringComparison.Ordinal));
        var kept = JournalRig.ContentOf(disk, left);
        kept.ShouldNotBeEmpty();
        kept[^100..].ShouldBe(whole[^100..]);
    }

    [Fact]
    public void AnEndThatWasCutStaysCutSoThatWhatIsAnsweredBehindItStays()
    {
        var disk = new InMemoryDisk();
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Step(new EnsureNamespaceInput("default"));
            rig.RunOne("before");
        }
        // The next write got no further than this.
        using (var file = disk.Root.Open("journal-00000001", StoreOpen.Existing))
        {
            file.Write(new byte[] { 40, 0, 0, 0, 7 }, file.Length);
            file.Sync();
        }
        using (var rig = new JournalRig(disk.Root))
        {
            rig.Logged.ShouldHaveSingleItem().ShouldContain("cut short");
            rig.RunOne("answered");
            disk.Restart(StoreCrash.PowerCut);
        }
        using var again = new JournalRig(disk.Root);
        again.Logged.ShouldBeEmpty();
        again.History("answered").Count.ShouldBe(5);
    }
}
