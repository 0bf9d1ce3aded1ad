namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds what stands below a secret's name in JSON that a text holds, also in JSON within a string of JSON, however
/// often it was escaped. Only the values are hidden, each for itself, so that the JSON stays JSON. What is cut off, or
/// stops being JSON, counts as far as it goes; there the search for the next object begins, so that each character is
/// read once for each level of escaping. Strings, and what stands around the JSON, are each searched by
/// <see cref="AssignedSecrets"/>, so that nothing that is found there reaches over a quote or a bracket of the JSON.
/// </summary>
/// <remarks>
/// <c>Utf8JsonReader</c> knows positions in UTF-8 alone, throws where a text is none, and does not see through
/// escaping.
/// </remarks>
ref struct JsonSecrets
{
    const int DepthMax = 500;

    /// <summary>So far the first name of an object is looked at.</summary>
    const int FirstNameMax = 256;
    const string EscapedQuote = "u0022";

    readonly ReadOnlySpan<char> _text;
    readonly SecretNames _names;
    readonly bool _isLoose;
    // How a quote is written: ", and within strings \" or \u0022, \\\" or \\u0022, and so on.
    readonly ReadOnlySpan<char> _quote;
    readonly int _escapes;
    int _at;

    JsonSecrets(ReadOnlySpan<char> text, SecretNames names, bool isLoose, ReadOnlySpan<char> quote, int at)
    {
        _text = text;
        _names = names;
        _isLoose = isLoose;
        _quote = quote;
        _escapes = quote.LastIndexOf('\\') + 1;
        _at = at;
    }

    /// <param name="isLoose">Whether what only looks like a secret is hidden, too.</param>
    public static void Find(ReadOnlySpan<char> text, SecretNames names, bool isLoose, ref Hits hits) =>
        Find(text, 0, outerEscapes: -1, names, isLoose, ref hits);

    static void Find(ReadOnlySpan<char> text, int at, int outerEscapes, SecretNames names, bool isLoose,
        ref Hits hits)
    {
        var plain = at;
        while (text[at..].IndexOf('{') is >= 0 and var step)
        {
            at += step;
            var name = at + 1;
            while (name < text.Length && SpaceLength(text, name) is > 0 and var space) name += space;
            var quote = Quote(text[name..]);
            if (quote.Length > 0 && quote.LastIndexOf('\\') >= outerEscapes && IsName(text, name, quote))
            {
                var before = text[plain..at];
                AssignedSecrets.Find(before, plain, names, isLoose, ref hits);
                var json = new JsonSecrets(text, names, isLoose, quote, at);
                json.Value(isLoose ? AssignedSecrets.OfNext(before, names) : Secrecy.None, DepthMax, ref hits);
                plain = name = Math.Max(name, json._at);
            }
            at = name;
        }
        AssignedSecrets.Find(text[plain..], plain, names, isLoose, ref hits);
    }

    /// <summary>
    /// Whether a colon and a value follow a string, as far as can be seen. Else a brace and a quote stood in other text by
    /// chance: <c>{ "Server=db;Password="…"</c>, <c>{ " " : authorization: …</c>.
    /// </summary>
    static bool IsName(ReadOnlySpan<char> text, int at, ReadOnlySpan<char> quote)
    {
        text = text[..Math.Min(text.Length, at + FirstNameMax)];
        var json = new JsonSecrets(text, names: null!, isLoose: false, quote, at);
        if (!json.Text(out _, out _)) return true;
        if (!json.Take(':')) return json._at == text.Length;
        json.SkipSpace();
        var value = text[json._at..];
        var word = value.IndexOfAnyExceptInRange('A', 'z');
        return word <= 0 || value[word] is not (':' or '=');
    }

    static ReadOnlySpan<char> Quote(ReadOnlySpan<char> text)
    {
        var escapes = text.IndexOfAnyExcept('\\');
        if (escapes < 0) return default;
        if (text[escapes] == '"') return text[..(escapes + 1)];
        var isEscaped = escapes > 0 && text[escapes..].StartsWith(EscapedQuote);
        return isEscaped ? text[..(escapes + EscapedQuote.Length)] : default;
    }

    /// <returns>False where it is no JSON, or cut off.</returns>
    bool Value(Secrecy secrecy, int depthLeft, ref Hits hits)
    {
        SkipSpace();
        if (_at == _text.Length || depthLeft == 0) return false;
        if (_text[_at] is '{' or '[') return Values(_text[_at] == '{', secrecy, depthLeft - 1, ref hits);
        if (!AtQuote()) return Word(secrecy, ref hits);
        var isWhole = Text(out var start, out var end);
        if (secrecy != Secrecy.None && SecretNames.IsValue(_text[start..end])) hits.Add(start, end);
        else Find(_text[..end], start, _escapes, _names, _isLoose, ref hits);
        return isWhole;
    }

    bool Values(bool isObject, Secrecy outer, int depthLeft, ref Hits hits)
    {
        _at++;
        var close = isObject ? '}' : ']';
        if (Take(close)) return true;
        do
        {
            var secrecy = outer;
            if (isObject)
            {
                SkipSpace();
                if (!AtQuote()) return false;
                var isWhole = Text(out var start, out var end);
                Find(_text[..end], start, _escapes, _names, _isLoose, ref hits);
                if (!isWhole || !Take(':')) return false;
                if (outer != Secrecy.All && _names.Of(_text[start..end]) is var own && own > outer) secrecy = own;
                // Kubernetes: {"secret":{"secretName":"tls-shop"}}
                if (outer == Secrecy.Texts && _text[start..end] is "secretName") secrecy = Secrecy.None;
            }
            if (!Value(secrecy, depthLeft, ref hits)) return false;
        }
        while (Take(','));
        return Take(close);
    }

    /// <summary>A number, which becomes a text when it is hidden; or a truth value or null, which never is.</summary>
    bool Word(Secrecy secrecy, ref Hits hits)
    {
        var start = _at;
        while (_at < _text.Length && (char.IsAsciiLetterOrDigit(_text[_at]) || _text[_at] is '-' or '+' or '.')) _at++;
        var word = _text[start.._at];
        if (word is "true" or "false" or "null") return true;
        if (word.ContainsAnyExcept("0123456789+-.eE") || !word.ContainsAnyInRange('0', '9')) return false;
        if (secrecy == Secrecy.All || (_isLoose && CardNumbers.IsCard(word)))
            hits.Add(start, _at, $"{_quote}{Hits.Marker}{_quote}");
        return true;
    }

    readonly bool AtQuote() => _text[_at..].StartsWith(_quote);

    /// <summary>
    /// The string that begins here. A quote ends it if an even number of backslashes stands before it, each written as
    /// often as the level of escaping asks for.
    /// </summary>
    bool Text(out int start, out int end)
    {
        start = _at + _quote.Length;
        var perBackslash = _escapes % 2 == 1 ? _escapes + 1 : Math.Max(1, 2 * _escapes);
        var backslashes = 0;
        for (_at = start; _at < _text.Length && _text[_at] >= ' '; _at++)
        {
            if (_text[_at] == '\\')
            {
                backslashes++;
                continue;
            }
            var own = backslashes - _escapes;
            var isOuterQuote = _text[_at] == '"' && (own < 0 || _quote[^1] != '"');
            if (isOuterQuote || (_text[_at] is 'n' or 'r' && backslashes % perBackslash != 0))
            {
                // The string around this one ends, or has a line's end here, which no string of JSON holds.
                end = _at -= backslashes;
                return false;
            }
            if (_text[_at] == _quote[_escapes] && own % (2 * perBackslash) == 0 && own >= 0
                && _text[(_at - _escapes)..].StartsWith(_quote))
            {
                end = _at - _escapes;
                _at = end + _quote.Length;
                return true;
            }
            backslashes = 0;
        }
        end = _at;
        return false;
    }

    bool Take(char c)
    {
        SkipSpace();
        if (_at == _text.Length || _text[_at] != c) return false;
        _at++;
        return true;
    }

    void SkipSpace()
    {
        while (_at < _text.Length && SpaceLength(_text, _at) is > 0 and var length) _at += length;
    }

    /// <summary>Also of a line's end or tab that is escaped.</summary>
    static int SpaceLength(ReadOnlySpan<char> text, int at)
    {
        if (text[at] is ' ' or '\t' or '\r' or '\n') return 1;
        if (text[at] != '\\') return 0;
        var letter = at;
        while (letter < text.Length && text[letter] == '\\') letter++;
        return letter < text.Length && text[letter] is 'n' or 'r' or 't' ? letter + 1 - at : 0;
    }
}
