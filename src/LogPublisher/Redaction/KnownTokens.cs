using System.Buffers;
using System.Buffers.Text;

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

    /// <summary>No shorter one holds what follows <c>Basic</c>.</summary>
    const int BasicTextMin = 10;

    const int AwsIdLength = 20;
    const int AwsSecretLength = 40;
    const int AwsSecretWithin = 256;
    const int JwtPartMin = 8;
    const int BearerMin = 8;
    const int BearerAloneMin = 16;
    const int BasicAloneMin = 8;

    const string Jwt = "eyJ";

    static readonly SearchValues<char> Letters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789");
    static readonly SearchValues<char> Token =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");
    static readonly SearchValues<char> Dotted =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.");
    static readonly SearchValues<char> Token68 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.~+/");
    static readonly SearchValues<char> Base64 =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/");

    /// <summary>
    /// Beginnings, how many characters must follow at least, and which; a digit is among them. Each further beginning
    /// makes the search of every text slower.
    /// </summary>
    static readonly (string Begin, int RestMin, SearchValues<char> Chars)[] Services =
    [
        ("AIza", 35, Token), ("ya29.", 20, Dotted), ("GOCSPX-", 20, Token),
        ("ghp_", 30, Letters), ("gho_", 30, Letters), ("ghu_", 30, Letters), ("ghs_", 30, Letters),
        ("ghr_", 30, Letters), ("github_pat_", 30, Token), ("glpat-", 20, Dotted),
        ("xoxb-", 20, Token), ("xoxp-", 20, Token), ("xoxa-", 20, Token), ("xoxr-", 20, Token), ("xoxs-", 20, Token),
        ("xapp-", 20, Token), ("sk_live_", 16, Letters), ("rk_live_", 16, Letters), ("sk-ant-", 20, Token),
        ("sk-proj-", 40, Token), ("npm_", 36, Letters), ("pypi-AgE", 40, Token), ("SG.", 40, Dotted),
        ("hvs.", 20, Token), ("dop_v1_", 40, Letters), ("shpat_", 30, Letters),
    ];

    static readonly SearchValues<string> Begins = SearchValues.Create(
        [Jwt, PrivateKeys.Begin, "AKIA", "ASIA", "Bearer ", "bearer ", "BEARER ", "Basic ", "basic ", "BASIC ",
            .. Services.Select(service => service.Begin)], StringComparison.Ordinal);

    public static void Find(ReadOnlySpan<char> text, ref Hits hits)
    {
        // The one search for all is slow in a short text, and only these two fit there.
        if (text.Length < TextLengthMin && !MayHoldCredentials(text)) return;
        var at = 0;
        while (text[at..].IndexOfAny(Begins) is >= 0 and var step)
        {
            at += step;
            var end = at > 0 && Token.Contains(text[at - 1]) && text[at] != '-' ? at + 1 : At(text, at, ref hits);
            at = Math.Max(at + 1, end);
        }
    }

    static bool MayHoldCredentials(ReadOnlySpan<char> text) =>
        text.Length >= BasicTextMin && text.Contains(' ')
            && (text.IndexOf("asic ", StringComparison.OrdinalIgnoreCase) >= 0
                || text.IndexOf("earer ", StringComparison.OrdinalIgnoreCase) >= 0);

    /// <returns>Where the search goes on.</returns>
    static int At(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var rest = text[at..];
        if (rest.StartsWith(Jwt)) return AtJwt(text, at, ref hits);
        if (rest.StartsWith(PrivateKeys.Begin)) return PrivateKeys.At(text, at, ref hits);
        if (rest.StartsWith("AKIA") || rest.StartsWith("ASIA")) return AtAws(text, at, ref hits);
        if (rest.StartsWith("bearer ", StringComparison.OrdinalIgnoreCase))
            return AtBearer(text, at + "bearer ".Length, IsHeader(text[..at]), ref hits);
        if (rest.StartsWith("basic ", StringComparison.OrdinalIgnoreCase))
            return AtBasic(text, at + "basic ".Length, IsHeader(text[..at]), ref hits);
        foreach (var (begin, restMin, chars) in Services)
        {
            if (!rest.StartsWith(begin)) continue;
            var token = rest.Slice(begin.Length, Run(rest[begin.Length..], chars)).TrimEnd('.');
            var end = at + begin.Length + token.Length;
            var isWhole = end == text.Length || !Token.Contains(text[end]);
            if (token.Length >= restMin && isWhole && token.ContainsAnyInRange('0', '9')) hits.Add(at, end);
            return end;
        }
        return at + 1;
    }

    static int AtJwt(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var header = at + Run(text[at..], Token);
        if (header - at < JwtPartMin || header >= text.Length || text[header] != '.') return header;
        var end = header + 1 + Run(text[(header + 1)..], Token);
        if (end - header <= JwtPartMin || !IsJwtHeader(text[at..header])) return header + 1;
        // Signed, or encrypted in five parts.
        while (end + 1 < text.Length && text[end] == '.' && Token.Contains(text[end + 1]))
            end = end + 1 + Run(text[(end + 1)..], Token);
        hits.Add(at, end);
        return end;
    }

    static bool IsJwtHeader(ReadOnlySpan<char> base64)
    {
        Span<byte> plain = stackalloc byte[384];
        var whole = base64[..(Math.Min(base64.Length, 512) & ~3)];
        return Base64Url.TryDecodeFromChars(whole, plain, out var written)
            && (plain[..written].IndexOf("\"alg\""u8) >= 0 || base64.Length > whole.Length + 3);
    }

    /// <summary>The secret has no mark of its own, but it stands near.</summary>
    static int AtAws(ReadOnlySpan<char> text, int at, ref Hits hits)
    {
        var from = at + Run(text[at..], Token);
        var id = text[at..from];
        if (id.Length != AwsIdLength || id.ContainsAnyInRange('a', 'z') || id.ContainsAny("_-")) return from;
        hits.Add(at, from);
        var until = Math.Min(text.Length, from + AwsSecretWithin);
        for (var i = from; i < until; i++)
        {
            var run = Run(text[i..Math.Min(text.Length, until + AwsSecretLength + 1)], Base64);
            if (IsAwsSecret(text.Slice(i, run))) hits.Add(i, i + run);
            i += run;
        }
        return from;
    }

    /// <summary>Forty characters of base64, and not the forty digits of a commit.</summary>
    public static bool IsAwsSecret(ReadOnlySpan<char> text) =>
        text.Length == AwsSecretLength && !text.ContainsAnyExcept(Base64) && text.ContainsAnyInRange('0', '9')
            && text.ContainsAnyInRange('a', 'z') && text.ContainsAnyInRange('A', 'Z');

    static bool IsHeader(ReadOnlySpan<char> before) =>
        before.TrimEnd(" \"'\\:=").EndsWith("authorization", StringComparison.OrdinalIgnoreCase);

    /// <summary>A token of random characters; <c>Bearer error="…"</c> and <c>Bearer token missing</c> are none.</summary>
    static int AtBearer(ReadOnlySpan<char> text, int at, bool isHeader, ref Hits hits)
    {
        var length = text[at..(at + Run(text[at..], Token68))].TrimEnd('.').Length;
        var token = text.Slice(at, length);
        var end = at + length;
        while (end < text.Length && text[end] == '=') end++;
        if (end > at + length && end < text.Length && text[end] is '"' or '\'' or '\\' && !isHeader) return end;
        var hasDigit = token.ContainsAnyInRange('0', '9');
        var isToken = isHeader
            ? length >= BearerMin && (hasDigit || length >= BearerAloneMin)
            : length >= BearerAloneMin && hasDigit && token[0] != '/' && char.IsAsciiLetterOrDigit(token[0]);
        if (isToken) hits.Add(at, end);
        return end;
    }

    /// <summary>User and password in base64; any other word behind "basic" is a word.</summary>
    static int AtBasic(ReadOnlySpan<char> text, int at, bool isHeader, ref Hits hits)
    {
        var end = at + Run(text[at..], Base64);
        while (end < text.Length && text[end] == '=') end++;
        var token = text[at..end];
        Span<byte> plain = stackalloc byte[384];
        if (token.Length / 4 * 3 > plain.Length || (token.Length >= (isHeader ? 4 : BasicAloneMin)
            && Convert.TryFromBase64Chars(token, plain, out var written) && IsUserAndPassword(plain[..written])))
            hits.Add(at, end);
        return end;
    }

    static bool IsUserAndPassword(ReadOnlySpan<byte> plain) =>
        plain.Contains((byte)':') && !plain.ContainsAnyInRange((byte)0, (byte)31)
            && System.Text.Unicode.Utf8.IsValid(plain);

    static int Run(ReadOnlySpan<char> text, SearchValues<char> chars)
    {
        var length = text.IndexOfAnyExcept(chars);
        return length < 0 ? text.Length : length;
    }
}
