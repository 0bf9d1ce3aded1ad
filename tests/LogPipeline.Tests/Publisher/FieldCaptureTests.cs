using System.Globalization;
using System.Text.Json;
using LogPipeline.Publisher;
using LogPipeline.Publisher.Capture;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Tests.Publisher;

/// <summary>The rows of tests/Field/capture.json: an event, and what stands of it in its record.</summary>
public sealed class FieldCaptureTests
{
    const string Table = "capture";

    static readonly RecordFormatter Records = new(new CaptureContext(new TemporalSinkOptions { Source = "shop" }), "i1");

    public static IEnumerable<object[]> Names => FieldTable.Names(Table);

    [Theory]
    [MemberData(nameof(Names))]
    public void AnEventIsRecordedAsTheTableSays(string name)
    {
        var row = FieldTable.Row(Table, name);
        using var json = JsonDocument.Parse(Records.Format(Event(row.Input)).Complete(7));
        foreach (var field in row.Expected.GetProperty("fields").EnumerateObject())
            Plain(json.RootElement.GetProperty(field.Name)).ShouldBe(Plain(field.Value), field.Name);
        if (!row.Expected.TryGetProperty("absent", out var absent)) return;
        foreach (var field in absent.EnumerateArray())
            json.RootElement.TryGetProperty(field.GetString()!, out _).ShouldBeFalse(field.GetString());
    }

    /// <summary>A text without its escapes; numbers by their digits; the rest without blanks.</summary>
    static string Plain(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => "\"" + value.GetString() + "\"",
        JsonValueKind.Object => "{" + string.Join(",", value.EnumerateObject().Select(p => p.Name + ":" + Plain(p.Value))) + "}",
        JsonValueKind.Array => "[" + string.Join(",", value.EnumerateArray().Select(Plain)) + "]",
        _ => value.GetRawText(),
    };

    static LogEvent Event(JsonElement input) => new(Some.Instant,
        input.TryGetProperty("level", out var level) ? Enum.Parse<LogEventLevel>(level.GetString()!) : LogEventLevel.Information,
        input.TryGetProperty("exception", out var exception) ? new InvalidOperationException(exception.GetString()) : null,
        new MessageTemplateParser().Parse(input.GetProperty("template").GetString()!),
        input.GetProperty("properties").EnumerateObject().Select(p => new LogEventProperty(p.Name, Value(p.Value))));

    static LogEventPropertyValue Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new ScalarValue(value.GetString()),
        JsonValueKind.Number => new ScalarValue(value.TryGetInt64(out var whole) ? (object)whole : value.GetDouble()),
        JsonValueKind.True or JsonValueKind.False => new ScalarValue(value.GetBoolean()),
        JsonValueKind.Array => new SequenceValue(value.EnumerateArray().Select(Value)),
        JsonValueKind.Object => Object(value),
        _ => new ScalarValue(null),
    };

    /// <summary>An object, or a value that JSON has no kind for: <c>{"$double":"NaN"}</c>.</summary>
    static LogEventPropertyValue Object(JsonElement value)
    {
        var fields = value.EnumerateObject().ToList();
        if (fields is not [{ Name: ['$', ..] } special])
            return new StructureValue(fields.Select(field => new LogEventProperty(field.Name, Value(field.Value))));
        var text = special.Value.GetString()!;
        return new ScalarValue(special.Name switch
        {
            "$double" => double.Parse(text, CultureInfo.InvariantCulture),
            "$decimal" => decimal.Parse(text, CultureInfo.InvariantCulture),
            "$half" => text.Replace('?', '\ud83d'),
            var other => throw new NotSupportedException(other),
        });
    }
}
