using LogPipeline.Worker.Channels;




namespace LogPipeline.Tests.Worker;

public sealed class LogFileNameTests
{
    [Theory]
    [InlineData("app/2026-11-21.001.clef")]
    [InlineData("app/2026-11-21.1000.clef")]
    [InlineData("web-shop/2024-02-29.999.clef")]
    public void ANameIsPrintedAsItWasRead(string text)
    {
        LogFileName.TryParse(text, out var name).ShouldBeTrue();
        name.ToString().ShouldBe(text);
    }

    [Theory]
    [InlineData("app/2026-11-21.1.clef")]
    [InlineData("app/2026-11-21.000.clef")]
    [InlineData("app/2026-11-31.001.clef")]
    [InlineData("app/2026-11-21.001.txt")]
    [InlineData("app/2026-11-21.0001.clef")]
    [InlineData("../2026-11-21.001.clef")]
    [InlineData("app/sub/2026-11-21.001.clef")]
    [InlineData("2026-11-21.001.clef")]
    [InlineData("")]
    [InlineData(null)]
    public void WhatIsNoLogFileIsNotRead(string? text) => LogFileName.TryParse(text, out _).ShouldBeFalse();

    [Fact]
    public void FilesAreOrderedByDayThenNumberAlsoBeyondThreeDigits()
    {
        string[] order = ["a/2026-11-20.1000.clef", "a/2026-11-21.002.clef", "a/2026-11-21.999.clef", "a/2026-11-21.1000.clef"];
        order.Select(text => LogFileName.TryParse(text, out var name) ? name : throw new FormatException(text)).Order()
            .Select(n => n.ToString()).ShouldBe(order);
    }
}
