using System.Text.Json;
using System.Text.Json.Serialization;

namespace LogPipeline.Workflows;

// A header is made into an object before anything can look at it, and a cached workflow keeps it. A text of 2 MiB can be
// a hundred thousand names, which take many times as much. What is longer than any header's is cut here, so that it
// still shows that it is too long.

/// <summary>Counts by name. One more than is shown is kept, and the rest is left out: they are for people alone.</summary>
sealed class BoundedCounts : JsonConverter<IReadOnlyDictionary<string, int>>
{
    public const int NamesMax = 1_000;

    public override IReadOnlyDictionary<string, int> Read(ref Utf8JsonReader reader, Type typeToConvert,
        JsonSerializerOptions options)
    {
        if (reader.TokenType != JsonTokenType.StartObject) throw new JsonException("Counts are no object.");
        var counts = new Dictionary<string, int>();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isKept = counts.Count <= NamesMax;
            var name = isKept ? BoundedText.Cut(reader.GetString()!) : "";
            reader.Read();
            if (isKept) counts[name] = reader.GetInt32();
            else reader.Skip();
        }
        return counts;
    }

    public override void Write(Utf8JsonWriter writer, IReadOnlyDictionary<string, int> value,
        JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (name, count) in value) writer.WriteNumber(name, count);
        writer.WriteEndObject();
    }
}

/// <summary>A text of which one character more than any header's may have is kept.</summary>
sealed class BoundedText : JsonConverter<string>
{
    public const int LengthMax = 1_000;

    public static string Cut(string text) => text.Length <= LengthMax ? text : text[..(LengthMax + 1)];

    public override string Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        Cut(reader.GetString() ?? "");

    public override void Write(Utf8JsonWriter writer, string value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value);
}
