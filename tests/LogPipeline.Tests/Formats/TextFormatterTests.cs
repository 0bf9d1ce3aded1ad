using System.Buffers;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Formats;

public sealed class TextFormatterTests
{
    const string Record =
        """{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"Order {OrderId} of {Customer} for {Total:0.00}","@m":"Order 17 of \"Ada \\\"L\\\"\" for 6.40","@l":"Error","level":"error","channel":"app","source":"shop","instance":"i1","seq":7,"OrderId":17,"Customer":"Ada \"L\"","Total":6.4,"Region":"north"}""";

    static string Format(string record, string template = TextTemplate.DefaultText)
    {
        var lines = new ArrayBufferWriter<byte>();
        TextFormatter.Write(Encoding.UTF8.GetBytes(record), TextTemplate.Parse(template), lines);
        return Encoding.UTF8.GetString(lines.WrittenSpan);
    }

    [Fact]
    public void TheDefaultLooksLikeSerilogsFiles() =>
        Format(Record).ShouldBe("2026-11-21 10:00:00.123 +00:00 [ERR] Order 17 of Ada \"L\" for 6.40\n");

    [Fact]
    public void AnExceptionStandsBelowItsMessage() =>
        Format("""{"@t":"2026-11-21T10:00:00Z","@mt":"Failed","@x":"System.Exception: no\r\n   at A()","level":"error"}""")
            .ShouldBe("2026-11-21 10:00:00.000 +00:00 [ERR] Failed\nSystem.Exception: no\n   at A()\n");

    [Fact]
    public void ControlCharactersBeyondAsciiDoNotEither() =>
        Format("""{"@m":"a\u0085b\u009b31mc\u007fd","level":"info"}""", "{Message}").ShouldBe("a?b?31mc?d\n");

    [Fact]
    public void LineBreaksOfAMessageStayAndOtherControlCharactersDoNot() =>
        Format("""{"@m":"a\nb\r\nc\rd\u001b[31m\te","level":"info"}""", "{Message}").ShouldBe("a\nb\nc\nd?[31m\te\n");

    [Theory]
    [InlineData("{Level}", "Error")]
    [InlineData("{Level:u3}", "ERR")]
    [InlineData("{Level:w4}", "eror")]
    [InlineData("{Level:t1}", "E")]
    [InlineData("{Level:u}", "ERROR")]
    [InlineData("[{Level,-7:u3}]", "[ERR    ]")]
    [InlineData("[{Level,7}]", "[  Error]")]
    [InlineData("{{{source}}}", "{shop}")]
    [InlineData("{seq}{Missing}|{channel}", "7|app")]
    [InlineData("{Total:0.000}", "6.400")]
    [InlineData("{Message}", "Order 17 of \"Ada \\\"L\\\"\" for 6.40")]
    [InlineData("{Message:l}", "Order 17 of Ada \"L\" for 6.40")]
    [InlineData("{Properties}", "{ Region: \"north\" }")]
    [InlineData("{Properties:j}", "{\"Region\":\"north\"}")]
    [InlineData("{Region}{Properties}", "north{  }")]
    [InlineData("{Timestamp:HH:mm}", "10:00")]
    [InlineData("x", "x")]
    public void AHoleShowsItsProperty(string template, string shown) => Format(Record, template).ShouldBe(shown + "\n");

    [Fact]
    public void ARecordOfAnotherToolIsRenderedByItsTemplate() =>
        Format("""{"@t":"2026-11-21T11:00:00+01:00","@mt":"Order {Id:000} of {Customer,6}|{Missing}","Id":7,"Customer":"Ada"}""")
            .ShouldBe("2026-11-21 10:00:00.000 +00:00 [INF] Order 007 of    Ada|{Missing}\n");

    [Fact]
    public void AMessageThatIsNotItsTemplatesIsShownAsItIs() =>
        Format("""{"@mt":"Say {A} to {B}","@m":"Other words \"x\"","A":"x","B":"y","C":"z"}""", "{Message:lj} {Properties}")
            .ShouldBe("Other words \"x\" { C: \"z\" }\n");

    [Theory]
    [InlineData("""{"@mt":"{A,1000000000}","A":1}""", "{A,1000000000}")]
    [InlineData("""{"@mt":"{A,1000000000}","@m":"1","A":1}""", "1")]
    [InlineData("""{"@mt":"{A:D999999999}","A":1}""", "{A:D999999999}")]
    [InlineData("""{"@mt":"{A:Q} {B:D5}","A":1,"B":1.5}""", "1 1.5")]
    [InlineData("""{"@mt":{"a":[1,null,true]},"@x":7,"@tr":"x","@sp":[]}""", "{ a: [1, null, True] }")]
    [InlineData("""{"@m":["x"]}""", "[\"x\"]")]
    [InlineData("""{}""", "")]
    [InlineData("""{"":1," ":2,"@":3,"@@":4,"_":5,"@m":"x"}""", "x")]
    public void AStrangeRecordIsALineLikeAnyOther(string record, string shown) =>
        Format(record, "{Message}{TraceId}{SpanId}").ShouldBe(shown + "\n");

    [Fact]
    public void ManyPlacesDoNotMakeALineOfManyTimesTheRecord()
    {
        var template = string.Concat(Enumerable.Repeat("{A}", 5_000));
        Format($$"""{"@mt":"{{template}}","A":"{{new string('x', 100_000)}}"}""", "{Message}").ShouldBe(template + "\n");
    }

    /// <summary>Each value could end at each character; the search for where has a bound.</summary>
    [Fact]
    public void AMessageThatCouldBeReadInManyWaysIsShownAsItIs()
    {
        var holes = Enumerable.Range(0, 50).Select(i => $"P{i}").ToList();
        var message = new string('a', 100_000) + "b";
        var record =
            $$"""{"@mt":"{{string.Concat(holes.Select(hole => $"{{{hole}}}"))}}x","@m":"{{message}}",{{string.Join(',', holes.Select(hole => $"\"{hole}\":[1]"))}}}""";
        Format(record, "{Message:lj}").ShouldBe(message + "\n");
    }

    [Fact]
    public void WhatHasNoTextIsShownAsItWasWritten()
    {
        Format("""{"@m":"half \ud800","level":"info"}""", "{Message}").ShouldBe("half \\ud800\n");
        var lines = new ArrayBufferWriter<byte>();
        TextFormatter.Write([.. "{\"@m\":\""u8, 0xff, .. "\"}"u8], TextTemplate.Default, lines);
        Encoding.UTF8.GetString(lines.WrittenSpan).ShouldContain("�");
    }

    [Theory]
    [InlineData("{Level:u3", "close each '{'")]
    [InlineData("a } b", "'}}'")]
    [InlineData("{}", "name a property")]
    [InlineData("{Level:x9}", "u, w or t")]
    [InlineData("{Level,many}", "width")]
    [InlineData("{Level,1001}", "width")]
    [InlineData("{seq:D999}", "format")]
    [InlineData("{bad name}", "name a property")]
    [InlineData("{UtcTimestamp:%}", "dates")]
    [InlineData("{Timestamp:%}", "dates")]
    public void ATemplateThatIsNoneIsRefused(string template, string told) =>
        Should.Throw<FormatException>(() => TextTemplate.Parse(template)).Message.ShouldContain(told);

    [Fact]
    public void ATemplateHasABound() =>
        Should.Throw<FormatException>(() =>
            TextTemplate.Parse(string.Concat(Enumerable.Repeat("{A} ", 51)))).Message.ShouldContain("100 parts");
}
