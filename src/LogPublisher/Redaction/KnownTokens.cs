using System.Buffers;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds secrets by how they begin: JWTs, private keys in PEM, keys of cloud and code services, and
/// what follows <c>Bearer</c> and <c>Basic</c>. One search over the text finds where any of them could begin; a place
/// that turns out to be none is left behind after steps that are never taken again, so the time grows with the text's
/// length and no faster.
/// </summary>
static class KnownTokens
{
    /// <summary>No shorter text holds anything but what follows <c>Bearer</c> and <c>Basic</c>.</summary>
    const int TextLengthMin = 18;

    /// <summary>No shorter one holds what follows <c>Basic</c>, or <c>Bearer</c>.</summary>
    const int BasicTextMin = 10, BearerTextMin = 15;

    const int LabelLengthMax = 64;
    const int AwsIdLength = 16;
    const int AwsSecretLength = 40;
    const int AwsSecretWithin = 256;
    const int JwtPartMin = 8;
    const int BearerMin = 8;
    const int BearerPlainMin = 20;

    const string Jwt = "eyJ";
    const string Pem = "-----BEGIN ";

    /// <summary>Beginnings, and how many characters of the token must follow at least.</summary>
    static readonly (string Begin, int RestMin)[] Services =
    [
        ("AIza", 35), ("ya29.", 20), ("GOCSPX-", 20),
        ("ghp_", 30), ("gho_", 30), ("ghu_", 30), ("ghs_", 30), ("ghr_", 30), ("github_pat_", 30), ("glpat-", 20),
        ("xoxb-", 20), ("xoxp-", 20), ("xoxa-", 20), ("xoxr-", 20), ("xoxs-", 20), ("xapp-", 20),
        ("sk_live_", 16), ("rk_live_", 16), ("sk-ant-", 20), ("sk-proj-", 20), ("npm_", 36), ("pypi-", 40), ("SG.", 40),
        ("hvs.", 20), ("dop_v1_", 40), ("shpat_", 30),
    ];

    static readonly SearchValues<string> Begins = SearchValues.Create(
        [Jwt, Pem, "AKIA", "ASIA", "Bearer ", "bearer ", "BEARER ", "Basic ", "basic ", "BASIC ",
            .. Services.Select(service => service.Begin)], StringComparison.Ordinal);

    static readonly SearchValues<char> TokenChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    static readonly SearchValues<char> WideTokenChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/=");
    static readonly SearchValues<char> Base64Chars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=");
    static readonly SearchValues<char> AwsIdChars = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789");

    public static void Find(ReadOnlySpan<char> text, ref Hits hits)
    {
        // The one search for all is slow in a short text, and only these two fit there.
        if (text.Length < TextLengthMin && !MayHoldCredentials(text)) return;
        var at = 0;
        while (text[at..].IndexOfAny(Begins) is >= 0 and var step)
        {
            at += step;
            var end = at > 0 && TokenChars.Contains(text[at - 1]) && text[at] != '-' ? at + 1 : At(text, at, ref hits);
            at = Math.Max(at + 1, end);
        }
    }

    static bool MayHoldCredentials(ReadOnlySpan<char> text) =>
        text.Length >= BasicTextMin && text.Contains(' ')
            && (text.IndexOf("asic ", StringComparison.OrdinalIgnoreCase) >= 0
            || (text.Length >= BearerTextMin && text.IndexOf("earer ", StringComparison.OrdinalIgnoreCase) >= 0));

    /// <returns>Where the search goes on.</returns>
    static int At(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var rest = text[at..];
        if (rest.StartsWith(Jwt)) return AtJwt(text, at, ref hits);
        if (rest.StartsWith(Pem)) return AtPem(text, at, ref hits);
        if (rest.StartsWith("AKIA") || rest.StartsWith("ASIA")) return AtAws(text, at, ref hits);
        if (rest.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase))
            return AtBearer(text, at + "bearer ".Length, ref hits);
        if (rest.StartsWith("basic ", StringComparison.OrdinalIgnoreCase))
            return AtBasic(text, at + "basic ".Length, ref hits);
        foreach (var (begin, restMin) in Services)
        {
            if (!rest.StartsWith(begin)) continue;
            var length = Run(rest[begin.Length..], WideTokenChars);
            if (length >= restMin) hits.Add(at, at + begin.Length + length);
            return at + begin.Length + length;
        }
        return at + 1;
    }

    static int AtJwt(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var header = at + Run(text[at..], TokenChars);
        if (header - at < JwtPartMin || header >= text.Length || text[header] != '.') return header;
        var payload = header + 1 + Run(text[(header + 1)..], TokenChars);
        if (payload - header <= JwtPartMin) return header + 1;
        // Signed, or encrypted in five parts.
        var end = payload;
        while (end < text.Length && text[end] == '.') end = end + 1 + Run(text[(end + 1)..], TokenChars);
        hits.Add(at, end);
        return end;
    }

    /// <summary>
    /// To the end of the text when the closing line is missing: what is cut off elsewhere is still a key.
    /// </summary>
    static int AtPem(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var label = at + Pem.Length;
        var ahead = text[label..Math.Min(text.Length, label + LabelLengthMax)];
        var close = ahead.IndexOf("-----");
        if (close < 0 || !ahead[..close].Contains("PRIVATE KEY", StringComparison.Ordinal)) return label;
        var end = text[label..].IndexOf("-----END ");
        if (end >= 0)
        {
            end += label + "-----END ".Length;
            var last = text[end..Math.Min(text.Length, end + LabelLengthMax)].IndexOf("-----");
            end = last < 0 ? text.Length : end + last + "-----".Length;
        }
        else
        {
            end = text.Length;
        }
        hits.Add(at, end);
        return end;
    }

    static int AtAws(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var id = at + 4;
        var length = Run(text[id..], AwsIdChars);
        if (length != AwsIdLength || (id + length < text.Length && char.IsAsciiLetterOrDigit(text[id + length])))
            return id + length;
        hits.Add(at, id + length);
        // The secret has no mark of its own, but it stands near.
        var from = id + length;
        var until = Math.Min(text.Length, from + AwsSecretWithin);
        for (var i = from; i < until; i++)
        {
            var run = Run(text[i..Math.Min(text.Length, until + AwsSecretLength + 2)], Base64Chars);
            if (run == AwsSecretLength || (run == AwsSecretLength + 1 && text[i] == '=')) hits.Add(i, i + run);
            i += run;
        }
        return from;
    }

    static int AtBearer(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var length = Run(text[at..], WideTokenChars);
        var token = text.Slice(at, length);
        if (length >= BearerPlainMin || (length >= BearerMin && token.ContainsAnyInRange('0', '9')))
            hits.Add(at, at + length);
        return at + length;
    }

    /// <summary>User and password in base64; any other word behind "basic" is a word.</summary>
    static int AtBasic(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var length = Run(text[at..], Base64Chars);
        Span<byte> plain = stackalloc byte[384];
        if (length > plain.Length || (length >= 4 && Convert.TryFromBase64Chars(text.Slice(at, length), plain,
            out var written) && plain[..written].Contains((byte)':')))
            hits.Add(at, at + length);
        return at + length;
    }

    static int Run(ReadOnlySpan<char> text, SearchValues<char> chars)
    {
        var length = text.IndexOfAnyExcept(chars);
        return length < 0 ? text.Length : length;
    }
}
