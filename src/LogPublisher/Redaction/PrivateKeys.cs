using System.Buffers;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds private keys in PEM. What is hidden is what stands between the two lines, line by line, so that a text keeps
/// its lines, also where JSON has them escaped; where the closing line is missing, as far as there are lines of base64
/// and nothing else.
/// </summary>
static class PrivateKeys
{
    public const string Begin = "-----BEGIN ";

    const int LabelLengthMax = 64;

    /// <summary>Behind the first line, shorter words are taken for text unless the closing line comes.</summary>
    const int LineMin = 40;

    static readonly SearchValues<char> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    static readonly SearchValues<char> Spaces = SearchValues.Create(" \t\r\n");

    /// <returns>Where the search goes on.</returns>
    public static int At(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var label = at + Begin.Length;
        var ahead = text[label..Math.Min(text.Length, label + LabelLengthMax)];
        var close = ahead.IndexOf("-----");
        if (close < 0 || !ahead[..close].Contains("PRIVATE KEY", StringComparison.Ordinal)) return label;
        var body = label + close + "-----".Length;
        var end = body;
        // As far as it must be a key's without a closing line.
        var sure = body;
        while (SkipBreaks(text, end) is var start && Run(text[start..]) is > 0 and var length)
        {
            // Proc-Type: 4,ENCRYPTED
            if (IsHeader(text, start, length)) length = HeaderLength(text[start..]);
            else if (sure == body || (length >= LineMin && sure == end)) sure = start + length;
            end = start + length;
        }
        if (!text[SkipBreaks(text, end)..].StartsWith("-----END ")) end = sure;
        HideLines(text, body, end, ref hits);
        return end;
    }

    static void HideLines(ReadOnlySpan<char> text, int at, int end, ref Hits hits)
    {
        while ((at = SkipBreaks(text, at)) < end)
        {
            var line = text[at..end];
            if (line.IndexOfAny("\r\n\\") is > 0 and var length) line = line[..length];
            hits.Add(at, at + line.TrimEnd(' ').Length);
            at += line.Length;
        }
    }

    static bool IsHeader(ReadOnlySpan<char> text, int at, int length)
    {
        var end = at + length;
        return length > 0 && end + 1 < text.Length && (text[end] == ':' || (text[end] == '-' && text[end + 1] != '-'));
    }

    static int HeaderLength(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAny("\r\n\\\"");
        return length < 0 ? text.Length : length;
    }

    /// <summary>Spaces, ends of lines, and these as they stand in JSON, escaped once or more.</summary>
    static int SkipBreaks(ReadOnlySpan<char> text, int at)
    {
        while (at < text.Length)
        {
            if (Spaces.Contains(text[at]))
            {
                at++;
                continue;
            }
            var letter = at;
            while (letter < text.Length && text[letter] == '\\') letter++;
            if (letter == at || letter == text.Length || text[letter] is not ('n' or 'r')) return at;
            at = letter + 1;
        }
        return at;
    }

    static int Run(ReadOnlySpan<char> text)
    {
        var length = text.IndexOfAnyExcept(Base64);
        return length < 0 ? text.Length : length;
    }
}
