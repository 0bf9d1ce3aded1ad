using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>A line as Loki takes it.</summary>
/// <param name="Nanoseconds">The event's own time, since 1970.</param>
/// <param name="Line">The record, as CLEF, whatever the files' format is.</param>
/// <param name="TraceId">Can be searched for without being a label, as can <paramref name="SpanId"/>.</param>
readonly record struct LokiEntry(long Nanoseconds, ReadOnlyMemory<byte> Line, string? TraceId, string? SpanId)
{
    public static long NanosecondsOf(DateTimeOffset time) =>
        (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;

    /// <summary>Makes an entry of a record.</summary>
    /// <param name="record">The record.</param>
    /// <param name="header">Of its batch; dates a record without a time.</param>
    /// <param name="source">The record's own source; null: it has none.</param>
    public static LokiEntry Of(ReadOnlyMemory<byte> record, LogBatchHeader header, out string? source)
    {
        string? time = null, trace = null, span = null;
        source = null;
        var reader = RecordJson.CreateReader(record.Span);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (RecordJson.TextEquals(ref reader, "@t"u8)) time ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "source"u8)) source ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@tr"u8)) trace ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@sp"u8)) span ??= ReadText(ref reader);
            else reader.Skip();
        }
        var at = DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal,
            out var parsed) ? parsed : header.From;
        return new LokiEntry(NanosecondsOf(at), record, trace, span);
    }

    static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return RecordJson.GetText(ref reader) is { Length: > 0 } text ? text : null;
        reader.Skip();
        return null;
    }
}
