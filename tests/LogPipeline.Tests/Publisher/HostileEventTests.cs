using System.Globalization;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher.Capture;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>Whatever an event holds, its record is one line of valid JSON that reads back equal.</summary>
public sealed class HostileEventTests
{
    static readonly string[] Nasty =
    [
        "", "\0", "\r", "\n", "\r\n", "\u001b[2J\u001b]52;c;x\u0007", "\u2028\u2029", "\ufeff", "\ud800", "\udc00", "\ud83d\ude00", "\u202eevil",
        "\"", "\\", "\\u0041", "{}", "{{}}", "{Name}", "\",\"seq\":0,\"x\":\"", "</script>", "\u007f\u0080\u009f", "a\u0301\u0301\u0301", "\uffff", "level", "@t", "seq",
    ];

    static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements(Nasty),
        ArbMap.Default.GeneratorFor<string>().Select(s => s ?? ""),
        Gen.Choose(0, 0xffff).ListOf(20).Select(units => string.Concat(units.Select(u => (char)u))),
        Gen.Elements(Nasty).ListOf(4).Select(parts => string.Concat(parts)));

    static readonly Gen<LogEventPropertyValue> Scalars = Gen.OneOf(
        Texts.Select(text => (LogEventPropertyValue)new ScalarValue(text)),
        ArbMap.Default.GeneratorFor<long>().Select(n => (LogEventPropertyValue)new ScalarValue(n)),
        ArbMap.Default.GeneratorFor<double>().Select(n => (LogEventPropertyValue)new ScalarValue(n)),
        ArbMap.Default.GeneratorFor<decimal>().Select(n => (LogEventPropertyValue)new ScalarValue(n)),
        Gen.Constant((LogEventPropertyValue)new ScalarValue(null)));

    static Gen<LogEventPropertyValue> Values(int depth) => depth == 0 ? Scalars : Gen.OneOf(
        Scalars,
        Values(depth - 1).ListOf(3).Select(list => (LogEventPropertyValue)new SequenceValue(list)),
        Values(depth - 1).ListOf(2).SelectMany(_ => Texts, (list, key) => (LogEventPropertyValue)new DictionaryValue(list.Select((v, i) => KeyValuePair.Create(new ScalarValue(key + i), v)))),
        Values(depth - 1).ListOf(2).Select(list => (LogEventPropertyValue)new StructureValue(list.Select((v, i) => new LogEventProperty("p" + i, v)), "T")));

    static readonly Gen<(string Message, List<(string Name, LogEventPropertyValue Value)> Properties)> Events =
        Texts.SelectMany(_ => Texts.SelectMany(_ => Values(3), (name, value) => (Name: name, Value: value)).ListOf(5),
            (message, properties) => (message, properties.Where(p => LogEventProperty.IsValidName(p.Name)).DistinctBy(p => p.Name).ToList()));

    [Fact]
    public void EveryEventBecomesOneLineThatReadsBackEqual()
    {
        var formatter = new RecordFormatter("orders", "one", "app", CaptureLimits.Default);
        Prop.ForAll(Events.ToArbitrary(), e =>
        {
            var template = new MessageTemplate(e.Message.Replace("{", "{{").Replace("}", "}}"), [new TextToken(e.Message)]);
            var logEvent = new LogEvent(TestSupport.Some.Instant, LogEventLevel.Information, null, template, e.Properties.Select(p => new LogEventProperty(p.Name, p.Value)));
            var bytes = formatter.Format(logEvent).Complete(long.MaxValue);
            foreach (var b in bytes) (b >= 0x20 && b != 0x7f).ShouldBeTrue("a control byte stands in the line");
            var text = new UTF8Encoding(false, true).GetString(bytes);
            text.EnumerateRunes().ShouldAllBe(rune => rune.Value != 0x2028 && rune.Value != 0x2029 && rune.Value != 0x85 && rune.Value != 0x202e);
            var json = JsonDocument.Parse(bytes).RootElement;
            var names = json.EnumerateObject().Select(p => p.Name).ToList();
            names.ShouldBeUnique();
            MessageOf(json).ShouldBe(Whole(e.Message));
            json.GetProperty("seq").GetInt64().ShouldBe(long.MaxValue);
            foreach (var (name, value) in e.Properties)
                if (!(name is "channel" or "Channel")) Same(json.GetProperty(Whole(FieldNames.Of(name))), value);
        }).QuickCheckThrowOnFailure();
    }

    internal static string MessageOf(JsonElement record) =>
        record.TryGetProperty("@m", out var message) ? message.GetString()! : record.GetProperty("@mt").GetString()!;

    // UTF-8 has no form for half a character.
    static string Whole(string text) => string.Concat(text.EnumerateRunes());

    static void Same(JsonElement json, LogEventPropertyValue value)
    {
        switch (value)
        {
            case ScalarValue { Value: null }: json.ValueKind.ShouldBe(JsonValueKind.Null); break;
            case ScalarValue { Value: string text }: json.GetString().ShouldBe(Whole(text)); break;
            case ScalarValue { Value: long number }: json.GetInt64().ShouldBe(number); break;
            case ScalarValue { Value: decimal number }: json.GetDecimal().ShouldBe(number); break;
            case ScalarValue { Value: double number } when double.IsFinite(number): json.GetDouble().ShouldBe(number); break;
            case ScalarValue { Value: double number }: json.GetString().ShouldBe(number.ToString(CultureInfo.InvariantCulture)); break;
            case SequenceValue sequence:
                json.GetArrayLength().ShouldBe(sequence.Elements.Count);
                for (var i = 0; i < sequence.Elements.Count; i++) Same(json[i], sequence.Elements[i]);
                break;
            case StructureValue structure:
                foreach (var property in structure.Properties) Same(json.GetProperty(property.Name), property.Value);
                break;
            case DictionaryValue dictionary:
                foreach (var (key, element) in dictionary.Elements) Same(json.GetProperty(Whole((string)key.Value!)), element);
                break;
        }
    }
}
