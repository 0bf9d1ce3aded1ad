using LogPipeline.Publisher;
using System.Text.Json;
using LogPipeline.Publisher.Capture;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Cli;
using Serilog.Events;

namespace LogPipeline.Tests.Cli;

public sealed class LineReaderTests
{
    static async Task<List<string>> ReadAsync(byte[] bytes, int lineBytesMax = 1024 * 1024)
    {
        var reader = new LineReader(new MemoryStream(bytes), lineBytesMax);
        var lines = new List<string>();
        while (await reader.ReadAsync(default) is { } line) lines.Add(line);
        return lines;
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\rc\n\nd", new[] { "a\r", "b\rc", "", "d" })]
    [InlineData("\n", new[] { "" })]
    public async Task OnlyTheLineFeedEndsALine(string text, string[] expected) =>
        (await ReadAsync(Encoding.UTF8.GetBytes(text))).ShouldBe(expected);

    [Fact]
    public async Task LinesAcrossBlocksAreWhole()
    {
        var lines = Enumerable.Range(0, 50).Select(i => new string((char)('a' + i % 26), i * 1_000) + "é").ToList();
        (await ReadAsync(Encoding.UTF8.GetBytes(string.Join('\n', lines)))).ShouldBe(lines);
    }

    [Fact]
    public async Task ALineOverTheBoundKeepsItsBeginning() =>
        (await ReadAsync(Encoding.UTF8.GetBytes("abcdef\nxy\n"), lineBytesMax: 3)).ShouldBe(["abc", "xy"]);

    [Theory]
    [InlineData("plain\r")]
    [InlineData("{braces} {{doubled}} {0} }{")]
    [InlineData("")]
    public void AMessageIsTheLineToTheByte(string line)
    {
        var record = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i")
            .Format(SendCommand.EventOf(line, LogEventLevel.Information, TestSupport.Some.Instant)).Complete(1);
        HostileEventTests.MessageOf(JsonDocument.Parse(record).RootElement).ShouldBe(line);
    }
}
