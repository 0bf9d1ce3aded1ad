using System.Buffers;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds the user information of URLs: in <c>scheme://user:password@host</c> all behind the first ':' and before the
/// last '@', as passwords are written unescaped, too. Before a host of the web a long word with digits and no ':' is a
/// token.
/// </summary>
static class Addresses
{
    const int LengthMax = 512;
    const int TokenMin = 20;

    static readonly SearchValues<char> Ends = SearchValues.Create("/?# \t\"'`\\<>()|\r\n");

    public static void Find(ReadOnlySpan<char> text, ref Hits hits)
    {
        var at = 0;
        while (text[at..].IndexOf("://") is >= 0 and var step)
        {
            var scheme = text[..(at + step)];
            at += step + "://".Length;
            var authority = text[at..Math.Min(text.Length, at + LengthMax)];
            if (authority.IndexOfAny(Ends) is >= 0 and var end) authority = authority[..end];
            var host = authority.LastIndexOf('@') + 1;
            // Without a host it is no URL.
            if (host < 2 || host == authority.Length) continue;
            if (!char.IsLetterOrDigit(authority[host]) && authority[host] != '[') continue;
            var user = authority[..(host - 1)];
            var password = user.IndexOf(':') + 1;
            if (password > 0 ? IsPassword(user[password..]) : IsToken(user, scheme))
                hits.Add(at + password, at + user.Length);
            at += host;
        }
    }

    /// <summary>A placeholder is none, nor a port with a list behind it.</summary>
    static bool IsPassword(ReadOnlySpan<char> text) =>
        SecretNames.IsValue(text) && !(text[0] is '{' or '%' or '$' && text[^1] is '}' or 's' or '%')
            && text.TrimStart("0123456789") is var rest && !(rest.Length < text.Length && rest is [',' or ';', ..]);

    static bool IsToken(ReadOnlySpan<char> user, ReadOnlySpan<char> scheme) =>
        user.Length >= TokenMin && user.ContainsAnyInRange('0', '9') && !user.ContainsAny("@.,;")
            && (scheme.EndsWith("http", StringComparison.OrdinalIgnoreCase)
                || scheme.EndsWith("https", StringComparison.OrdinalIgnoreCase));
}
