using System.Diagnostics;
using Serilog.Events;
using Serilog.Parsing;
using Fields = System.Collections.Generic.Dictionary<string, Serilog.Events.LogEventPropertyValue>;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// Makes an event of Serilog's of a record, for a renderer of Serilog's: properties under the names that they had
/// before they gave way to the pipeline's, the message so that it reads as the application rendered it.
/// </summary>
static class RecordedEvent
{
    /// <summary>Most values in a message; one with more is shown as it was rendered.</summary>
    const int HolesMax = 100;

    static readonly string[] PipelineFields =
        [RecordFields.Level, RecordFields.Channel, RecordFields.Source, RecordFields.Instance, RecordFields.Sequence,
            RecordFields.Truncated];

    /// <param name="record">One JSON object.</param>
    /// <param name="shown">Names that are asked for. A field of the pipeline is among the properties only if its name
    /// is here and the application has no property of that name.</param>
    public static LogEvent Read(ReadOnlySpan<byte> record, IReadOnlySet<string> shown)
    {
        var fields = ReadFields(record);
        var properties = new Fields(StringComparer.Ordinal);
        foreach (var (name, value) in fields)
            if (PropertyOf(name) is { } property) properties.TryAdd(property, value);
        var message = Message(fields, properties, shown);
        foreach (var name in PipelineFields)
            if (shown.Contains(name) && fields.TryGetValue(name, out var field)) properties.TryAdd(name, field);

        var exception = TextOf(fields, "@x") is { } printed ? new RecordedException(printed) : null;
        return new LogEvent(Time(fields), LevelOf(fields), exception, message,
            properties.Where(property => LogEventProperty.IsValidName(property.Key))
                .Select(property => new LogEventProperty(property.Key, property.Value)),
            TextOf(fields, "@tr") is { Length: 32 } trace && IsHex(trace)
                ? ActivityTraceId.CreateFromString(trace) : default,
            TextOf(fields, "@sp") is { Length: 16 } span && IsHex(span)
                ? ActivitySpanId.CreateFromString(span) : default);
    }

    /// <summary>By name; of a repeated one the first counts.</summary>
    static Fields ReadFields(ReadOnlySpan<byte> record)
    {
        var fields = new Fields(StringComparer.Ordinal);
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = RecordJson.GetTextOrRaw(ref reader);
            reader.Read();
            fields.TryAdd(name, RecordedValue.Read(ref reader));
        }
        return fields;
    }

    static MessageTemplate Message(Fields fields, Fields properties, IReadOnlySet<string> shown)
    {
        if (TextOf(fields, "@mt") is not { } text) return Literal(TextOf(fields, "@m") ?? "");
        var tokens = new MessageTemplateParser().Parse(text).Tokens.ToList();
        var message = TextOf(fields, "@m");
        if (IsBounded(tokens) && (message is null || RenderedMessage.TryAdopt(message, tokens, properties)))
        {
            // A hole without a property shows itself, also where a field of the pipeline has its name.
            bool IsMissing(MessageTemplateToken token) =>
                token is PropertyToken hole && !properties.ContainsKey(hole.PropertyName);
            return new MessageTemplate(text,
                tokens.Select(token => IsMissing(token) ? new TextToken(token.ToString()!) : token));
        }
        foreach (var hole in tokens.OfType<PropertyToken>())
            if (!shown.Contains(hole.PropertyName)) properties.Remove(hole.PropertyName);
        return Literal(message ?? text);
    }

    /// <summary>A record from elsewhere may ask for a line of a billion spaces.</summary>
    static bool IsBounded(List<MessageTemplateToken> tokens)
    {
        var holes = tokens.OfType<PropertyToken>().ToList();
        return holes.Count <= HolesMax
            && holes.TrueForAll(hole =>
            hole.Alignment is null or { Width: <= TextTemplate.WidthMax } && TextTemplate.IsAllowedFormat(hole.Format));
    }

    static MessageTemplate Literal(string text) => new(text, [new TextToken(text)]);

    /// <summary>The application's own name for a field; null: the field is CLEF's or the pipeline's.</summary>
    static string? PropertyOf(string field)
    {
        if (field.StartsWith('@')) return field.StartsWith("@@", StringComparison.Ordinal) ? field[1..] : null;
        if (!PipelineFields.Contains(field.TrimEnd('_'))) return field;
        return field.EndsWith('_') ? field[..^1] : null;
    }

    static string? TextOf(Fields fields, string name) =>
        fields.GetValueOrDefault(name) switch { null => null, ScalarValue { Value: string text } => text, var other =>
            other.ToString(null, CultureInfo.InvariantCulture) };

    // A record without a time gets one that is the same every time.
    static DateTimeOffset Time(Fields fields) =>
        DateTimeOffset.TryParse(TextOf(fields, "@t"), CultureInfo.InvariantCulture,
            DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time)
            ? time
            : DateTimeOffset.UnixEpoch;

    // CLEF leaves the level of informational events out.
    static LogEventLevel LevelOf(Fields fields) =>
        (LogEventLevel)(RecordLevels.Parse(TextOf(fields, RecordFields.Level))
            ?? RecordLevels.Parse(TextOf(fields, "@l")) ?? RecordLevel.Info);

    static bool IsHex(string text) => !text.AsSpan().ContainsAnyExcept("0123456789abcdef");

    sealed class RecordedException(string text) : Exception
    {
        public override string ToString() => text;
    }
}
