using System.Buffers;
using System.Text.Json;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Tests.Formats;

public sealed class JsonFormatterTests
{
    static string Format(string record)
    {
        var lines = new ArrayBufferWriter<byte>();
        FlatJsonFormatter.Write(Encoding.UTF8.GetBytes(record), lines);
        var text = Encoding.UTF8.GetString(lines.WrittenSpan);
        text.ShouldEndWith("\n");
        using var json = JsonDocument.Parse(text);
        json.RootElement.EnumerateObject().Select(field => field.Name).ShouldBeUnique();
        return text[..^1];
    }

    [Fact]
    public void EveryFieldHasAPlainNameAndItsValueAsItWas() =>
        Format("""{"@t":"2026-11-21T10:00:00.1234567Z","@mt":"Paid {Amount}","@m":"Paid 12.50","@l":"Warning","@x":"System.Exception: no\n   at A","@tr":"aa","@sp":"bb","level":"warning","channel":"app","source":"shop","instance":"i1","seq":7,"Amount":12.50,"Order":{"Id":[1, 2]}}""")
            .ShouldBe("""{"timestamp":"2026-11-21T10:00:00.1234567Z","template":"Paid {Amount}","message":"Paid 12.50","exception":"System.Exception: no\n   at A","trace_id":"aa","span_id":"bb","level":"warning","channel":"app","source":"shop","instance":"i1","seq":7,"Amount":12.50,"Order":{"Id":[1, 2]}}""");

    [Fact]
    public void TheMessageIsThereAlsoWhereTheTemplateSaysItAll() =>
        Format("""{"@t":"t","@mt":"Started","level":"info"}""")
            .ShouldBe("""{"timestamp":"t","template":"Started","level":"info","message":"Started"}""");

    [Theory]
    [InlineData("""{"@m":"x","@l":"Fatal"}""", "fatal")]
    [InlineData("""{"@m":"x"}""", "info")]
    [InlineData("""{"@m":"x","@l":"unknown"}""", "info")]
    public void ARecordOfAnotherToolGetsALevel(string record, string level) =>
        Format(record).ShouldBe($$"""{"message":"x","level":"{{level}}"}""");

    [Theory]
    [InlineData("message", "message_")]
    [InlineData("message_", "message__")]
    [InlineData("timestamp", "timestamp_")]
    [InlineData("@@m", "@m")]
    [InlineData("\\u0040@m", "@m")]
    [InlineData("mess\\u0061ge", "message_")]
    [InlineData("\\ud800", "\\ud800")]
    [InlineData("a\\\"b", "a\\\"b")]
    public void APropertyNeverTakesAnotherFieldsName(string name, string shown)
    {
        var record = $$"""{"@m":"x","level":"info","{{name}}":1}""";
        Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(record)).ShouldBe(record);
        var lines = new ArrayBufferWriter<byte>();
        FlatJsonFormatter.Write(Encoding.UTF8.GetBytes(record), lines);
        Encoding.UTF8.GetString(lines.WrittenSpan).ShouldBe($$"""{"message":"x","level":"info","{{shown}}":1}""" + "\n");
    }

    [Fact]
    public void LineBreaksStayEscapedSoThatARecordIsOneLine() =>
        Format("""{"@m":"a\nb\r\nc","level":"info"}""").ShouldBe("""{"message":"a\nb\r\nc","level":"info"}""");
}
