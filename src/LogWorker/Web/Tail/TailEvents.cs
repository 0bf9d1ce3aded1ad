using System.Buffers;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Web.Tail;

/// <summary>
/// Writes server-sent events (https://html.spec.whatwg.org/multipage/server-sent-events.html): a line is the data of one
/// event, with <c>message</c> and <c>batch</c> added. A property of the application's of such a name gets '_' appended.
/// </summary>
static class TailEvents
{
    /// <summary>A longer record is not rendered: its template could repeat a long value a hundred times.</summary>
    const int RenderedBytesMax = 16 * 1024;

    public static void WriteStart(IBufferWriter<byte> output) => output.Write("retry: 2000\n\n"u8);

    /// <summary>A comment, so that either side sees whether the other is there.</summary>
    public static void WriteHeartbeat(IBufferWriter<byte> output) => output.Write(":\n\n"u8);

    public static void WriteGap(int missed, IBufferWriter<byte> output) => output.Write(
        Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"event: gap\ndata: {{\"missed\":{missed}}}\n\n")));

    public static void Write(TailLine line, IBufferWriter<byte> output)
    {
        output.Write("data: "u8);
        if (line.Format == LogFormat.Text) WriteText(line, output);
        else WriteObject(line, output);
        output.Write("\n\n"u8);
    }

    static void WriteObject(TailLine line, IBufferWriter<byte> output)
    {
        var record = line.Bytes.Span;
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        Range message = default, template = default;
        output.Write("{"u8);
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = reader.ValueSpan;
            var isTaken = IsTaken(ref reader, line.Format);
            var isMessage = RecordJson.TextEquals(ref reader, "@m"u8);
            var isTemplate = RecordJson.TextEquals(ref reader, "@mt"u8);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = start..(int)reader.BytesConsumed;
            if (isMessage) message = value;
            if (isTemplate) template = value;
            output.Write("\""u8);
            output.Write(name);
            output.Write(isTaken ? "_\":"u8 : "\":"u8);
            WriteOnOneLine(record[value], output);
            output.Write(","u8);
        }
        if (line.Format == LogFormat.Clef)
        {
            output.Write("\"message\":"u8);
            WriteMessage(record, record[message.Equals(default) ? template : message], isTemplate: message.Equals(default), output);
            output.Write(","u8);
        }
        output.Write("\"batch\":"u8);
        output.Write(JsonSerializer.SerializeToUtf8Bytes(line.Batch));
        output.Write("}"u8);
    }

    /// <summary>Whether an application's property has a name that is added here, or would get one.</summary>
    static bool IsTaken(ref Utf8JsonReader name, LogFormat format)
    {
        ReadOnlySpan<byte> bare = name.ValueIsEscaped
            ? Encoding.UTF8.GetBytes(RecordJson.GetTextOrRaw(ref name)) : name.ValueSpan;
        bare = bare.TrimEnd((byte)'_');
        return bare.SequenceEqual("batch"u8) || (format == LogFormat.Clef && bare.SequenceEqual("message"u8));
    }

    // The sink leaves the message out where it is the template, and another sender may leave out any.
    static void WriteMessage(ReadOnlySpan<byte> record, ReadOnlySpan<byte> json, bool isTemplate, IBufferWriter<byte> output)
    {
        var isText = json.StartsWith("\""u8);
        if (isText && (!isTemplate || !json.Contains((byte)'{') || record.Length > RenderedBytesMax)) output.Write(json);
        else if (json.IsEmpty) output.Write("\"\""u8);
        else
            output.Write(JsonSerializer.SerializeToUtf8Bytes(
                RecordedEvent.Read(record, new HashSet<string>()).RenderMessage(CultureInfo.InvariantCulture)));
    }

    // A return would end the event's line; in JSON it can only stand between two words.
    static void WriteOnOneLine(ReadOnlySpan<byte> json, IBufferWriter<byte> output)
    {
        for (int at; (at = json.IndexOf((byte)'\r')) >= 0; json = json[(at + 1)..])
        {
            output.Write(json[..at]);
            output.Write(" "u8);
        }
        output.Write(json);
    }

    static void WriteText(TailLine line, IBufferWriter<byte> output)
    {
        using var json = new Utf8JsonWriter(output);
        json.WriteStartObject();
        json.WriteString("message", Encoding.UTF8.GetString(line.Bytes.Span));
        json.WriteString("channel", line.Channel);
        json.WriteString("batch", line.Batch);
        json.WriteEndObject();
    }
}
