using System.Buffers;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// A record as text, for people, as Serilog writes the event that it was made of. Line breaks in a message and an
/// exception stay line breaks, as in any text log; so one record may be several lines, and a message can look like two.
/// CR LF and lone CR become LF, other control characters but tabs become '?', so that no message steers a terminal.
/// Times are UTC: the same text on every worker.
/// </summary>
static class TextFormatter
{
    static readonly SearchValues<char> Unwanted =
        SearchValues.Create([.. Enumerable.Range(0, 0x100).Select(code => (char)code)
            .Where(c => char.IsControl(c) && c is not ('\n' or '\t'))]);

    /// <summary>A template may name one value a hundred times.</summary>
    const int LengthMax = 8 << 20;

    /// <param name="record">One CLEF object.</param>
    /// <param name="template">What of it is written.</param>
    /// <param name="lines">Receives whole lines, the last line feed included.</param>
    public static void Write(ReadOnlySpan<byte> record, TextTemplate template, IBufferWriter<byte> lines)
    {
        var text = new StringBuilder(0, LengthMax);
        using var output = new StringWriter(text, CultureInfo.InvariantCulture);
        try
        {
            template.Write(RecordedEvent.Read(record, template.Names), output);
        }
        catch (ArgumentOutOfRangeException e) when (text.Length > 0)
        {
            throw new InvalidDataException($"A record's text has more than {LengthMax} characters.", e);
        }
        if (text.Length == 0 || text[^1] != '\n') text.Append('\n');
        Encoding.UTF8.GetBytes(Sanitize(text.ToString()), lines);
    }

    static string Sanitize(string text)
    {
        if (!text.AsSpan().ContainsAny(Unwanted)) return text;
        var lines = text.Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n');
        return string.Create(lines.Length, lines, static (target, source) => source.AsSpan()
            .ReplaceAny(target, Unwanted, '?'));
    }
}
