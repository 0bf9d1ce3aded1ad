using System.Text.Json;

namespace LogPipeline.Workflows;

/// <summary>
/// The workflow's second argument: the records as one JSON array, one record a line, so that Temporal's UI shows them.
/// <code>
/// [
/// {"@t":"…","@mt":"…",…},
/// {"@t":"…","@mt":"…",…}
/// ]
/// </code>
/// </summary>
public static class LogBatchRecords
{
    /// <summary>How deep the values of a record may be nested; deeper ones cannot be read.</summary>
    public const int DepthMax = 256;

    /// <summary>Bytes that the array takes around records of <paramref name="recordBytes"/> in all.</summary>
    public static int EncodedLength(int recordCount, int recordBytes) =>
        recordBytes + 2 * recordCount + 2 + (recordCount == 0 ? 1 : 0);

    /// <summary>Writes records, each one CLEF object without a line feed, as the array.</summary>
    public static byte[] Encode(IReadOnlyList<ReadOnlyMemory<byte>> records) =>
        Encode(records, record => record.Length, (record, target) => record.Span.CopyTo(target));

    /// <summary>As the other overload, of records that are not bytes yet and write themselves.</summary>
    /// <param name="records">The records.</param>
    /// <param name="lengthOf">Bytes of one.</param>
    /// <param name="write">Fills exactly that many, without a line feed.</param>
    public static byte[] Encode<T>(IReadOnlyList<T> records, Func<T, int> lengthOf, Action<T, Span<byte>> write)
    {
        var length = 0;
        for (var i = 0; i < records.Count; i++) length += lengthOf(records[i]);
        var encoded = new byte[EncodedLength(records.Count, length)];
        var at = Put(encoded, 0, "["u8);
        for (var i = 0; i < records.Count; i++)
        {
            at = Put(encoded, at, i == 0 ? "\n"u8 : ",\n"u8);
            var record = encoded.AsSpan(at, lengthOf(records[i]));
            write(records[i], record);
            at += record.Length;
        }
        Put(encoded, at, "\n]"u8);
        return encoded;
    }

    static int Put(byte[] target, int at, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(target.AsSpan(at));
        return at + bytes.Length;
    }

    /// <summary>
    /// The records of an array, as slices of it. An array laid out by another tool (with line feeds inside a record) is
    /// compacted, so that a record is always one line.
    /// </summary>
    /// <exception cref="JsonException">The bytes are not a JSON array of objects, or of more than
    /// <see cref="PipelineDefaults.BatchRecordsLimit"/>; the message says where.</exception>
    public static IReadOnlyList<ReadOnlyMemory<byte>> Decode(ReadOnlyMemory<byte> array)
    {
        var records = new List<ReadOnlyMemory<byte>>();
        var reader = new Utf8JsonReader(array.Span, new JsonReaderOptions { MaxDepth = DepthMax });
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartArray)
            throw new JsonException("The records are not a JSON array.");
        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (records.Count == PipelineDefaults.BatchRecordsLimit)
                throw new JsonException($"There are more than {records.Count} records.");
            if (reader.TokenType != JsonTokenType.StartObject)
                throw new JsonException($"Record {records.Count + 1} is a {reader.TokenType}, not an object.");
            var start = (int)reader.TokenStartIndex;
            reader.Skip();
            records.Add(OneLine(array[start..(int)reader.BytesConsumed]));
        }
        if (reader.Read()) throw new JsonException("Something follows the records array.");
        return records;
    }

    // Outside of texts JSON's white space carries nothing, and inside of them control characters are escaped. Texts stay
    // as they were written: half of a surrogate pair, or what is no UTF-8, could not be written anew.
    static ReadOnlyMemory<byte> OneLine(ReadOnlyMemory<byte> record)
    {
        if (!record.Span.ContainsAny((byte)'\n', (byte)'\r')) return record;
        var line = new byte[record.Length];
        var (length, isText, isEscaped) = (0, false, false);
        foreach (var b in record.Span)
        {
            if (!isText && b is (byte)' ' or (byte)'\t' or (byte)'\n' or (byte)'\r') continue;
            if (b == '"' && !isEscaped) isText = !isText;
            isEscaped = isText && b == '\\' && !isEscaped;
            line[length++] = b;
        }
        return line.AsMemory(0, length);
    }
}
