using System.Buffers;
using System.Text;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Formats;

public sealed class TextFormatterTests
{
    const string Record = """{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"Order {OrderId} of {Customer} for {Total:0.00}","@m":"Order 17 of \"Ada \\\"L\\\"\" for 6.40","@l":"Error","level":"error","channel":"app","source":"shop","instance":"i1","seq":7,"OrderId":17,"Customer":"Ada \"L\"","Total":6.4,"Region":"north"}""";

    static string Format(string record, string template = TextTemplate.DefaultText)
    {
        var lines = new ArrayBufferWriter<byte>();
        new TextFormatter(TextTemplate.Parse(template)).Write(Encoding.UTF8.GetBytes(record), lines);
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
    [InlineData("{Properties}", "{\"Region\":\"north\"}")]
    [InlineData("{Region}{Properties}", "north{}")]
    [InlineData("{Timestamp:HH:mm}", "10:00")]
    [InlineData("x", "x")]
    public void AHoleShowsItsProperty(string template, string shown) => Format(Record, template).ShouldBe(shown + "\n");

    [Theory]
    [InlineData("Say {A}{B}", "Say \"x\"\"y\"", "x", "y", "Say xy")]
    [InlineData("Say {A}", "Say \"cut…", "cutoff", "", "Say \"cut…")]
    [InlineData("Say {N} {A}", "Say 1 \"x\"", "x", "", "Say 1 x")]
    [InlineData("Say {{{A}}}", "Say {\"x\"}", "x", "", "Say {x}")]
    [InlineData("Say {A} to {B}", "Other words \"x\"", "x", "y", "Other words \"x\"")]
    [InlineData("{A:l}", "x \"quoted\"", "x \"quoted\"", "", "x \"quoted\"")]
    public void TextsAreUnquotedWhereTheTemplateSaysThatTheyStand(string template, string message, string a, string b, string shown)
    {
        var record = System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, object> { ["@mt"] = template, ["@m"] = message, ["A"] = a, ["B"] = b, ["N"] = 1 });
        LiteralMessage.Of(message, template, RecordText.Of(record)).ShouldBe(shown);
    }

    [Fact]
    public void WhatHasNoTextIsShownAsItWasWritten()
    {
        Format("""{"@m":"half \ud800","level":"info"}""", "{Message}").ShouldBe("half \\ud800\n");
        var lines = new ArrayBufferWriter<byte>();
        new TextFormatter(TextTemplate.Default).Write([.. "{\"@m\":\""u8, 0xff, .. "\"}"u8], lines);
        Encoding.UTF8.GetString(lines.WrittenSpan).ShouldContain("�");
    }

    [Theory]
    [InlineData("{Level:u3", "close each '{'")]
    [InlineData("a } b", "'}}'")]
    [InlineData("{}", "name a property")]
    [InlineData("{Level:x9}", "u, w or t")]
    [InlineData("{Level,many}", "width")]
    [InlineData("{Timestamp:%}", "dates")]
    public void ATemplateThatIsNoneIsRefused(string template, string told) => Should.Throw<FormatException>(() => TextTemplate.Parse(template)).Message.ShouldContain(told);
}
