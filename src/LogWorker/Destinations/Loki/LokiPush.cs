using System.IO.Compression;
using System.Text.Encodings.Web;
using System.Text.Unicode;

namespace LogPipeline.Worker.Destinations.Loki;

/// <summary>The body of one push, <c>{"streams":[{"stream":{labels},"values":[["nanoseconds","line",{metadata}]]}]}</c>, as gzip.</summary>
static class LokiPush
{
    public static byte[] Body(IReadOnlyList<LokiStream> streams)
    {
        using var body = new MemoryStream();
        using (var gzip = new GZipStream(body, CompressionLevel.Fastest, leaveOpen: true))
        using (var json = new Utf8JsonWriter(gzip, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            json.WriteStartObject();
            json.WriteStartArray("streams"u8);
            foreach (var stream in streams) Write(json, stream);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return body.ToArray();
    }

    static void Write(Utf8JsonWriter json, LokiStream stream)
    {
        json.WriteStartObject();
        json.WriteStartObject("stream"u8);
        foreach (var (name, value) in stream.Labels) json.WriteString(name, Whole(value));
        json.WriteEndObject();
        json.WriteStartArray("values"u8);
        foreach (var entry in stream.Entries)
        {
            json.WriteStartArray();
            json.WriteStringValue(entry.Nanoseconds.ToString(CultureInfo.InvariantCulture));
            // Bytes that are no UTF-8 cannot be JSON.
            if (Utf8.IsValid(entry.Line.Span)) json.WriteStringValue(entry.Line.Span);
            else json.WriteStringValue(Encoding.UTF8.GetString(entry.Line.Span));
            if (entry.TraceId is not null || entry.SpanId is not null)
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

    static string Whole(string text) => Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text));
}
