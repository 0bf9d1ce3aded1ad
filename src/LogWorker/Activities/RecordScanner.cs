using System.Text;
using System.Text.Json;
using LogPipeline.Workflows;

namespace LogPipeline.Worker.Activities;

/// <summary>What the worker needs to know of a record; null where the record does not say.</summary>
readonly record struct RecordFacts(string? Channel, string? Source, string? Instance, long? Sequence);

/// <summary>Reads a record's own fields from the top level of its CLEF object. Of a repeated field the first counts.</summary>
static class RecordScanner
{
    public static RecordFacts Read(ReadOnlySpan<byte> record)
    {
        string? channel = null, source = null, instance = null;
        long? sequence = null;
        var reader = new Utf8JsonReader(record, new JsonReaderOptions { MaxDepth = 256 });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals(RecordFields.Channel)) channel ??= Text(ref reader);
            else if (reader.ValueTextEquals(RecordFields.Source)) source ??= Text(ref reader);
            else if (reader.ValueTextEquals(RecordFields.Instance)) instance ??= Text(ref reader);
            else if (reader.ValueTextEquals(RecordFields.Sequence)) sequence ??= Number(ref reader);
            else reader.Skip();
        }
        return new RecordFacts(channel, source, instance, sequence);
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
