using System.Numerics;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using LogPipeline.Publisher.Redaction;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>Whatever an event holds, its record is one line of valid JSON that reads back equal.</summary>
public sealed class HostileEventTests
{
    static readonly string[] Nasty =
    [
        "", "\0", "\r", "\n", "\r\n", "\u001b[2J\u001b]52;c;x\u0007", "\u2028\u2029", "\ufeff", "\ud800", "\udc00",
        "\ud83d\ude00", "\u202eevil",
        "\"", "\\", "\\u0041", "{}", "{{}}", "{Name}", "\",\"seq\":0,\"x\":\"", "</script>", "\u007f\u0080\u009f", "a\u0301\u0301\u0301",
        "\uffff", "level", "@t", "seq",
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
        Gen.Elements<object?>(null, true, false, double.NaN, double.PositiveInfinity, double.NegativeInfinity, -0.0, double.Epsilon,
            double.MaxValue, float.NaN, 'x', '\ud800', '\n', '"',
            ulong.MaxValue, decimal.MaxValue, DateTime.MaxValue, DateTimeOffset.MinValue, TimeSpan.MinValue, Guid.Empty, DayOfWeek.Friday,
            (DayOfWeek)77, new BigInteger(1) << 90,
            new Action(() => { }), new Uri("http://x"), typeof(string), new byte[] { 1 }).Select(value =>
                (LogEventPropertyValue)new ScalarValue(value)));

    static Gen<LogEventPropertyValue> Values(int depth) => depth == 0 ? Scalars : Gen.OneOf(
        Scalars,
        Values(depth - 1).ListOf(3).Select(list => (LogEventPropertyValue)new SequenceValue(list)),
        Values(depth - 1).ListOf(20)
            .Select(list => (LogEventPropertyValue)new StructureValue(list.Select((v, i) => new LogEventProperty("p" + i, v)))),
        Values(depth - 1).ListOf(2).SelectMany(_ => Texts, (list, key) =>
            (LogEventPropertyValue)new DictionaryValue(list.Select((v, i) => KeyValuePair.Create(new ScalarValue(key + i), v)))),
        Values(depth - 1).ListOf(2).Select(list =>
            (LogEventPropertyValue)new StructureValue(list.Select((v, i) => new LogEventProperty("p" + i, v)), "T")));

    static readonly string[] NastyNames = ["level", "level_", "channel", "source", "instance", "seq", "truncated", "@t", "@@t", "@m", "@mt",
        "@x", "@", "Channel", "$type", "\u2028", "\ud800", "a b", "\0x"];

    static readonly Gen<string> Names = Gen.OneOf(Texts, Gen.Elements(NastyNames));

    // What a template asks of a value: nothing a value has to survive is too odd for a log call.
    static readonly Gen<string> Tokens = Gen.Elements("{X}", "{X:D99}", "{X:D999999999}", "{X:l}", "{X:Q}", "{X,30}", "{X,-2000000000}",
        "{X,2000000000:F3}", "{@X}", "{$X}", "{0}", "{Missing}", "{{", "}}", "{", "{X:yyyy-}");

    static readonly Gen<(string Message, List<(string Name, LogEventPropertyValue Value)> Properties)> Events =
        Texts.SelectMany(_ => Names.SelectMany(_ => Values(3), (name, value) => (Name: name, Value: value)).ListOf(5),
            (message, properties) =>
                (message, properties.Where(p => LogEventProperty.IsValidName(p.Name)).DistinctBy(p => p.Name).ToList()));

    [Fact]
    public void EveryEventBecomesOneLineThatAnotherReaderReadsBackEqual()
    {
        // Room for all that is made up here.
        var formatter = new RecordFormatter(
            new CaptureContext(new TemporalSinkOptions { Source = "orders", Limits = { EventBytesMax = 20_000_000 } }), "one");
        Prop.ForAll(Events.ToArbitrary(), e =>
        {
            var template = new MessageTemplate(e.Message.Replace("{", "{{").Replace("}", "}}"), [new TextToken(e.Message)]);
            var logEvent = new LogEvent(TestSupport.Some.Instant, LogEventLevel.Information, null, template,
                e.Properties.Select(p => new LogEventProperty(p.Name, p.Value)));
            var bytes = formatter.Format(logEvent).Complete(long.MaxValue);
            ShouldSteerNothing(bytes);
            var record = StrictJson.ReadLine(bytes);
            record.TryGetValue("@m", out var message);
            (message ?? record["@mt"]).ShouldBe(Whole(e.Message));
            record["seq"].ShouldBe(new StrictJson.Number(long.MaxValue.ToString(CultureInfo.InvariantCulture)));
            // Each property stands under the name from which a CLEF reader gets its own back.
            foreach (var (name, value) in e.Properties)
                if (!(name is "channel" && value is ScalarValue { Value: string }))
                    Same(record[Whole(FieldNames.Of(name))], value);
            foreach (var field in record.Keys.Where(name => name.StartsWith("@@", StringComparison.Ordinal)))
                e.Properties.ShouldContain(p => FieldNames.Sanitize(p.Name) == field.Substring(1));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void NoTemplateAndNoValueBreaksTheLineOrItsNeighbours()
    {
        var limits =
            new TemporalSinkOptions { Limits = { EventBytesMax = 20_000, CollectionCountMax = 3, DepthMax = 3, StringLengthMax = 100 } };
        var formatter = new RecordFormatter(
            new CaptureContext(limits with { Source = "orders" }, new Redactor(RedactionScope.All, [], null, null)), "one");
        var events = Gen.OneOf(Tokens, Texts).ListOf(6)
            .SelectMany(_ => Values(5), (parts, value) => (Template: string.Concat(parts), Value: value));
        Prop.ForAll(events.ToArbitrary(), e =>
        {
            var bytes = formatter.Format(SomeEvent.Of(e.Template, ("X", e.Value), ("Neighbour", 42))).Complete(1);
            bytes.Length.ShouldBeLessThanOrEqualTo(20_000 + 19);
            ShouldSteerNothing(bytes);
            StrictJson.ReadLine(bytes)["Neighbour"].ShouldBe(new StrictJson.Number("42"));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void AMessageReadsAsSerilogRendersIt()
    {
        // Room for all that is made up here.
        var formatter = new RecordFormatter(
            new CaptureContext(new TemporalSinkOptions { Source = "orders", Limits = { EventBytesMax = 20_000_000 } }), "one");
        var tokens = Gen.Elements("{X}", "{X:l}", "{X,30}", "{X,-30}", "{Missing}", "{{", "}}", "a", " ", "{X,3:l}", "{@X}");
        Prop.ForAll(tokens.ListOf(5).SelectMany(_ => Values(3), (parts, value) => (Template: string.Concat(parts), Value: value))
            .ToArbitrary(), e =>
        {
            var logEvent = SomeEvent.Of(e.Template, ("X", e.Value));
            var record = StrictJson.ReadLine(formatter.Format(logEvent).Complete(1));
            record.TryGetValue("@m", out var message);
            // A format for texts, asked of a number, is an exception there and left out here.
            if (Rendered(logEvent) is { } rendered) (message ?? record["@mt"]).ShouldBe(Whole(rendered));
        }).QuickCheckThrowOnFailure();
    }

    static string? Rendered(LogEvent logEvent)
    {
        try
        {
            return logEvent.RenderMessage(CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static void ShouldSteerNothing(byte[] bytes)
    {
        foreach (var b in bytes) (b >= 0x20 && b != 0x7f).ShouldBeTrue("a control byte stands in the line");
        var text = new UTF8Encoding(false, true).GetString(bytes);
        text.EnumerateRunes().ShouldAllBe(rune =>
            rune.Value != 0x2028 && rune.Value != 0x2029 && rune.Value != 0x85 && rune.Value != 0x202e);
    }

    internal static string MessageOf(JsonElement record) =>
        record.TryGetProperty("@m", out var message) ? message.GetString()! : record.GetProperty("@mt").GetString()!;

    // UTF-8 has no form for half a character.
    static string Whole(string text) => string.Concat(text.EnumerateRunes());

    static void Same(object? read, LogEventPropertyValue? value)
    {
        switch (value)
        {
            case null or ScalarValue { Value: null }: read.ShouldBeNull(); break;
            case ScalarValue { Value: string text }: read.ShouldBe(Whole(text)); break;
            case ScalarValue { Value: bool yes }: read.ShouldBe(yes); break;
            case ScalarValue { Value: long number }: ((StrictJson.Number)read!).Long.ShouldBe(number); break;
            case ScalarValue { Value: decimal number }: ((StrictJson.Number)read!).Decimal.ShouldBe(number); break;
            case ScalarValue { Value: double number }
                when double.IsFinite(number): ((StrictJson.Number)read!).Double.ShouldBe(number); break;
            case ScalarValue { Value: double number }: read.ShouldBe(number.ToString(CultureInfo.InvariantCulture)); break;
            case ScalarValue { Value: ulong }: read.ShouldBeOfType<StrictJson.Number>(); break;
            case ScalarValue { Value: var other }: read.ShouldBeOfType<string>(other!.GetType().Name); break;
            case SequenceValue sequence:
                var elements = (List<object?>)read!;
                elements.Count.ShouldBe(sequence.Elements.Count);
                for (var i = 0; i < elements.Count; i++) Same(elements[i], sequence.Elements[i]);
                break;
            case StructureValue structure:
                foreach (var property in structure.Properties.Where(p => p is not null))
                    Same(((Dictionary<string, object?>)read!)[property.Name], property.Value);
                break;
            case DictionaryValue dictionary:
                foreach (var (key, element) in dictionary.Elements)
                    Same(((Dictionary<string, object?>)read!)[FieldNames.Sanitize((string)key.Value!)], element);
                break;
        }
    }
}
