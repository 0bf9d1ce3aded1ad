using System.Diagnostics;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>
/// An event of a line that is a JSON object: of CLEF, whose names begin with '@', or with the names that other loggers
/// use. What is taken as time, level, message, exception or trace is no property; everything else is one.
/// </summary>
sealed class JsonEvent
{
    const int TemplatesMax = 1_000;

    static readonly string[] TimeNames = ["@t", "timestamp", "time", "ts"];
    static readonly string[] LevelNames = ["@l", "level", "severity"];
    static readonly string[] MessageNames = ["@m", "message", "msg"];

    static readonly Dictionary<string, LogEventLevel> Levels = new(StringComparer.OrdinalIgnoreCase)
    {
        ["verbose"] = LogEventLevel.Verbose,
        ["trace"] = LogEventLevel.Verbose,
        ["debug"] = LogEventLevel.Debug,
        ["info"] = LogEventLevel.Information,
        ["information"] = LogEventLevel.Information,
        ["informational"] = LogEventLevel.Information,
        ["notice"] = LogEventLevel.Information,
        ["warn"] = LogEventLevel.Warning,
        ["warning"] = LogEventLevel.Warning,
        ["err"] = LogEventLevel.Error,
        ["error"] = LogEventLevel.Error,
        ["fatal"] = LogEventLevel.Fatal,
        ["critical"] = LogEventLevel.Fatal,
        ["crit"] = LogEventLevel.Fatal,
        ["alert"] = LogEventLevel.Fatal,
        ["emerg"] = LogEventLevel.Fatal,
        ["emergency"] = LogEventLevel.Fatal,
        ["panic"] = LogEventLevel.Fatal,
    };

    readonly MessageTemplateParser _parser = new();
    readonly Dictionary<string, MessageTemplate> _templates = new(StringComparer.Ordinal);

    /// <param name="level">Of a line that names none.</param>
    /// <param name="timeOfLine">Asked for the time of a line that names none.</param>
    /// <returns>Null: the line is no JSON object.</returns>
    public LogEvent? Read(string line, LogEventLevel level, Func<DateTimeOffset> timeOfLine)
    {
        if (!line.AsSpan().TrimStart().StartsWith('{')) return null;
        try
        {
            using var json = JsonDocument.Parse(line);
            return Read(json.RootElement, level, timeOfLine);
        }
        // The second is what a text with half a character throws.
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            return null;
        }
    }

    LogEvent Read(JsonElement line, LogEventLevel level, Func<DateTimeOffset> timeOfLine)
    {
        var taken = new HashSet<string>(StringComparer.Ordinal);
        DateTimeOffset? time = Take<DateTimeOffset>(line, TimeNames, taken, TryTime);
        level = Take<LogEventLevel>(line, LevelNames, taken, TryLevel) ?? level;
        var template = Text(line, "@mt", taken);
        var message = MessageNames.Select(name => template is null || name == "@m" ? Text(line, name, taken) : null)
            .FirstOrDefault(text => text is not null);
        var exception = Text(line, "@x", taken) is { } text ? new RecordedException(text) : null;
        var trace = Text(line, "@tr", taken, IsHex(32));
        var span = Text(line, "@sp", taken, IsHex(16));
        // How values with a format were rendered, and a number of the template: both follow from the template.
        if (template is not null) taken.UnionWith(["@r", "@i"]);
        var properties = new Dictionary<string, LogEventProperty>(StringComparer.Ordinal);
        foreach (var field in line.EnumerateObject())
        {
            if (taken.Contains(field.Name) || string.IsNullOrWhiteSpace(field.Name)) continue;
            var name = field.Name.StartsWith("@@", StringComparison.Ordinal) ? field.Name[1..] : field.Name;
            properties[name] = new LogEventProperty(name, Value(field.Value));
        }
        return new LogEvent(time ?? timeOfLine(), level, exception,
            template is null ? EventMaker.Literally(message ?? "") : TemplateOf(template), properties.Values,
            trace is null ? default : ActivityTraceId.CreateFromString(trace),
            span is null ? default : ActivitySpanId.CreateFromString(span));
    }

    delegate bool Reader<T>(JsonElement value, out T read);

    /// <summary>
    /// What the first of the names says whose value can be read. The others stay properties unless they say the same.
    /// </summary>
    static T? Take<T>(JsonElement line, string[] names, HashSet<string> taken, Reader<T> reader) where T : struct
    {
        T? first = null;
        foreach (var name in names)
        {
            if (!line.TryGetProperty(name, out var value) || !reader(value, out var read)) continue;
            first ??= read;
            if (first.Equals(read)) taken.Add(name);
        }
        return first;
    }

    static string? Text(JsonElement line, string name, HashSet<string> taken, Func<string, bool>? isRight = null)
    {
        if (!line.TryGetProperty(name, out var value) || value.ValueKind != JsonValueKind.String) return null;
        var text = value.GetString()!;
        if (isRight?.Invoke(text) == false) return null;
        taken.Add(name);
        return text;
    }

    static Func<string, bool> IsHex(int length) =>
        text => text.Length == length && text.All(char.IsAsciiHexDigitLower) && text.AsSpan().ContainsAnyExcept('0');

    static bool TryTime(JsonElement value, out DateTimeOffset time)
    {
        time = default;
        if (value.ValueKind is not (JsonValueKind.String or JsonValueKind.Number)) return false;
        var text = value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();
        // Neither form needs the time now; a text without a zone is UTC here, as loggers of JSON write it.
        return Timestamps.TryRead(TimestampForm.Iso8601, text, default, TimeZoneInfo.Utc, out time)
            || Timestamps.TryRead(TimestampForm.Epoch, text, default, TimeZoneInfo.Utc, out time);
    }

    static bool TryLevel(JsonElement value, out LogEventLevel level)
    {
        level = default;
        if (value.ValueKind == JsonValueKind.String) return Levels.TryGetValue(value.GetString()!, out level);
        // Pino and bunyan count in tens from trace on.
        if (value.ValueKind != JsonValueKind.Number || !value.TryGetInt32(out var number) || number is < 10 or > 69)
            return false;
        level = (LogEventLevel)(number / 10 - 1);
        return true;
    }

    MessageTemplate TemplateOf(string template)
    {
        if (_templates.TryGetValue(template, out var parsed)) return parsed;
        if (_templates.Count == TemplatesMax) _templates.Clear();
        return _templates[template] = _parser.Parse(template);
    }

    static LogEventPropertyValue Value(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => new ScalarValue(value.GetString()),
        JsonValueKind.Number => new ScalarValue(Number(value)),
        JsonValueKind.True or JsonValueKind.False => new ScalarValue(value.GetBoolean()),
        JsonValueKind.Array => new SequenceValue(value.EnumerateArray().Select(Value)),
        JsonValueKind.Object => Structure(value),
        _ => new ScalarValue(null),
    };

    static StructureValue Structure(JsonElement value)
    {
        var tag = value.TryGetProperty("$type", out var type) && type.ValueKind == JsonValueKind.String
            ? type.GetString() : null;
        return new StructureValue(value.EnumerateObject()
            .Where(field => field.Name != "$type" && !string.IsNullOrWhiteSpace(field.Name))
            .Select(field => new LogEventProperty(field.Name, Value(field.Value))), tag);
    }

    // A number that no type of .NET holds to the digit stays its text.
    static object Number(JsonElement value)
    {
        if (value.TryGetInt64(out var whole)) return whole;
        if (value.TryGetDecimal(out var exact)
            && exact.ToString(CultureInfo.InvariantCulture) == value.GetRawText()) return exact;
        return value.TryGetDouble(out var real) && double.IsFinite(real) ? real : value.GetRawText();
    }

    /// <summary>An exception of which the text is known.</summary>
    sealed class RecordedException(string text) : Exception
    {
        public override string Message => text;

        public override string ToString() => text;
    }
}
