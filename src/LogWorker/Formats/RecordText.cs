using System.Text;
using System.Text.Json;

namespace LogPipeline.Worker.Formats;

/// <summary>A record's fields by name. Of a repeated field the first counts.</summary>
sealed class RecordText
{
    readonly Dictionary<string, FieldText> _fields = new(StringComparer.Ordinal);

    RecordText()
    {
    }

    /// <summary>In the record's order.</summary>
    public IEnumerable<KeyValuePair<string, FieldText>> Fields => _fields;

    public FieldText? Find(string name) => _fields.TryGetValue(name, out var field) ? field : null;

    public string? TextOf(string name) => Find(name)?.Text;

    public static RecordText Of(ReadOnlySpan<byte> record)
    {
        var text = new RecordText();
        var reader = RecordJson.ReaderOf(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var name = JsonText.OrRaw(ref reader);
            reader.Read();
            var start = (int)reader.TokenStartIndex;
            var kind = reader.TokenType;
            var value = kind == JsonTokenType.String ? JsonText.OrRaw(ref reader) : null;
            reader.Skip();
            text._fields.TryAdd(name, new FieldText(value ?? Encoding.UTF8.GetString(record[start..(int)reader.BytesConsumed]), kind));
        }
        return text;
    }
}

/// <param name="Text">A string's text, of all else its JSON.</param>
/// <param name="Kind">What JSON has there.</param>
readonly record struct FieldText(string Text, JsonTokenType Kind)
{
    public bool IsString => Kind == JsonTokenType.String;
}
