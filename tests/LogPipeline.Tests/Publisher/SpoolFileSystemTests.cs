using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Publisher;

/// <summary>The spool on file systems that containers and hosts really have.</summary>
public sealed class SpoolFileSystemTests
{
    const int Events = 2_000;

    [SkippableTheory]
    [InlineData(Durability.Memory)]
    [InlineData(Durability.ProcessSafe)]
    [InlineData(Durability.PowerSafe)]
    public async Task OnAnOverlayEveryEventIsThereForTheNextProcess(Durability durability)
    {
        using var disk = MountedDisk.OfBytes(64 << 20);
        var spool = Directory.CreateDirectory(Path.Combine(disk.MountOverlay(), "spool")).FullName;
        var away = Rig(spool, durability);
        away.Temporal.Instead = FakeTemporal.Away;
        var first = away.Open();
        for (var i = 0; i < Events; i++) first.Emit(SomeEvent.Of("{Number}", ("Number", i)));
        await away.CloseAsync(first);
        first.Stats.Spooled.ShouldBe(Events);

        var back = Rig(spool, durability);
        back.Clock.Advance(TimeSpan.FromHours(1));
        var next = back.Open();
        await back.UntilAsync(next, stats => stats.Accepted == Events);
        await back.CloseAsync(next);
        back.Temporal.Messages.ShouldBe(Enumerable.Range(0, Events).Select(i => $"{i}"));
    }

    [SkippableFact]
    public async Task OnAFullDiskWhatHasNoRoomIsCountedAndWhatComesWhenThereIsRoomAgainIsSent()
    {
        using var disk = MountedDisk.OfBytes(24 << 20);
        var rig = Rig(disk.File("spool"), Durability.ProcessSafe);
        rig.Temporal.Instead = FakeTemporal.Away;
        var sink = rig.Open();
        sink.Emit(SomeEvent.Of("before"));
        disk.Fill();
        var padding = new string('x', 4_000);
        for (var i = 0; i < 10_000; i++) sink.Emit(SomeEvent.Of("{Number} {Padding}", ("Number", i), ("Padding", padding)));
        sink.Stats.Dropped.ShouldBeGreaterThan(0);
        sink.Stats.DroppedByReason.Keys.ShouldBe([DropReason.DiskFailed]);
        sink.Stats.Balances.ShouldBeTrue();

        disk.Free();
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Spooled == 0);
        sink.Emit(SomeEvent.Of("after"));
        await rig.CloseAsync(sink);
        rig.Temporal.Messages[0].ShouldBe("before");
        rig.Temporal.Messages.ShouldContain("after");
        sink.Stats.Accepted.ShouldBe(sink.Stats.Emitted + sink.Stats.Notices - sink.Stats.Dropped);
    }

    [SkippableFact]
    public void OnAReadOnlyDiskTheProgramEndsAtItsStartWithOneSentence()
    {
        using var disk = MountedDisk.OfBytes(1 << 20);
        var spool = Directory.CreateDirectory(disk.File("spool")).FullName;
        disk.MakeReadOnly(spool);
        Should.Throw<ConfigurationException>(() => new TemporalSink(new TemporalSinkOptions { SpoolDirectory = spool },
            ignoreEnvironment: true)).Errors.ShouldHaveSingleItem().ShouldSatisfyAllConditions(
            sentence => sentence.ShouldStartWith($"SpoolDirectory was '{spool}' and cannot be used (Read-only file system"),
            sentence => sentence.ShouldEndWith("; set LOG_SPOOL_DIRECTORY to a directory where this user may write."));
    }

    static SinkRig Rig(string spool, Durability durability)
    {
        var rig = new SinkRig(new PhysicalDirectory(spool));
        rig.Options.Durability = durability;
        rig.Options.Timeouts.BackPressure = TimeSpan.Zero;
        rig.Options.Sampling.ShedPercent = 100;
        return rig;
    }
}
