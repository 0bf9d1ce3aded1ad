using System.Buffers;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>What people read of a record.</summary>
/// <param name="Message">As the application rendered it; of text all lines.</param>
/// <param name="Exception">Null: it has none.</param>
/// <param name="Source">Null: it names none.</param>
/// <param name="Searched">What an expression is looked for in: the two texts, and each other field as <c>name=value</c>.</param>
sealed record RecordText(string Message, string? Exception, string? Source, string Searched)
{
    static readonly TextTemplate MessageAlone = TextTemplate.Parse("{Message:lj}");

    public static RecordText Of(TailedRecord record)
    {
        if (record.Format != LogFormat.Text && RecordJson.IsObject(record.Lines)) return OfJson(record);
        var text = Encoding.UTF8.GetString(record.Lines);
        return new RecordText(text, null, null, text);
    }

    static RecordText OfJson(TailedRecord record)
    {
        string? message = null, exception = null, source = null;
        var fields = new StringBuilder();
        var reader = RecordJson.CreateReader(record.Lines);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = RecordJson.GetTextOrRaw(ref reader);
            reader.Read();
            var value = ValueOf(ref reader, record.Lines);
            switch (name)
            {
                case "@m" or "message": message ??= value; break;
                case "@x" or "exception": exception ??= value; break;
                case "@mt" or "template" or "@t" or "timestamp": break;
                default: fields.Append('\n').Append(name).Append('=').Append(value); break;
            }
            if (name == RecordFields.Source) source ??= value;
        }
        message ??= Rendered(record.Lines);
        return new RecordText(message, exception, source, $"{message}\n{exception}{fields}");
    }

    static string ValueOf(ref Utf8JsonReader reader, ReadOnlySpan<byte> record)
    {
        if (reader.TokenType == JsonTokenType.String) return RecordJson.GetTextOrRaw(ref reader);
        var start = (int)reader.TokenStartIndex;
        reader.Skip();
        return Encoding.UTF8.GetString(record[start..(int)reader.BytesConsumed]);
    }

    // CLEF may have the template alone.
    static string Rendered(ReadOnlySpan<byte> record)
    {
        var lines = new ArrayBufferWriter<byte>();
        try
        {
            TextFormatter.Write(record, MessageAlone, lines);
        }
        catch (InvalidDataException)
        {
            return "";
        }
        return Encoding.UTF8.GetString(lines.WrittenSpan).TrimEnd('\n');
    }
}
