using System.Text;
using LogPipeline.TestSupport;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Cli.Tail;
using LogPipeline.Worker.Files;

namespace LogPipeline.Tests.Cli.Tail;

/// <summary>A file has the same lines forward and backward, wherever its blocks end.</summary>
public sealed class LinesTests : IDisposable
{
    readonly LogFolder _logs = new();

    public void Dispose() => _logs.Dispose();

    [Theory]
    [InlineData(0, 10, "")]
    [InlineData(1, 10, "")]
    [InlineData(3_000, 200, "")]
    [InlineData(50, 300_000, "half")]
    [InlineData(200_000, 1, "")]
    public void ForwardAndBackwardAreTheSame(int count, int lengthMax, string half)
    {
        var random = new Random(count);
        var written = Enumerable.Range(0, count).Select(i => new string((char)('a' + i % 26), random.Next(lengthMax))).ToList();
        _logs.AppendText("app/2026-11-21.001.clef", string.Concat(written.Select(line => line + "\n")) + half);
        LogFileName.TryParse("app/2026-11-21.001.clef", out var name).ShouldBeTrue();
        using var content = LogContent.TryOpen(_logs.Root, name)!;

        var end = BackwardLines.WholeEnd(content);
        end.ShouldBe(content.Length - half.Length);
        BackwardLines.Of(content, end).Select(line => Encoding.UTF8.GetString(line.Span)).Reverse().ShouldBe(written);

        var forward = new List<string>();
        var lines = new WholeLines(content, 0);
        while (lines.TryRead(long.MaxValue, out var line)) forward.Add(Encoding.UTF8.GetString(line.Span));
        forward.ShouldBe(written);
        lines.Offset.ShouldBe(end);
    }

    [Fact]
    public void NothingIsReadBehindTheEndThatIsNamed()
    {
        _logs.Append("app/2026-11-21.001.clef", "one", "two", "three");
        LogFileName.TryParse("app/2026-11-21.001.clef", out var name).ShouldBeTrue();
        using var content = LogContent.TryOpen(_logs.Root, name)!;
        var lines = new WholeLines(content, 4);
        lines.TryRead(8, out var line).ShouldBeTrue();
        Encoding.UTF8.GetString(line.Span).ShouldBe("two");
        lines.TryRead(8, out _).ShouldBeFalse();
        lines.TryRead(long.MaxValue, out _).ShouldBeTrue();
    }
}
