using System.Diagnostics;
using LogPipeline.DurableFiles;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Cli;
using LogPipeline.Worker.Files;
using LogPipeline.Worker.Verify;
using Xunit.Abstractions;

namespace LogPipeline.Tests.Worker.PowerCuts;

// The writer writes to an ext4 that lies in a file on an XFS, and that file is cloned (FICLONE) while it does: a clone shares
// the blocks and is made in one step, so it is what a disk holds when the power goes, in the middle of a sync too. A plain copy
// would be torn over the time that it takes.

/// <summary>The disk under the real writer as it would be after a power cut, again and again, and what is in it.</summary>
public sealed class PowerCutTests(ITestOutputHelper output)
{
    /// <summary>Cuts of one image; what is written meanwhile has to fit into it.</summary>
    const int CutsOfOneImage = 25;

    [SkippableFact]
    public async Task WhatWasAcknowledgedIsThereAfterAPowerCut()
    {
        var missing = await DiskImage.MissingBecauseAsync();
        Skip.If(missing is not null, $"Not possible on this machine: {missing}");
        var cuts = LongRuns.Choose(usual: 8, @long: 100);
        var chance = new Random(cuts);
        var watch = Stopwatch.StartNew();
        var sums = new Sums();
        using var folder = new TempDirectory();
        await using var outer = await DiskImage.CreateAsync(folder.File("outer"), 1024, "mkfs.xfs", "-q", "-m", "reflink=1");
        for (var cut = 0; cut < cuts;)
        {
            var (image, acks) = (Path.Combine(outer.Path, $"disk{cut}"), folder.File($"acks{cut}"));
            await using var disk = await DiskImage.CreateAsync(image, 64, "mkfs.ext4", "-q");
            var logs = Path.Combine(disk.Path, "logs");
            await using var writer = ChildProcess.Start("dotnet",
                [Path.Combine(AppContext.BaseDirectory, "TestProgram.dll"), "write-load", logs, acks]);
            await writer.LineAsync(line => line == "writing");
            for (var i = 0; i < CutsOfOneImage && cut < cuts; i++, cut++)
            {
                await Task.Delay(chance.Next(20, 300));
                // All that is in this log now was acknowledged before the cut.
                var acknowledged = await ReadAsync(acks);
                var clone = $"{image}.cut{cut}";
                await using (var cloned = await ChildProcess.RunAsync("cp", ["--reflink=always", image, clone])) cloned.ExitCode.ShouldBe(0,
                    cloned.Everything);
                writer.HasExited.ShouldBeFalse(writer.Everything);
                await LookAsync(clone, acknowledged, sums);
                File.Delete(clone);
            }
            await writer.KillAsync();
            sums.Acknowledged += Records(await ReadAsync(acks));
        }
        output.WriteLine($"{cuts} power cuts in {watch.Elapsed.TotalSeconds:0} s while {sums.Acknowledged:n0} records were acknowledged: "
            + $"{sums.Lost} acknowledged lost; "
            + $"{sums.Unfinished} batches were begun and finished by the next life, {sums.TornLedgers} ledgers had a torn end");
        sums.Acknowledged.ShouldBeGreaterThan(cuts * 20);
    }

    /// <summary>What the machine finds when the power is back: first as it is, then when the next life has begun.</summary>
    static async Task LookAsync(string clone, string acknowledged, Sums sums)
    {
        await using var disk = await DiskImage.MountAsync(clone);
        var root = new PhysicalDirectory(Path.Combine(disk.Path, "logs"));
        var options = new LogWriterOptions { FreeBytesMin = 0 };
        var before = new Verifier(root, options) { Acknowledged = AckLog.Read(acknowledged) }.Run();
        before.Lost.ShouldBe(0, Examples(before));
        before.Duplicate.ShouldBe(0, Examples(before));
        sums.Unfinished += before.Unfinished;
        if (before.LedgerDamagedBytes > 0) sums.TornLedgers++;

        await using (var writer = new LogWriter(root, options, TimeProvider.System)) writer.Start();
        var after = new Verifier(root, options) { Acknowledged = AckLog.Read(acknowledged) }.Run();
        sums.Lost += after.Lost;
        after.IsClean.ShouldBeTrue(Examples(after));
        after.Unfinished.ShouldBe(0);
    }

    static long Records(string acks) => AckLog.Read(acks).Values.Sum(set => set.Count);

    static async Task<string> ReadAsync(string path)
    {
        await using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        using var reader = new StreamReader(file);
        return await reader.ReadToEndAsync();
    }

    static string Examples(VerifyReport report) =>
        string.Join("; ", report.Examples.Select(example => $"{example.Kind} {example.Where} {example.What}"));

    sealed class Sums
    {
        public long Acknowledged { get; set; }
        public long Lost { get; set; }
        public long Unfinished { get; set; }
        public long TornLedgers { get; set; }
    }
}
