namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds the text of an XML element with a secret's name, line by line. Both tags must be there, and no element within.
/// </summary>
static class XmlSecrets
{
    const int NameLengthMax = 64;

    public static void Find(ReadOnlySpan<char> text, SecretNames names, ref Hits hits)
    {
        var from = 0;
        while (text[from..].IndexOf("</") is >= 0 and var step)
        {
            var close = from + step;
            var name = text[(close + 2)..Math.Min(text.Length, close + 2 + NameLengthMax)];
            if (name.IndexOf('>') is > 0 and var end && names.Of(name[..end]) != Secrecy.None
                && StartOf(name[..end], text[from..close]) is > 0 and var start)
                HideLines(text, from + start, close, ref hits);
            from = close + 2;
        }
    }

    /// <returns>Where the text of an element that opens here begins; 0: it does not.</returns>
    static int StartOf(ReadOnlySpan<char> name, ReadOnlySpan<char> text)
    {
        var start = text.LastIndexOf('>') + 1;
        if (start == 0 || text[start..].Contains('<')) return 0;
        var tag = text[(text[..start].LastIndexOf('<') + 1)..start];
        return tag.StartsWith(name) && tag.Length < start && tag[name.Length] is '>' or ' ' ? start : 0;
    }

    static void HideLines(ReadOnlySpan<char> text, int at, int end, ref Hits hits)
    {
        while (at < end)
        {
            var length = text[at..end].IndexOfAny('\r', '\n');
            var line = length < 0 ? text[at..end] : text.Slice(at, length);
            if (SecretNames.IsValue(line.Trim(' '))) hits.Add(at, at + line.Length);
            at += line.Length + 1;
        }
    }
}
