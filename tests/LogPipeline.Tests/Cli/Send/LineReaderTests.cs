using LogPipeline.Publisher;
using System.Text.Json;
using LogPipeline.Publisher.Capture;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Cli.Send;
using Serilog.Events;

namespace LogPipeline.Tests.Cli.Send;

public sealed class LineReaderTests
{
    static async Task<List<string>> ReadAsync(byte[] bytes, int lineBytesMax = 1024 * 1024)
    {
        var reader = new LineReader(new MemoryStream(bytes), "lines", lineBytesMax);
        var lines = new List<string>();
        while (await reader.ReadAsync(default) is { } line) lines.Add(line.Text);
        return lines;
    }

    [Theory]
    [InlineData("", new string[0])]
    [InlineData("a", new[] { "a" })]
    [InlineData("a\n", new[] { "a" })]
    [InlineData("a\r\nb\rc\n\nd", new[] { "a", "b\rc", "", "d" })]
    [InlineData("a\r\r\n\r\nb\r", new[] { "a\r", "", "b\r" })]
    [InlineData("\n", new[] { "" })]
    public async Task ALineFeedEndsALineAndACarriageReturnBeforeItGoes(string text, string[] expected) =>
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
    [InlineData("é", 1, "")]
    [InlineData("aé", 2, "a")]
    [InlineData("aé", 3, "aé")]
    [InlineData("a😀b", 4, "a")]
    [InlineData("a😀b", 5, "a😀")]
    public async Task ALineIsCutBetweenCharacters(string line, int lineBytesMax, string expected) =>
        (await ReadAsync(Encoding.UTF8.GetBytes(line + "\nxy"), lineBytesMax)).ShouldBe([expected, "xy"[..Math.Min(2, lineBytesMax)]]);

    [Theory]
    [InlineData("61E962 0A C3A9", "true false")]
    [InlineData("EFBFBD 0A F09F98", "false true")]
    [InlineData("FFFE 00D8 0A00 FDFF", "true false")]
    public async Task ALineWithBytesThatAreNoTextIsMarkedAsSuch(string bytes, string marks)
    {
        var reader = new LineReader(new MemoryStream(Convert.FromHexString(bytes.Replace(" ", ""))), "lines");
        var marked = new List<bool>();
        while (await reader.ReadAsync(default) is { } line) marked.Add(line.IsReplaced);
        marked.ShouldBe(marks.Split(' ').Select(bool.Parse));
    }

    [Theory]
    [InlineData("utf-8")]
    [InlineData("utf-16")]
    [InlineData("utf-16BE")]
    [InlineData("utf-32")]
    [InlineData("utf-32BE")]
    public async Task AByteOrderMarkSaysHowToReadAndIsNoPartOfALine(string encoding)
    {
        var form = Encoding.GetEncoding(encoding);
        // U+0A0D and U+0D0A hold the bytes of line ends and are none.
        string[] lines = ["första", "", "\u0a0d\u0d0a\u0a00", new string('x', 70_000) + "😀", "\rlast"];
        byte[] bytes = [.. form.GetPreamble(), .. form.GetBytes(string.Join("\r\n", lines))];
        (await ReadAsync(bytes)).ShouldBe(lines);
    }

    [Fact]
    public async Task ALineOfUtf16OverTheBoundIsCutBetweenItsUnits()
    {
        byte[] bytes = [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("abcdef\nxy\n")];
        (await ReadAsync(bytes, lineBytesMax: 5)).ShouldBe(["ab", "xy"]);
    }

    [Theory]
    [InlineData(new byte[] { 0x1F, 0x8B, 8, 0 }, "'lines' is packed with gzip; send what 'zcat' makes of it.")]
    [InlineData(new byte[] { 0x28, 0xB5, 0x2F, 0xFD }, "'lines' is packed with zstd; send what 'zstdcat' makes of it.")]
    [InlineData(new byte[] { 0x7F, 0x45, 0x4C, 0x46, 1, 0 },
        "'lines' is binary, or UTF-16 without a byte order mark: its beginning holds NUL; send text.")]
    public async Task WhatIsNoTextIsRefused(byte[] bytes, string sentence) =>
        (await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(bytes))).Message.ShouldBe(sentence);

    [Theory]
    [InlineData("plain\r")]
    [InlineData("{braces} {{doubled}} {0} }{")]
    [InlineData("")]
    public void AMessageIsTheLineToTheByte(string line)
    {
        var record = new RecordFormatter(new CaptureContext(new TemporalSinkOptions { Source = "s" }), "i")
            .Format(EventMaker.OfText(line, LogEventLevel.Information, TestSupport.Some.Instant)).Complete(1);
        HostileEventTests.MessageOf(JsonDocument.Parse(record).RootElement).ShouldBe(line);
    }
}
