using System.Buffers;
using System.Text.Encodings.Web;

namespace LogPipeline.Worker.Formats;

// {"timestamp":…,"level":…,"message":…,"template":…,"exception":…,"trace_id":…,"span_id":…,"channel":…,"source":…,"instance":…,"seq":…,
// properties}
//
// Fields keep the order that they have in the record. A property of the application's that has one of these names gets
// '_' appended, and so does one with '_' appended already, so that no two are ever the same.

/// <summary>
/// A record for readers that know no CLEF: each of its fields under a plain name. <c>message</c> is always there, also
/// where CLEF has the template alone, and <c>level</c> too.
/// </summary>
static class FlatJsonFormatter
{
    static readonly (byte[] Clef, byte[] Plain)[] Renamed =
    [
        ("@t"u8.ToArray(), "timestamp"u8.ToArray()), ("@m"u8.ToArray(), "message"u8.ToArray()),
        ("@mt"u8.ToArray(), "template"u8.ToArray()),
        ("@x"u8.ToArray(), "exception"u8.ToArray()), ("@tr"u8.ToArray(), "trace_id"u8.ToArray()),
        ("@sp"u8.ToArray(), "span_id"u8.ToArray()),
        ("@i"u8.ToArray(), "event_id"u8.ToArray()),
    ];

    /// <param name="record">One CLEF object.</param>
    /// <param name="lines">Receives one line, its line feed included.</param>
    public static void Write(ReadOnlySpan<byte> record, IBufferWriter<byte> lines)
    {
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        Range template = default, level = default;
        var (hasMessage, hasLevel, separator) = (false, false, (byte)'{');
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = Name(ref reader, out var isPipelineField);
            reader.Read();
            var value = ValueOf(ref reader);
            if (isPipelineField && name.SequenceEqual("@l"u8))
            {
                level = value;
                continue;
            }
            if (isPipelineField && name.SequenceEqual("template"u8)) template = value;
            hasMessage |= isPipelineField && name.SequenceEqual("message"u8);
            hasLevel |= name.SequenceEqual("level"u8);
            Field(lines, ref separator, name, record[value]);
        }
        if (!hasMessage && !template.Equals(default)) Field(lines, ref separator, "message"u8, record[template]);
        if (!hasLevel)
            Field(lines, ref separator, "level"u8, Encoding.UTF8.GetBytes($"\"{LevelOf(record[level]).LokiName()}\""));
        lines.Write("}\n"u8);
    }

    static void Field(IBufferWriter<byte> lines, ref byte separator, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value)
    {
        lines.Write([separator, (byte)'"']);
        lines.Write(name);
        lines.Write("\":"u8);
        lines.Write(value);
        separator = (byte)',';
    }

    static Range ValueOf(ref Utf8JsonReader reader)
    {
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return start..(int)reader.BytesConsumed;
    }

    /// <summary>The field's plain name, escaped as JSON has it.</summary>
    static ReadOnlySpan<byte> Name(ref Utf8JsonReader reader, out bool isPipelineField)
    {
        isPipelineField = true;
        foreach (var (clef, plain) in Renamed)
            if (RecordJson.TextEquals(ref reader, clef)) return plain;
        if (RecordJson.TextEquals(ref reader, "@l"u8)) return "@l"u8;
        isPipelineField = false;
        var raw = reader.ValueSpan;
        if (!reader.ValueIsEscaped)
        {
            // CLEF doubles the '@' that a property's name begins with.
            if (raw.StartsWith("@@"u8)) raw = raw[1..];
            return IsTaken(raw) ? (byte[])[.. raw, (byte)'_'] : raw;
        }
        if (RecordJson.GetText(ref reader) is not { } name) return raw;
        if (name.StartsWith("@@", StringComparison.Ordinal)) name = name[1..];
        if (IsTaken(Encoding.UTF8.GetBytes(name))) name += "_";
        return JsonEncodedText.Encode(name, JavaScriptEncoder.UnsafeRelaxedJsonEscaping).EncodedUtf8Bytes;
    }

    static bool IsTaken(ReadOnlySpan<byte> name)
    {
        var bare = name.TrimEnd((byte)'_');
        foreach (var (_, plain) in Renamed)
            if (bare.SequenceEqual(plain)) return true;
        return false;
    }

    // CLEF leaves the level of informational events out.
    static RecordLevel LevelOf(ReadOnlySpan<byte> json) =>
        json.Length > 2 && json[0] == (byte)'"' && RecordLevels.Parse(Encoding.UTF8.GetString(json[1..^1])) is { } level
            ? level : RecordLevel.Info;
}
