using LogPipeline.DurableFiles;
using LogPipeline.Publisher;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Directories as version 0.1 left them (EarlierSpools): of twenty events the last fourteen were not accepted, and wait as batches,
/// which <see cref="Durability.Memory"/> froze then, or as a journal.
/// </summary>
public sealed class EarlierSpoolTests
{
    public static TheoryData<string, Durability> Kinds => new()
    {
        { "batches", Durability.Memory }, { "batches", Durability.ProcessSafe }, { "journal", Durability.Memory },
        { "journal", Durability.ProcessSafe },
    };

    [Theory, MemberData(nameof(Kinds))]
    public async Task WhatAnEarlierVersionLeftIsSentOnceAndGoes(string kind, Durability durability)
    {
        using var folder = new TempDirectory();
        Copy(kind, folder.Path);
        var rig = new SinkRig(new PhysicalDirectory(folder.Path));
        // A later start: its name must not be the one that was left.
        rig.Clock.Advance(TimeSpan.FromHours(1));
        rig.Options.Durability = durability;
        rig.Options.Limits.BatchRecordsMax = 5;
        var sink = rig.Open();
        await rig.UntilAsync(sink, stats => stats.Accepted == 14);
        sink.Stats.Adopted.ShouldBe(14);
        sink.Stats.Dropped.ShouldBe(0);
        await rig.CloseAsync(sink);
        rig.Temporal.Messages.ShouldBe(Enumerable.Range(7, 14).Select(i => $"e{i}"));
        rig.Temporal.Batches[0].Id.FirstSequence.ShouldBe(7);
        Directory.GetFiles(folder.File("0")).Select(Path.GetFileName).ShouldBe(["owner"]);
    }

    [Fact]
    public async Task BatchesOfAnEarlierVersionKeepTheirNames()
    {
        using var folder = new TempDirectory();
        Copy("batches", folder.Path);
        var rig = new SinkRig(new PhysicalDirectory(folder.Path));
        // A later start: its name must not be the one that was left.
        rig.Clock.Advance(TimeSpan.FromHours(1));
        // Cut anew they would be one.
        rig.Options.Limits.BatchRecordsMax = 100;
        var sink = rig.Open();
        await rig.UntilAsync(sink, stats => stats.Accepted == 14);
        await rig.CloseAsync(sink);
        rig.Temporal.Batches.Count.ShouldBeGreaterThan(1);
        rig.Temporal.Batches.Select(batch => batch.Header.Previous).Skip(1)
            .ShouldBe(rig.Temporal.Batches.Select(batch => batch.Id.ToString()).SkipLast(1));
    }

    static void Copy(string kind, string target)
    {
        var source = Repository.PathOf("tests", "LogPipeline.Tests", "Publisher", "EarlierSpools", kind);
        Directory.CreateDirectory(Path.Combine(target, "0"));
        foreach (var file in Directory.GetFiles(Path.Combine(source, "0")))
            File.Copy(file, Path.Combine(target, "0", Path.GetFileName(file)));
    }
}
