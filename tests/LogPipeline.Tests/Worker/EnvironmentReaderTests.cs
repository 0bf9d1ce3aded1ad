using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Tests.Worker;

public sealed class EnvironmentReaderTests
{
    static EnvironmentReader With(string value) => new(name => name == "LOG_X" ? value : null);

    [Theory]
    [InlineData("5", 5000)]
    [InlineData("5s", 5000)]
    [InlineData("500ms", 500)]
    [InlineData("0.5", 500)]
    [InlineData("2m", 120_000)]
    [InlineData("1h", 3_600_000)]
    [InlineData("00:00:05", 5000)]
    [InlineData("00:00:00.25", 250)]
    public void ATimeIsReadAsPeopleWriteIt(string text, int milliseconds) =>
        With(text).ReadDuration("LOG_X", TimeSpan.Zero, TimeSpan.Zero, TimeSpan.FromDays(1)).TotalMilliseconds.ShouldBe(milliseconds);

    [Theory]
    [InlineData("1048576", 1048576)]
    [InlineData("512KiB", 524288)]
    [InlineData("64mib", 67108864)]
    [InlineData("1 GiB", 1073741824)]
    [InlineData("5MB", 5000000)]
    public void ASizeIsReadAsPeopleWriteIt(string text, long bytes) => With(text).ReadBytes("LOG_X", 0, 0, long.MaxValue).ShouldBe(bytes);

    [Theory]
    [InlineData("localhost:7233", true)]
    [InlineData("127.0.0.1:1", true)]
    [InlineData("[::1]:7233", true)]
    [InlineData("temporal.example.com:443", true)]
    [InlineData("localhost", false)]
    [InlineData("localhost:0", false)]
    [InlineData("localhost:70000", false)]
    [InlineData("http://localhost:7233", false)]
    [InlineData("::1:7233", false)]
    [InlineData(":7233", false)]
    public void AnAddressIsAHostAndAPort(string text, bool expected)
    {
        var reader = With(text);
        reader.ReadAddress("LOG_X", "localhost:7233").ShouldBe(expected ? text : "localhost:7233");
        reader.Errors.Count.ShouldBe(expected ? 0 : 1);
    }

    [Fact]
    public void AnEmptyVariableCountsAsUnset()
    {
        With("").ReadCount("LOG_X", 10, 1, 100).ShouldBe(10);
        With("").ReadText("LOG_X", "logs").ShouldBe("logs");
        With("").ReadText("LOG_X").ShouldBeNull();
    }

    [Theory]
    [InlineData("", null)]
    [InlineData("0", 0)]
    [InlineData("65535", 65535)]
    public void APortIsUnsetOrAnyOrOne(string text, int? port) => With(text).ReadPort("LOG_X").ShouldBe(port);

    [Theory]
    [InlineData("65536")]
    [InlineData("-1")]
    [InlineData("http")]
    public void WhatIsNoPortIsRefused(string text)
    {
        var reader = With(text);
        reader.ReadPort("LOG_X").ShouldBeNull();
        reader.Errors.ShouldBe([$"LOG_X was '{text}'; use a port from 1 to 65535, 0 for any that is free, or off."]);
    }

    [Fact]
    public void AllErrorsAreToldAtOnceEachInOneSentence()
    {
        var reader = new EnvironmentReader(_ => "soon");
        reader.ReadDuration("LOG_FLUSH_INTERVAL", TimeSpan.Zero, TimeSpan.FromMilliseconds(10), TimeSpan.FromMinutes(5));
        reader.ReadCount("LOG_BUFFER_SIZE", 10, 1, 50_000);
        reader.ReadBytes("LOG_BYTES", 1, 1024, 1 << 30);
        reader.ReadSwitch("LOG_SWITCH", false);
        reader.ReadChoice("LOG_DAY", DayOfWeek.Monday);
        Should.Throw<ConfigurationException>(reader.ThrowIfWrong).Errors.ShouldBe(
        [
            "LOG_FLUSH_INTERVAL was 'soon'; use a time from 10ms to 5m, such as 5, 5s, 500ms or 00:00:05.",
            "LOG_BUFFER_SIZE was 'soon'; use a whole number from 1 to 50000.",
            "LOG_BYTES was 'soon'; use a size from 1KiB to 1GiB, such as 1048576, 512KiB or 64MiB.",
            "LOG_SWITCH was 'soon'; use true or false.",
            "LOG_DAY was 'soon'; use one of Sunday, Monday, Tuesday, Wednesday, Thursday, Friday, Saturday.",
        ]);
    }

    [Theory]
    [InlineData("-5")]
    [InlineData("5 weeks")]
    [InlineData("-00:00:05")]
    [InlineData("1e400")]
    [InlineData("NaN")]
    [InlineData("99999999999d")]
    [InlineData("2d")]
    public void ATimeOutOfBoundsOrNotATimeIsRefused(string text)
    {
        var reader = With(text);
        reader.ReadDuration("LOG_X", TimeSpan.FromSeconds(7), TimeSpan.Zero, TimeSpan.FromDays(1)).ShouldBe(TimeSpan.FromSeconds(7));
        reader.Errors.ShouldHaveSingleItem().ShouldContain(text);
    }

    [Fact]
    public void AControlSequenceInAValueIsNotEchoed()
    {
        var reader = With("\u001b[2J" + new string('x', 500));
        reader.ReadCount("LOG_X", 1, 1, 2);
        reader.Errors.ShouldHaveSingleItem()
            .ShouldSatisfyAllConditions(e => e.ShouldNotContain('\u001b'), e => e.Length.ShouldBeLessThan(200));
    }
}
