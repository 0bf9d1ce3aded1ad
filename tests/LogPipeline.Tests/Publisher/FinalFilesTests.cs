using LogPipeline.Publisher;
using LogPipeline.TestSupport;

namespace LogPipeline.Tests.Publisher;

public sealed class FinalFilesTests
{
    [Fact]
    public async Task TheOtherFallbackWritesFinalLinesAndNeverSendsThem()
    {
        using var folder = new TempDirectory();
        var rig = new SinkRig();
        rig.Options = rig.Options with { Fallback = TemporalFallback.WriteFile, FallbackDirectory = folder.Path, FallbackFileBytesMax = 64 * 1024 };
        var sink = rig.Open();
        rig.Temporal.Instead = FakeTemporal.Away;
        for (var i = 1; i <= 2_000; i++) sink.Emit(SomeEvent.Of($"m{i}"));
        await rig.UntilAsync(sink, stats => stats.WrittenToFiles == 2_000);
        rig.Temporal.Instead = null;
        sink.Emit(SomeEvent.Of("after"));
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);

        rig.Temporal.Messages.ShouldBe(["after"]);
        var files = Directory.GetFiles(folder.File("fallback")).Order(StringComparer.Ordinal).ToList();
        files.Count.ShouldBeGreaterThan(3);
        files.ShouldAllBe(file => new FileInfo(file).Length < 70 * 1024);
        var lines = files.SelectMany(File.ReadAllLines).ToList();
        lines.Select(line => System.Text.Json.JsonDocument.Parse(line).RootElement.GetProperty("@mt").GetString()).ShouldBe(Enumerable.Range(1, 2_000).Select(i => $"m{i}"));
        sink.Stats.Balances.ShouldBeTrue();
    }

    [Fact]
    public async Task ABatchThatTemporalMayHaveIsNotWrittenToAFile()
    {
        using var folder = new TempDirectory();
        var rig = new SinkRig();
        rig.Options = rig.Options with { Fallback = TemporalFallback.WriteFile, FallbackDirectory = folder.Path };
        var sink = rig.Open();
        rig.Temporal.Instead = rig.Temporal.LoseAnswer;
        sink.Emit(SomeEvent.Of("once"));
        await rig.Temporal.UntilAsync(() => rig.Temporal.Batches.Count == 1);
        rig.Temporal.Instead = null;
        await rig.UntilAsync(sink, stats => stats.Accepted == 1);
        await rig.CloseAsync(sink);
        Directory.Exists(folder.File("fallback")).ShouldBeFalse();
        rig.Temporal.ShouldBeWhole();
    }
}
