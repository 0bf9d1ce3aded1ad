using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Batches;

/// <summary>What the worker needs to know of a record; null: the record has no such field.</summary>
readonly record struct RecordFacts(string? Channel, string? Source, string? Instance, long? Sequence, string? Level =
    null, string? ClefLevel = null)
{
    static readonly byte[] ChannelField = Encoding.UTF8.GetBytes(RecordFields.Channel);
    static readonly byte[] SourceField = Encoding.UTF8.GetBytes(RecordFields.Source);
    static readonly byte[] InstanceField = Encoding.UTF8.GetBytes(RecordFields.Instance);
    static readonly byte[] SequenceField = Encoding.UTF8.GetBytes(RecordFields.Sequence);
    static readonly byte[] LevelField = Encoding.UTF8.GetBytes(RecordFields.Level);

    /// <summary>
    /// Reads the fields from the top level of a record's CLEF object. Of a repeated field the first counts.
    /// </summary>
    public static RecordFacts Read(ReadOnlySpan<byte> record)
    {
        string? channel = null, source = null, instance = null, level = null, clefLevel = null;
        long? sequence = null;
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (RecordJson.TextEquals(ref reader, ChannelField)) channel ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, SourceField)) source ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, InstanceField)) instance ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, SequenceField)) sequence ??= Number(ref reader);
            else if (RecordJson.TextEquals(ref reader, LevelField)) level ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@l"u8)) clefLevel ??= Text(ref reader);
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
        // Half a surrogate pair has no text; as it was written it still names one channel and no other.
        return RecordJson.GetText(ref reader) ?? Encoding.Latin1.GetString(reader.ValueSpan);
    }

    static long? Number(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.Number && reader.TryGetInt64(out var number)) return number;
        reader.Skip();
        return null;
    }
}
