using LogPipeline.Publisher;
using System.Buffers;
using System.Diagnostics;
using FsCheck;
using FsCheck.Fluent;
using LogPipeline.Publisher.Capture;
using LogPipeline.TestSupport;
using LogPipeline.Tests.Publisher;
using LogPipeline.Worker.Formats;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;

namespace LogPipeline.Tests.Formats;

/// <summary>
/// What the worker writes of a record is what Serilog's own sinks write of the event. What a record does not carry is not
/// generated: the type of a value that JSON has no kind for shows only in the message, so outside of it stand texts, numbers, yes
/// and no, and what is made of these; and a property <c>channel</c> becomes a field of ours, which has its own test.
/// </summary>
public sealed class TextAsSerilogTests
{
    static readonly RecordFormatter Records = new(new CaptureContext(new TemporalSinkOptions { Source = "shop" }), "i1");

    static readonly string[] CarriedNames =
        ["seq", "Name", "Total", "level_", "_x", "level", "source", "truncated", "Message", "Timestamp"];
    // Shown by themselves too. The first is a field of ours that would be shown if the event had none, so each event has.
    static readonly string[] ShownNames = CarriedNames[..5];
    static readonly string[] OtherNames = ["When", "Id", "instance"];

    static readonly Gen<string> Texts = Gen.OneOf(
        Gen.Elements("", "x", "Ada \"L\"", "\\", "\\\"", "\"", "\"quoted\"", " spaces ", "{Name}", "17", "2026-01-02T03:04:05.0000000Z",
            " of ", "true", "tab\tand\nline", "Zoë 😀", "…"),
        Gen.Choose(' ', 'z').ListOf(8).Select(codes => string.Concat(codes.Select(code => (char)code))));

    static readonly Gen<LogEventPropertyValue> Plain = Gen.OneOf(
        Texts.Select(Scalar), ArbMap.Default.GeneratorFor<int>().Select(Scalar), ArbMap.Default.GeneratorFor<decimal>().Select(Scalar),
        ArbMap.Default.GeneratorFor<double>().Where(double.IsFinite).Select(Scalar),
        Gen.Elements<object?>(null, true, false, 0, -1, long.MinValue, ulong.MaxValue, 1.50m, 0.1, -0.0, 1e300, 1e-7, 0.1f, (byte)7)
            .Select(Scalar));

    static readonly Gen<LogEventPropertyValue> Carried = Nested(Nested(Plain));

    static readonly Gen<LogEventPropertyValue> Other = Gen.OneOf(
        Gen.Elements<object>(DayOfWeek.Friday, 'c', '"', double.NaN, new Uri("http://x/"), TimeSpan.FromSeconds(90),
            new DateOnly(2026, 1, 2), new TimeOnly(3, 4),
            Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"), new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc),
            new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.FromHours(-7))).Select(Scalar),
        Carried.Select(value =>
            (LogEventPropertyValue)new DictionaryValue(
                [new(new ScalarValue("k"), value), new(new ScalarValue(2), new ScalarValue(DayOfWeek.Monday))])),
        Carried.Select(value =>
            (LogEventPropertyValue)new StructureValue(
                [new LogEventProperty("At", new ScalarValue(DateTime.UnixEpoch)), new LogEventProperty("V", value)], "T")));

    static readonly Gen<string> Holes =
        from name in Gen.Elements([.. CarriedNames, .. OtherNames, "Missing"])
        from sign in Gen.Elements("", "", "@", "$")
        from width in Gen.Elements("", "", "", ",10", ",-12", ",1")
        from format in Gen.Elements("", "", "", ":l", ":0.00", ":000", ":yyyy-MM-dd", ":HH:mm", ":j", ":u", ":E2", ":N")
        // Where two values meet that read otherwise than their JSON does, only a text between them tells where one ends.
        let separator = OtherNames.Contains(name) || format.Length > 0 ? "|" : ""
        select $"{{{sign}{name}{width}{format}}}{separator}";

    static readonly Gen<string> MessageTemplates =
        Gen.OneOf(Holes, Holes, Gen.Elements(" of ", ", ", "x", "\"", "{{", "}}", " ", ": ", "{not one", "[")).ListOf()
            .Select(parts => string.Concat(parts.Take(8)));

    static readonly Gen<string> OutputTemplates =
        Gen.Elements([
            "{Message}", "{Message:l}", "{Message:j}", "{Message:lj}", "{Message:lj}", "{Message:jl}", "{Message,30}", "{Message,-40:lj}",
            "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz}", "{Timestamp}", "{UtcTimestamp:o}", "{Level}", "{Level:u3}", "{Level:w4}",
            "{Level,-7:t2}", "{Level:u10}", "{Exception}", "{Exception,20}", "{NewLine}",
            "{TraceId}", "{SpanId,20}", "{Properties}", "{Properties:j}", "{Properties,60}", "[", "]", " ", "{{", "}}",
            .. ShownNames.SelectMany(name => (string[])[$"{{{name}}}", $"{{{name},9}}", $"{{{name}:u}}"]), "{seq:000}"])
        .NonEmptyListOf().Select(parts => string.Concat(parts.Take(7)));

    static readonly Gen<LogEvent> Events =
        from template in MessageTemplates
        // With a format it counts which kind of number it was: whole ones are all alike.
        from whole in Gen.OneOf(Texts.Select(Scalar), ArbMap.Default.GeneratorFor<int>().Select(Scalar))
        from carried in Carried.ListOf(CarriedNames.Length - 1)
        from others in Other.ListOf(OtherNames.Length)
        from kept in ArbMap.Default.GeneratorFor<bool>().ListOf(CarriedNames.Length)
        from level in Gen.Elements(Enum.GetValues<LogEventLevel>())
        from exception in Gen.Elements<Exception?>(null, null, new InvalidOperationException("no\nway"))
        from isTraced in ArbMap.Default.GeneratorFor<bool>()
        select Event(template, level, exception, isTraced,
            CarriedNames.Zip(carried.Prepend(whole)).Where((_, i) => i == 0 || kept[i])
                // Outside of the message these would need a type that the record does not carry.
                .Concat(OtherNames.Zip(others)
                    .Where(other => template.Contains(other.First, StringComparison.Ordinal) && NamesIn(template).Contains(other.First))));

    static LogEventPropertyValue Scalar<T>(T value) => new ScalarValue(value);

    static Gen<LogEventPropertyValue> Nested(Gen<LogEventPropertyValue> inner) => Gen.Frequency(
        (4, inner),
        (1, inner.ListOf(3).Select(elements => (LogEventPropertyValue)new SequenceValue(elements))),
        (1, inner.ListOf(2).SelectMany(_ => Gen.Elements<string?>(null, "Order"), (values, type) =>
            (LogEventPropertyValue)new StructureValue([.. "AB".Select(name => $"{name}")
                .Zip(values, (name, value) => new LogEventProperty(name, value))], type))));

    static IEnumerable<string> NamesIn(string template) =>
        new MessageTemplateParser().Parse(template).Tokens.OfType<PropertyToken>().Select(hole => hole.PropertyName);

    static LogEvent Event(string template, LogEventLevel level, Exception? exception, bool isTraced,
        IEnumerable<(string Name, LogEventPropertyValue Value)> properties) =>
        new(Some.Instant, level, exception, new MessageTemplateParser()
            .Parse(template), properties.Select(property => new LogEventProperty(property.Name, property.Value)),
            isTraced ? ActivityTraceId.CreateFromString("0af7651916cd43dd8448eb211c80319c") : default, isTraced
                ? ActivitySpanId.CreateFromString("b7ad6b7169203331") : default);

    [Fact]
    public void WhateverTheEventAndTheTemplateTheTextIsSerilogs()
    {
        var compared = 0;
        Prop.ForAll(OutputTemplates.SelectMany(_ => Events, (template, logEvent) => (template, logEvent)).ToArbitrary(), made =>
        {
            // A format that a type does not have makes Serilog's sinks lose the event; ours shows the value without it.
            if (TryBySerilog(made.logEvent, made.template) is not { } expected) return;
            compared++;
            ByWorker(made.logEvent, made.template)
                .ShouldBe(expected, $"{made.template} of {made.logEvent.MessageTemplate.Text}: {Line(made.logEvent)}");
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(5_000));
        compared.ShouldBeGreaterThan(2_000);
    }

    /// <summary>What people log most, and what went wrong when the worker had a renderer of its own.</summary>
    [Theory]
    [InlineData("{Message:lj}", "Order {Id} of {Customer} for {Total:0.00}")]
    [InlineData("{Message:j}", "Order {Id} of {Customer} for {Total:0.00}")]
    [InlineData("{Message}", "Order {Id} of {Customer} for {Total:0.00}")]
    [InlineData("{Message:l}", "{Customer,12}|{Customer,-12}|{Customer,1}")]
    [InlineData("{Message:lj}", "{Customer,12}|{Customer,-12}|{Customer,1}")]
    [InlineData("{Message:lj}", "{@Order} and {Tags} and {Tags:l}")]
    [InlineData("{Message:j}", "{@Order} and {Tags} and {Tags:l}")]
    [InlineData("{Message:l}", "{@Order} and {Tags} and {Tags:l}")]
    [InlineData("{Message:lj}", "at {When} or {When:HH:mm} or {When:yyyy-MM-dd}")]
    [InlineData("{Message:l}", "at {When} or {When:HH:mm}")]
    [InlineData("{Message:lj}", "{Day} {Guid} {Took} {Took:c}")]
    [InlineData("{Message:lj}", "{level} {source} {Missing}")]
    [InlineData("{Message:lj}", "{{{Customer}}} {Nothing} {Yes}")]
    [InlineData("{level}/{source}/{Customer}/{Id:0000}/{Customer:u}", "x")]
    [InlineData("{Message,60}|{Message,-60:lj}|", "Order {Id} of {Customer}")]
    [InlineData("{Properties}", "{Id} {When} {@Order} {Guid} {Took} {Day} {Tags}")]
    [InlineData("{Properties:j}{Customer}", "{Id}")]
    [InlineData("{Level:u3} {Level:w2} {Level,8:t4} {TraceId} {SpanId}", "x")]
    public void TheTextIsSerilogs(string template, string message)
    {
        var logEvent = Event(message, LogEventLevel.Warning, null, isTraced: true,
        [
            ("Id", new ScalarValue(17)), ("Customer", new ScalarValue("Ada \"L\"")), ("Total", new ScalarValue(6.4)),
            ("level", new ScalarValue("upper")), ("source", new ScalarValue(3)),
            ("Order", new StructureValue([new LogEventProperty("At", new ScalarValue(DateTime.UnixEpoch)),
                new LogEventProperty("To", new ScalarValue("x, y"))], "Order")),
            ("Tags", new SequenceValue([new ScalarValue("a"), new ScalarValue("b c")])),
            ("When", new ScalarValue(new DateTime(2026, 1, 2, 3, 4, 5, DateTimeKind.Utc))),
            ("Day", new ScalarValue(DayOfWeek.Friday)), ("Guid", new ScalarValue(Guid.Parse("00112233-4455-6677-8899-aabbccddeeff"))),
            ("Took", new ScalarValue(TimeSpan.FromSeconds(90))),
            ("Nothing", new ScalarValue(null)), ("Yes", new ScalarValue(true)),
        ]);
        ByWorker(logEvent, template).ShouldBe(TryBySerilog(logEvent, template).ShouldNotBeNull());
    }

    [Theory]
    [InlineData("channel", "payments")]
    [InlineData("Channel", "app")]
    public void AValueNamedChannelIsInItsMessage(string name, string shown)
    {
        var logEvent = SomeEvent.Of($"to {{{name}}}: {{Text}}", (name, "payments"), ("Text", "x"));
        ByWorker(logEvent, "{Message:lj}").ShouldBe("to payments: x\n");
        ByWorker(logEvent, "{channel}").ShouldBe(shown + "\n");
        ByWorker(SomeEvent.Of($"to {{{name}}}"), "{Message:lj} {channel}").ShouldBe($"to {{{name}}} app\n");
    }

    [Fact]
    public void ATextThatWasTooLongForItsFieldIsWholeInItsMessage()
    {
        var text = new string('x', new TemporalSinkOptions().Limits.StringLengthMax) + " \"end\"";
        var logEvent = SomeEvent.Of("{A} and {B:l}", ("A", text), ("B", text));
        ByWorker(logEvent, "{Message:lj}").ShouldBe($"{text} and {text}\n");
    }

    static string? TryBySerilog(LogEvent logEvent, string template)
    {
        try
        {
            using var output = new StringWriter(CultureInfo.InvariantCulture);
            new MessageTemplateTextFormatter(template, CultureInfo.InvariantCulture).Format(logEvent, output);
            var text = output.ToString();
            return text.EndsWith('\n') ? text : text + "\n";
        }
        catch (FormatException)
        {
            return null;
        }
    }

    static string ByWorker(LogEvent logEvent, string template)
    {
        var lines = new ArrayBufferWriter<byte>();
        TextFormatter.Write(Encoding.UTF8.GetBytes(Line(logEvent)), TextTemplate.Parse(template), lines);
        return Encoding.UTF8.GetString(lines.WrittenSpan);
    }

    static string Line(LogEvent logEvent) => Encoding.UTF8.GetString(Records.Format(logEvent).Complete(7));
}
