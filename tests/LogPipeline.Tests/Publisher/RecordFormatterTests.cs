using LogPipeline.Publisher;
using System.Diagnostics;
using System.Text.Json;
using LogPipeline.Publisher.Capture;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

public sealed class RecordFormatterTests
{
    readonly RecordFormatter _formatter = new(new CaptureContext(new TemporalSinkOptions { Source = "orders" }), "one");

    string Line(LogEvent logEvent, long sequence = 7) => Encoding.UTF8.GetString(_formatter.Format(logEvent).Complete(sequence));
    JsonElement Read(LogEvent logEvent) => JsonDocument.Parse(Line(logEvent)).RootElement;

    [Fact]
    public void ARecordIsOneClefLineWithOurFieldsBeforeTheProperties()
    {
        Line(SomeEvent.Of(LogEventLevel.Warning, "Order {Id} late", ("Id", 17))).ShouldBe(
            """{"@t":"2026-11-21T08:00:00.0000000Z","@mt":"Order {Id} late","@m":"Order 17 late","@l":"Warning","level":"warning","channel":"app","source":"orders","instance":"one","seq":7,"Id":17}""");
    }

    [Fact]
    public void InformationHasNoLevelOfClefAndAMessageLikeItsTemplateIsNotRepeated()
    {
        Line(SomeEvent.Of("started")).ShouldBe(
            """{"@t":"2026-11-21T08:00:00.0000000Z","@mt":"started","level":"info","channel":"app","source":"orders","instance":"one","seq":7}""");
    }

    [Theory]
    [InlineData(LogEventLevel.Verbose, "trace")]
    [InlineData(LogEventLevel.Debug, "debug")]
    [InlineData(LogEventLevel.Information, "info")]
    [InlineData(LogEventLevel.Warning, "warning")]
    [InlineData(LogEventLevel.Error, "error")]
    [InlineData(LogEventLevel.Fatal, "fatal")]
    public void LevelsAreInLokisWords(LogEventLevel level, string expected) =>
        Read(SomeEvent.Of(level, "x")).GetProperty("level").GetString().ShouldBe(expected);

    [Fact]
    public void ValuesAreWrittenAsClefHasThem()
    {
        var record = Line(SomeEvent.Of("x", ("a", null), ("b", true), ("c", 1.5m), ("d", double.NaN), ("e", 0.1f), ("f", 'c'),
            ("g", new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc)), ("h", new DateOnly(2026, 1, 2)), ("i", TimeSpan.FromSeconds(5)),
            ("j", ulong.MaxValue),
            ("k", Guid.Empty), ("l", 1e300)));
        record.ShouldEndWith(""" "a":null,"b":true,"c":1.5,"d":"NaN","e":0.1,"f":"c","g":"2026-01-02T03:04:05.0000000Z","h":"2026-01-02","i":"00:00:05","j":18446744073709551615,"k":"00000000-0000-0000-0000-000000000000","l":1E+300}""".TrimStart());
    }

    [Fact]
    public void StructuresKeepTheirTypeAndDictionariesTheirKeys()
    {
        var record = Read(SomeEvent.Of("x",
            ("s", new StructureValue([new LogEventProperty("@A", new ScalarValue(1))], "T")),
            ("e", new StructureValue([])),
            ("d", new DictionaryValue([new(new ScalarValue(null), new ScalarValue(1)),
                new(new ScalarValue(2), new SequenceValue([new ScalarValue("z")]))]))));
        record.GetProperty("s").GetRawText().ShouldBe("""{"@A":1,"$type":"T"}""");
        record.GetProperty("e").GetRawText().ShouldBe("{}");
        record.GetProperty("d").GetRawText().ShouldBe("""{"null":1,"2":["z"]}""");
    }

    [Fact]
    public void PropertiesNamedLikeOursOrClefsKeepTheirValueUnderANameOfTheirOwn()
    {
        var record = Read(SomeEvent.Of("x", ("level", 1), ("level_", 2), ("@t", 3), ("@@t", 4), ("seq", 5), ("truncated", 6), ("source", 7),
            ("instance", 8)));
        record.GetProperty("level").GetString().ShouldBe("info");
        record.GetProperty("level_").GetInt32().ShouldBe(1);
        record.GetProperty("level__").GetInt32().ShouldBe(2);
        record.GetProperty("@@t").GetInt32().ShouldBe(3);
        record.GetProperty("@@@t").GetInt32().ShouldBe(4);
        record.GetProperty("seq").GetInt64().ShouldBe(7);
        record.GetProperty("seq_").GetInt32().ShouldBe(5);
        record.GetProperty("truncated_").GetInt32().ShouldBe(6);
    }

    [Fact]
    public void ThePropertyChannelRoutesTheRecord()
    {
        var record = _formatter.Format(SomeEvent.Of("x", ("channel", "payments")));
        record.Channel.ShouldBe("payments");
        var json = JsonDocument.Parse(record.Complete(1)).RootElement;
        json.GetProperty("channel").GetString().ShouldBe("payments");
        json.TryGetProperty("channel_", out _).ShouldBeFalse();
    }

    [Theory]
    [InlineData("Sent via {Channel}", "Channel", "Channel")]
    [InlineData("Sent via {channel}", "channel", "channel_")]
    [InlineData("Sent via {channel:l} at once", "channel", "channel_")]
    [InlineData("Sent", "Channel", "Channel")]
    [InlineData("Sent", "CHANNEL", "CHANNEL")]
    public void AValueOfTheEventsRoutesNothingAndStaysAProperty(string template, string name, string field)
    {
        var record = _formatter.Format(SomeEvent.Of(template, (name, "sms")));
        record.Channel.ShouldBe("app");
        var json = JsonDocument.Parse(record.Complete(1)).RootElement;
        json.GetProperty("channel").GetString().ShouldBe("app");
        json.GetProperty(field).GetString().ShouldBe("sms");
    }

    [Fact]
    public void AChannelThatIsNoTextRoutesNothingAndIsKept()
    {
        var json = Read(SomeEvent.Of("x", ("channel", 5)));
        json.GetProperty("channel").GetString().ShouldBe("app");
        json.GetProperty("channel_").GetInt32().ShouldBe(5);
    }

    [Fact]
    public void TraceAndSpanAreInTheRecord()
    {
        var traced = new LogEvent(TestSupport.Some.Instant, LogEventLevel.Information, null, new MessageTemplateParser().Parse("x"), [],
            ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c"), ActivitySpanId.CreateFromString("b7ad6b7169203331"));
        Line(traced).ShouldContain(""","@tr":"0af7651916cd43dd8448eb211c80319c","@sp":"b7ad6b7169203331",""");
    }

    [Fact]
    public void WhatCouldEndALineOrSteerATerminalIsEscapedAndTheRestIsNot()
    {
        var line = Line(SomeEvent.Of("a\r\n\t\u001b[2J\u007f\u0085\u2028\u202e\"\\/é😀"));
        line.ShouldContain("a\\r\\n\\t\\u001B[2J\\u007F\\u0085\\u2028\\u202E\\\"\\\\/é😀\"");
    }

    [Fact]
    public void ALoneSurrogateBecomesTheReplacementCharacter() =>
        Read(SomeEvent.Of("x", ("v", "a\ud83db"))).GetProperty("v").GetString().ShouldBe("a\ufffdb");

    [Fact]
    public void AValueThatThrowsLeavesAPlaceholderAndItsNeighboursIntact()
    {
        var json = Read(SomeEvent.Of("{Bad} and {Good}", ("Bad", new Throws()), ("Good", 1)));
        json.GetProperty("Bad").GetString().ShouldBe("(rendering failed: InvalidOperationException)");
        json.GetProperty("Good").GetInt32().ShouldBe(1);
        json.GetProperty("@m").GetString()!.ShouldContain("rendering failed");
        _formatter.Failures.ShouldBe(1);
    }

    [Fact]
    public void AnExceptionThatThrowsWhenItIsPrintedLeavesAPlaceholder() =>
        Read(SomeEvent.With(new ThrowsWhenPrinted())).GetProperty("@x").GetString().ShouldBe("(rendering failed: NotSupportedException)");

    [Fact]
    public void AnOversizeEventIsCutAndSaysSo()
    {
        var huge = new string('x', 100_000_000);
        var bytes = _formatter.Format(SomeEvent.Of("{Text:l} {Other}", ("Text", huge), ("Other", 5))).Complete(1);
        bytes.Length.ShouldBeLessThanOrEqualTo(new TemporalSinkOptions().Limits.EventBytesMax + 19);
        var json = JsonDocument.Parse(bytes).RootElement;
        json.GetProperty("truncated").GetProperty("@m").GetInt64().ShouldBe(100_000_002);
        json.GetProperty("truncated").GetProperty("Text").GetInt64().ShouldBe(100_000_000);
        json.GetProperty("@m").GetString()!.ShouldEndWith("…");
        json.GetProperty("Other").GetInt32().ShouldBe(5);
    }

    [Fact]
    public void AnEventWithEverythingTooLargeIsStillOneValidRecord()
    {
        var huge = new string('\u0001', 1_000_000);
        var properties = Enumerable.Range(0, 500).Select(i => new LogEventProperty($"{huge[..50]}{i}", new ScalarValue(huge))).ToList();
        properties.Add(new LogEventProperty("channel", new ScalarValue(huge[..100])));
        var all = new LogEvent(TestSupport.Some.Instant, (LogEventLevel)77, new InvalidOperationException(huge),
            new MessageTemplate(huge, [new TextToken(huge + "y")]), properties);
        var small =
            new RecordFormatter(new CaptureContext(
                new TemporalSinkOptions { Source = new string('s', 100), Limits = { EventBytesMax = 16 * 1024 } }), new string('i', 100));
        var bytes = small.Format(all).Complete(long.MaxValue);
        bytes.Length.ShouldBeLessThanOrEqualTo(16 * 1024 + 19);
        JsonDocument.Parse(bytes).RootElement.GetProperty("truncated").EnumerateObject().Count().ShouldBe(10);
    }

    [Fact]
    public void DepthAndCountAreBounded()
    {
        LogEventPropertyValue deep = new ScalarValue(1);
        for (var i = 0; i < 5_000; i++) deep = new SequenceValue([deep]);
        var many = new SequenceValue(Enumerable.Range(0, 100_000).Select(i => new ScalarValue(i)));
        var json = Read(SomeEvent.Of("{Deep}", ("Deep", deep), ("Many", many)));
        json.GetProperty("Many").GetArrayLength().ShouldBe(1_001);
        json.GetProperty("Many")[1_000].GetString().ShouldBe("… 99000 more");
        json.GetProperty("truncated").GetRawText().ShouldBe("""{"Deep":true,"Many":true}""");
    }

    sealed class Throws
    {
        public override string ToString() => throw new InvalidOperationException("no");
    }

    sealed class ThrowsWhenPrinted : Exception
    {
        public override string ToString() => throw new NotSupportedException();
    }
}
