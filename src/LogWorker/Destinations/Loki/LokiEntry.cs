using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>A line as Loki takes it.</summary>
/// <param name="Nanoseconds">The event's own time, since 1970.</param>
/// <param name="Line">The record, as CLEF, whatever the files' format is.</param>
/// <param name="TraceId">Searched for without being a label, as is <paramref name="SpanId"/>.</param>
readonly record struct LokiEntry(long Nanoseconds, ReadOnlyMemory<byte> Line, string? TraceId, string? SpanId);

/// <summary>Lines with the same labels, oldest first.</summary>
sealed record LokiStream(IReadOnlyList<(string Name, string Value)> Labels, IReadOnlyList<LokiEntry> Entries)
{
    /// <summary>Makes streams of records. The same records make the same streams every time.</summary>
    public static IReadOnlyList<LokiStream> Of(IEnumerable<RoutedRecord> records, LogBatchHeader header, IReadOnlyList<string> folders, LokiLabels labels)
    {
        var streams = new OrderedDictionary<string, (List<(string, string)> Labels, List<LokiEntry> Entries)>(StringComparer.Ordinal);
        foreach (var record in records)
        {
            var fields = EntryFields.Of(record.Record.Span);
            var folder = ChannelName.Of(record.Channel).ToString();
            List<(string, string)> own = [.. labels.Of(
                folders.Contains(folder) ? folder : ChannelName.Overflow.ToString(), (record.Level ?? RecordLevel.Info).LokiName(), fields.Source ?? header.Source)];
            var key = string.Join('\n', own);
            if (!streams.TryGetValue(key, out var stream)) streams[key] = stream = (own, []);
            stream.Entries.Add(new LokiEntry(fields.Nanoseconds ?? Nanoseconds(header.From), record.Record, fields.TraceId, fields.SpanId));
        }
        return [.. streams.Values.Select(stream => new LokiStream(stream.Labels, [.. stream.Entries.OrderBy(entry => entry.Nanoseconds)]))];
    }

    public static long Nanoseconds(DateTimeOffset time) => (time.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) * TimeSpan.NanosecondsPerTick;
}

/// <summary>What of a record is beside its line.</summary>
readonly record struct EntryFields(long? Nanoseconds, string? Source, string? TraceId, string? SpanId)
{
    public static EntryFields Of(ReadOnlySpan<byte> record)
    {
        string? time = null, source = null, trace = null, span = null;
        var reader = RecordJson.CreateReader(record);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (RecordJson.TextEquals(ref reader, "@t"u8)) time ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, "source"u8)) source ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@tr"u8)) trace ??= Text(ref reader);
            else if (RecordJson.TextEquals(ref reader, "@sp"u8)) span ??= Text(ref reader);
            else reader.Skip();
        }
        long? nanoseconds = DateTimeOffset.TryParse(time, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var parsed) ? LokiStream.Nanoseconds(parsed) : null;
        return new EntryFields(nanoseconds, source, trace, span);
    }

    static string? Text(ref Utf8JsonReader reader)
    {
        reader.Read();
        if (reader.TokenType == JsonTokenType.String) return RecordJson.GetText(ref reader) is { Length: > 0 } text ? text : null;
        reader.Skip();
        return null;
    }
}
