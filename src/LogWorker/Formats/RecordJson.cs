namespace LogPipeline.Worker.Formats;

/// <summary>A record as JSON.</summary>
static class RecordJson
{
    /// <summary>A reader before a record's first token. It throws <see cref="JsonException"/> where the record is no JSON or too deep.</summary>
    public static Utf8JsonReader ReaderOf(ReadOnlySpan<byte> record) => new(record, new JsonReaderOptions { MaxDepth = LogBatchRecords.DepthMax });

    /// <summary>Whether it is one JSON object and nothing else, as may be read to its end.</summary>
    public static bool IsObject(ReadOnlySpan<byte> record)
    {
        if (record.IsEmpty || record[0] != (byte)'{') return false;
        try
        {
            var reader = ReaderOf(record);
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
}
