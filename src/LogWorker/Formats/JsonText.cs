namespace LogPipeline.Worker.Formats;

/// <summary>Texts of JSON that may have none: half of a surrogate pair can be written with an escape, and bytes need not be UTF-8.</summary>
static class JsonText
{
    /// <summary>The text of the property's name or string that the reader is at; null: it has none.</summary>
    public static string? Of(ref Utf8JsonReader reader)
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

    /// <summary>The text, or what stands for it where there is none.</summary>
    public static string OrRaw(ref Utf8JsonReader reader) => Of(ref reader) ?? Encoding.UTF8.GetString(reader.ValueSpan);

    /// <summary>Compares without an allocation where nothing is escaped; the reader's own comparison throws at half a pair.</summary>
    public static bool Is(ref Utf8JsonReader reader, ReadOnlySpan<byte> name) =>
        reader.ValueIsEscaped ? Of(ref reader) is { } text && text == Encoding.UTF8.GetString(name) : reader.ValueSpan.SequenceEqual(name);
}
