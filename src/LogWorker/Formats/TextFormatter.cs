using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;
using LogPipeline.Workflows;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// A record as text, for people. Line breaks in a message and an exception stay line breaks, as in any text log; so one record
/// may be several lines, and a message can look like two. CR LF and lone CR become LF, other control characters but tabs
/// become '?', so that no message steers a terminal. Times are UTC: the same text on every worker.
/// </summary>
sealed class TextFormatter(TextTemplate template) : LineFormatter
{
    const string MessageName = "Message";

    static readonly string[] Ours =
        [RecordFields.Level, RecordFields.Channel, RecordFields.Source, RecordFields.Instance, RecordFields.Sequence, RecordFields.Truncated];

    public override void Write(ReadOnlySpan<byte> record, IBufferWriter<byte> lines)
    {
        var fields = RecordText.Of(record);
        var text = new StringBuilder();
        foreach (var part in template.Parts)
        {
            var shown = part.Name is null ? part.Text! : Show(fields, part);
            var missing = Math.Abs(part.Width) - shown.Length;
            if (missing > 0) shown = part.Width > 0 ? shown.PadLeft(part.Width) : shown.PadRight(-part.Width);
            text.Append(shown);
        }
        if (text.Length == 0 || text[^1] != '\n') text.Append('\n');
        lines.Write(Encoding.UTF8.GetBytes(Harmless(text)));
    }

    string Show(RecordText record, TemplatePart part) => part.Name switch
    {
        "NewLine" => "\n",
        "Timestamp" => Time(record.TextOf("@t"), part.Text),
        "Level" => LevelOf(record).Shown(part.Text),
        MessageName => Message(record, part.Text),
        // Serilog ends an exception's lines, so that nothing stands behind it.
        "Exception" => record.TextOf("@x") is { Length: > 0 } exception ? exception.TrimEnd('\r', '\n') + "\n" : "",
        "TraceId" => record.TextOf("@tr") ?? "",
        "SpanId" => record.TextOf("@sp") ?? "",
        "Properties" => Rest(record),
        _ => Value(record.Find(part.Name![0] == '@' ? "@" + part.Name : part.Name), part.Text),
    };

    static string Time(string? text, string? format) =>
        DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time)
            ? time.ToUniversalTime().ToString(format, CultureInfo.InvariantCulture)
            : text ?? "";

    // CLEF leaves the level of informational events out.
    static RecordLevel LevelOf(RecordText record) =>
        RecordLevels.Parse(record.TextOf(RecordFields.Level)) ?? RecordLevels.Parse(record.TextOf("@l")) ?? RecordLevel.Info;

    static string Message(RecordText record, string? format)
    {
        if (record.TextOf("@m") is not { } message) return record.TextOf("@mt") ?? "";
        return format is not null && format.Contains('l') && record.TextOf("@mt") is { } messageTemplate ? LiteralMessage.Of(message, messageTemplate, record) : message;
    }

    /// <summary>As JSON, what neither the line nor the message shows.</summary>
    string Rest(RecordText record)
    {
        var message = record.TextOf("@mt") ?? "";
        var text = new StringBuilder("{");
        foreach (var (name, field) in record.Fields)
        {
            if ((name.StartsWith('@') && !name.StartsWith("@@", StringComparison.Ordinal)) || Ours.Contains(name) || template.Parts.Any(part => part.Name == name) || Names(message, name)) continue;
            text.Append(text.Length > 1 ? "," : "").Append(JsonSerializer.Serialize(name.StartsWith('@') ? name[1..] : name, RelaxedJson.Options)).Append(':');
            text.Append(field.IsString ? JsonSerializer.Serialize(field.Text, RelaxedJson.Options) : field.Text);
        }
        return text.Append('}').ToString();
    }

    static bool Names(string message, string name)
    {
        for (var at = message.IndexOf(name, StringComparison.Ordinal); at > 0; at = message.IndexOf(name, at + 1, StringComparison.Ordinal))
        {
            var (before, end) = (message[at - 1], at + name.Length);
            if (before is '{' or '@' or '$' && end < message.Length && message[end] is '}' or ',' or ':') return true;
        }
        return false;
    }

    static string Value(FieldText? field, string? format)
    {
        if (field is not { } value || value.Kind == JsonTokenType.Null) return "";
        if (value.Kind != JsonTokenType.Number || format is null || !decimal.TryParse(value.Text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number)) return value.Text;
        try
        {
            return number.ToString(format, CultureInfo.InvariantCulture);
        }
        catch (FormatException)
        {
            return value.Text;
        }
    }

    static string Harmless(StringBuilder text)
    {
        var lines = text.Replace("\r\n", "\n").Replace('\r', '\n').ToString();
        return !lines.Any(IsControl) ? lines : string.Create(lines.Length, lines, static (target, source) =>
        {
            for (var i = 0; i < source.Length; i++) target[i] = IsControl(source[i]) ? '?' : source[i];
        });
    }

    static bool IsControl(char c) => char.IsControl(c) && c is not ('\n' or '\t');
}
