using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>What Loki is to know of a record beside its line.</summary>
/// <param name="Time">The event's own; of a record without one, a time of its batch.</param>
/// <param name="Source">The record's own; null: it has none.</param>
/// <param name="TraceId">Null: it has none, or one that is too long to be searched for; it is in the line.</param>
/// <param name="SpanId">As <paramref name="TraceId"/>.</param>
readonly record struct LokiFacts(DateTimeOffset Time, string? Source, string? TraceId, string? SpanId)
{
    /// <summary>Four times a W3C trace id.</summary>
    const int IdLengthMax = 128;

    /// <summary>
    /// Loki's clock is 64 bits of nanoseconds since 1970; what is after it would wrap to another time.
    /// </summary>
    static readonly DateTimeOffset Last =
        DateTimeOffset.UnixEpoch.AddTicks(long.MaxValue / TimeSpan.NanosecondsPerTick);

    /// <summary>Why no Loki can take it, whatever its settings; null: one may.</summary>
    public string? Refusal => RefusalOf(Time);

    public static LokiFacts Read(ReadOnlySpan<byte> record, LogBatchHeader header)
    {
        string? time = null, source = null, trace = null, span = null;
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (RecordJson.TextEquals(ref reader, "@t"u8)) time ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "source"u8)) source ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@tr"u8)) trace ??= ReadText(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@sp"u8)) span ??= ReadText(ref reader);
            else reader.Skip();
        }
        return new LokiFacts(TimeOf(time, header), source, Id(trace), Id(span));
    }

    static DateTimeOffset TimeOf(string? text, LogBatchHeader header)
    {
        if (DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
            return time;
        // With an offset the first and the last hours of the calendar are no times of .NET.
        if (text?.StartsWith("0001-01-01T", StringComparison.Ordinal) == true) return DateTimeOffset.MinValue;
        if (text?.StartsWith("9999-12-31T", StringComparison.Ordinal) == true) return DateTimeOffset.MaxValue;
        // Another record's wrong clock is no reason to refuse this one.
        return RefusalOf(header.From) is null ? header.From : header.To;
    }

    static string? RefusalOf(DateTimeOffset time)
    {
        if (time < DateTimeOffset.UnixEpoch) return LokiAnswer.TooOld;
        return time > Last ? LokiAnswer.TooNew : null;
    }

    static string? Id(string? text) => text?.Length <= IdLengthMax ? text : null;

    static string? ReadText(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String)
            return RecordJson.GetText(ref reader) is { Length: > 0 } text ? text : null;
        reader.Skip();
        return null;
    }
}
