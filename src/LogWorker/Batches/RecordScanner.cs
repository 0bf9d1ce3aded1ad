using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Batches;

/// <summary>What the worker needs to know of a record; null where the record does not say.</summary>
readonly record struct RecordFacts(string? Channel, string? Source, string? Instance, long? Sequence, string? Level = null, string? ClefLevel = null);

/// <summary>Reads a record's own fields from the top level of its CLEF object. Of a repeated field the first counts.</summary>
static class RecordScanner
{
    static readonly byte[] Channel = Encoding.UTF8.GetBytes(RecordFields.Channel);
    static readonly byte[] Source = Encoding.UTF8.GetBytes(RecordFields.Source);
    static readonly byte[] Instance = Encoding.UTF8.GetBytes(RecordFields.Instance);
    static readonly byte[] Sequence = Encoding.UTF8.GetBytes(RecordFields.Sequence);
    static readonly byte[] Level = Encoding.UTF8.GetBytes(RecordFields.Level);

    public static RecordFacts Read(ReadOnlySpan<byte> record)
    {
        string? channel = null, source = null, instance = null, level = null, clefLevel = null;
        long? sequence = null;
        var reader = RecordJson.ReaderOf(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (JsonText.Is(ref reader, Channel)) channel ??= Text(ref reader);
            else if (JsonText.Is(ref reader, Source)) source ??= Text(ref reader);
            else if (JsonText.Is(ref reader, Instance)) instance ??= Text(ref reader);
            else if (JsonText.Is(ref reader, Sequence)) sequence ??= Number(ref reader);
            else if (JsonText.Is(ref reader, Level)) level ??= Text(ref reader);
            else if (JsonText.Is(ref reader, "@l"u8)) clefLevel ??= Text(ref reader);
            else reader.Skip();
        }
        return new RecordFacts(channel, source, instance, sequence, level, clefLevel);
    }

    static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType != JsonTokenType.String)
        {
            reader.Skip();
            return null;
        }
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair has no text; as it was written it still names one channel and no other.
            return Encoding.Latin1.GetString(reader.ValueSpan);
        }
    }

    static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)) return number;
        reader.Skip();
        return null;
    }
}
