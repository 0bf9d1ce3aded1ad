using LogPipeline.Worker.Cli.Send;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Cli.Tail;

/// <summary>What is read of a record before it is known whether it is shown.</summary>
/// <param name="Time">Null: it names none.</param>
/// <param name="Level">Null: it names none, as a line of text does.</param>
readonly record struct RecordHead(DateTimeOffset? Time, RecordLevel? Level)
{
    // No time is longer, with a bracket and syslog's priority before it.
    const int TextBytesMax = 64;

    /// <param name="format">Of the file that the line is in.</param>
    /// <param name="line">Without its line feed; it may be anything.</param>
    public static RecordHead Read(LogFormat format, ReadOnlySpan<byte> line)
    {
        if (format == LogFormat.Text) return new RecordHead(TextTime(line), null);
        try
        {
            return ReadJson(line);
        }
        catch (JsonException)
        {
            return default;
        }
    }

    static RecordHead ReadJson(ReadOnlySpan<byte> line)
    {
        DateTimeOffset? time = null;
        RecordLevel? level = null, clefLevel = null;
        var reader = RecordJson.CreateReader(line);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject) return default;
        while ((time is null || level is null) && reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isTime = RecordJson.TextEquals(ref reader, "@t"u8) || RecordJson.TextEquals(ref reader, "timestamp"u8);
            var isLevel = RecordJson.TextEquals(ref reader, "level"u8);
            var isClefLevel = RecordJson.TextEquals(ref reader, "@l"u8);
            reader.Read();
            if (reader.TokenType != JsonTokenType.String) reader.Skip();
            else if (isTime && !reader.ValueIsEscaped && reader.TryGetDateTimeOffset(out var read)) time ??= read;
            else if (isLevel) level ??= RecordLevels.Parse(RecordJson.GetText(ref reader));
            else if (isClefLevel) clefLevel ??= RecordLevels.Parse(RecordJson.GetText(ref reader));
        }
        // CLEF leaves the level of informational events out.
        return new RecordHead(time, level ?? clefLevel ?? RecordLevel.Info);
    }

    // Times without a zone are UTC, as the worker writes them.
    static DateTimeOffset? TextTime(ReadOnlySpan<byte> line) =>
        Timestamps.TryRead(TimestampForm.Iso8601, Encoding.UTF8.GetString(line[..Math.Min(line.Length, TextBytesMax)]), default,
            TimeZoneInfo.Utc, out var time) ? time : null;
}
