using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Unicode;
using LogPipeline.Worker.Batches;
using LogPipeline.Worker.Channels;
using LogPipeline.Worker.Formats;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>Lines with the same labels, oldest first.</summary>
sealed record LokiStream(IReadOnlyList<(string Name, string Value)> Labels, IReadOnlyList<LokiEntry> Entries)
{
    /// <summary>
    /// Makes streams of records, and counts those that no Loki can take. The same records make the same streams every
    /// time.
    /// </summary>
    public static IReadOnlyList<LokiStream> Of(IEnumerable<RoutedRecord> records, LogBatchHeader header,
        IReadOnlyList<string> folders, LokiLabels labels, RefusedRecords refused)
    {
        var streams = new OrderedDictionary<string, (List<(string, string)> Labels, List<LokiEntry> Entries)>(
            StringComparer.Ordinal);
        foreach (var record in records)
        {
            var facts = LokiFacts.Read(record.Record.Span, header);
            if (facts.Refusal is { } reason)
            {
                refused.Add(reason);
                continue;
            }
            var folder = ChannelName.Of(record.Channel).ToString();
            List<(string, string)> own = [.. labels.Of(
                folders.Contains(folder) ? folder : ChannelName.Overflow.ToString(), (record.Level ?? RecordLevel.Info)
                    .LokiName(), facts.Source ?? header.Source)];
            var key = string.Join('\n', own);
            if (!streams.TryGetValue(key, out var stream)) streams[key] = stream = (own, []);
            stream.Entries.Add(LokiEntry.Of(record.Record, facts));
        }
        return [.. streams.Values.Select(stream =>
            new LokiStream(stream.Labels, [.. stream.Entries.OrderBy(entry => entry.Nanoseconds)]))];
    }

    /// <summary>The ids are in the lines too.</summary>
    public LokiStream WithoutMetadata() => Entries.Any(entry => entry.HasMetadata)
        ? this with { Entries = [.. Entries.Select(entry => entry with { TraceId = null, SpanId = null })] } : this;

    /// <summary>
    /// The body of one push, <c>{"streams":[{"stream":{labels},"values":[["nanoseconds","line",{metadata}]]}]}</c>, as
    /// gzip.
    /// </summary>
    public byte[] ToPushBody() => ToPushBody([this]);

    /// <summary>The body of a push of nothing.</summary>
    public static byte[] EmptyPushBody() => ToPushBody([]);

    static byte[] ToPushBody(IReadOnlyList<LokiStream> streams)
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(gzip,
            new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("streams"u8);
            foreach (var stream in streams) stream.Write(json);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    void Write(Utf8JsonWriter json)
    {
        json.WriteStartObject();
        json.WriteStartObject("stream"u8);
        foreach (var (name, value) in Labels) json.WriteString(name, Whole(value));
        json.WriteEndObject();
        json.WriteStartArray("values"u8);
        foreach (var entry in Entries)
        {
            json.WriteStartArray();
            json.WriteStringValue(entry.Nanoseconds.ToString(CultureInfo.InvariantCulture));
            // Bytes that are no UTF-8 cannot be JSON.
            if (Utf8.IsValid(entry.Line.Span)) json.WriteStringValue(entry.Line.Span);
            else json.WriteStringValue(Encoding.UTF8.GetString(entry.Line.Span));
            if (entry.HasMetadata)
            {
                json.WriteStartObject();
                if (entry.TraceId is { } trace) json.WriteString("trace_id"u8, Whole(trace));
                if (entry.SpanId is { } span) json.WriteString("span_id"u8, Whole(span));
                json.WriteEndObject();
            }
            json.WriteEndArray();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    }

    // Without half surrogate pairs, which no JSON has.
    static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
