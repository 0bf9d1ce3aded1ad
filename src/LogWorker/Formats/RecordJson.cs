namespace LogPipeline.Worker.Formats;

/// <summary>
/// Reads a record as JSON. A text in it may not be decodable: half of a surrogate pair can be written with an escape,
/// and bytes need not be UTF-8.
/// </summary>
static class RecordJson
{
    /// <summary>
    /// A reader before a record's first token. It throws <see cref="JsonException"/> where the record is no JSON or too
    /// deep.
    /// </summary>
    public static Utf8JsonReader CreateReader(ReadOnlySpan<byte> record) =>
        new(record, new JsonReaderOptions { MaxDepth = LogBatchRecords.DepthMax });

    /// <summary>Whether it is one JSON object and nothing else, as may be read to its end.</summary>
    public static bool IsObject(ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty || record[0] != (byte)'{') return false;
        try
        {
            var reader = CreateReader(record);
            while (reader.Read())
            {
            }
            return true;
        }
        catch (JsonException)
        {
            return false;
        }
    }

    /// <summary>The text of the property's name or string that the reader is at; null: it cannot be decoded.</summary>
    public static string? GetText(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>The text, or its bytes as they are where it cannot be decoded.</summary>
    public static string GetTextOrRaw(ref Utf8JsonReader reader) =>
        GetText(ref reader) ?? Encoding.UTF8.GetString(reader.ValueSpan);

    /// <summary>
    /// Compares without an allocation where nothing is escaped; the reader's own comparison throws at half a pair.
    /// </summary>
    public static bool TextEquals(ref Utf8JsonReader reader, ReadOnlySpan<byte> text) =>
        reader.ValueIsEscaped
            ? GetText(ref reader) is { } read && read == Encoding.UTF8.GetString(text)
            : reader.ValueSpan.SequenceEqual(text);
}
