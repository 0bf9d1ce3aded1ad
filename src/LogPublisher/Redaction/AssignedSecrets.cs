using System.Buffers;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds secrets by the name that is assigned to them. Sure are pairs of a connection string, parameters of a query,
/// and an AWS secret behind its name. Loose are all others: <c>Password=…</c> in command lines,
/// <c>password: …</c>, <c>'db_password' => '…'</c>, <c>Authorization: …</c> and other headers.
/// A value ends where its form says: with its quote, with the bracket around it, with the word; never behind the line.
/// Each place is examined once, with bounded steps before it, and the search goes on behind the value; so the time
/// grows with the text's length and no faster.
/// </summary>
ref struct AssignedSecrets
{
    const int KeyLengthMax = 64;
    const int ParameterMin = 8;
    const int SignatureMin = 32;
    const int ReachMax = 1024;
    const int NearMax = 128;
    const string EscapedAnd = "u0026";

    static readonly SearchValues<char> Assignments = SearchValues.Create("=:");
    static readonly SearchValues<char> NameChars =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_-");
    static readonly SearchValues<char> WordEnds = SearchValues.Create(" \t&,;\"'`<>\\\r\n");
    static readonly SearchValues<char> ParameterEnds = SearchValues.Create(" \t&#;,\"'`<>\\()[]{}\r\n");
    static readonly SearchValues<char> PairEnds = SearchValues.Create(" \t;\"'`<>\\\r\n");
    static readonly SearchValues<char> HardPairEnds = SearchValues.Create(";=\"'\r\n");
    static readonly SearchValues<char> Breaks = SearchValues.Create("\r\n");
    static readonly SearchValues<char> LineEnds = SearchValues.Create("\"'\\\r\n");

    readonly ReadOnlySpan<char> _text;
    readonly SecretNames _names;
    readonly bool _isLoose;
    // Behind the place where one was searched last, the next one of each kind stands there.
    int _wordEnd;
    int _pairEnd;
    int _parameterEnd;

    AssignedSecrets(ReadOnlySpan<char> text, SecretNames names, bool isLoose)
    {
        _text = text;
        _names = names;
        _isLoose = isLoose;
    }

    /// <param name="offset">Where this part of the text begins.</param>
    /// <param name="isLoose">Whether what only looks like a secret is hidden, too.</param>
    public static void Find(ReadOnlySpan<char> text, int offset, SecretNames names, bool isLoose, ref Hits hits)
    {
        // Most texts hold none of these.
        if (text.IndexOfAny(Assignments) is not (>= 0 and var at)) return;
        hits.Offset = offset;
        new AssignedSecrets(text, names, isLoose).Find(at, ref hits);
        hits.Offset = 0;
    }

    /// <summary>What a text that ends with an assignment, as <c>password=</c>, says of what follows.</summary>
    public static Secrecy OfNext(ReadOnlySpan<char> before, SecretNames names)
    {
        before = before.TrimEnd(" \"'\\");
        if (before.EndsWith("=>")) before = before[..^1];
        return before.EndsWith("=")
            ? names.Of(new AssignedSecrets(before, names, true).KeyBefore(before.Length - 1, out _)) : Secrecy.None;
    }

    void Find(int at, ref Hits hits)
    {
        while (true)
        {
            var next = _text[at] == '=' || _isLoose ? At(at, ref hits) : at;
            at = Math.Max(at + 1, next);
            if (at >= _text.Length || _text[at..].IndexOfAny(Assignments) is not (>= 0 and var step)) return;
            at += step;
        }
    }

    /// <returns>Where the search goes on.</returns>
    int At(int at, ref Hits hits)
    {
        var isColon = _text[at] == ':';
        var start = at + 1;
        if (start < _text.Length && _text[start] == '>' && !isColon) start++;
        start = SkipSpaces(start);
        if (start >= _text.Length || (_text[start] == '/' && isColon) || _text[at + 1] == '=') return at + 1;
        var key = KeyBefore(at, out var keyAt);
        if (key.IsEmpty) return at + 1;
        var before = keyAt > 0 ? _text[keyAt - 1] : '\0';
        var isAnd = before == '\\' && key.StartsWith(EscapedAnd);
        if (isAnd) key = key[EscapedAnd.Length..];
        if (!isColon && (isAnd || before is '?' or '&')) return Parameter(key, start, ref hits);
        var secrecy = _names.Of(key);
        if (secrecy == Secrecy.None) return at + 1;
        if (!isColon && Pair(keyAt, start, ref hits) is > 0 and var pairEnd) return pairEnd;
        var word = End(ref _wordEnd, start, WordEnds);
        if (key.EndsWith("key", StringComparison.OrdinalIgnoreCase) && BeforeClosing(start, word) is var end
            && KnownTokens.IsAwsSecret(_text[start..end])) return Add(start, end, Secrecy.Texts, ref hits);
        return _isLoose ? Loose(key, secrecy, start, word, isColon, ref hits) : at + 1;
    }

    /// <summary>A query's parameter; a short word may be anything but a password.</summary>
    int Parameter(ReadOnlySpan<char> key, int start, ref Hits hits)
    {
        var value = _text[start..End(ref _parameterEnd, start, ParameterEnds)];
        var secrecy = _names.Of(key);
        var isSecret = secrecy == Secrecy.None
            ? value.Length >= (_isLoose ? 2 : SignatureMin) && (key.Equals("sig", StringComparison.OrdinalIgnoreCase)
                || key.EndsWith("-signature", StringComparison.OrdinalIgnoreCase))
            : secrecy == Secrecy.All || _isLoose
                || (value.Length >= ParameterMin
                    && value[..Math.Min(value.Length, NearMax)].ContainsAnyInRange('0', '9'));
        return isSecret ? Add(start, start + value.Length, secrecy, ref hits) : start;
    }

    /// <returns>Where the pair of a connection string ends; 0: it is none.</returns>
    int Pair(int keyAt, int start, ref Hits hits)
    {
        var isQuoted = _text[start] is '"' or '\'' or '{';
        var reach = Math.Min(_text.Length, start + ReachMax);
        var end = isQuoted ? QuotedEnd(start, reach) : End(ref _pairEnd, start, PairEnds);
        if (isQuoted && (end == reach || _text[end] is '\r' or '\n')) return 0;
        // This was the quote that ends the list: Password="
        if (isQuoted && end + 1 < _text.Length && char.IsLetterOrDigit(_text[end + 1])) return 0;
        // A value may hold spaces when the list goes on behind it.
        if (!isQuoted && _text[end..].IndexOfAny(HardPairEnds) is >= 0 and var length && _text[end + length] == ';'
            && ConnectionPairs.GoesOn(_text[(end + length + 1)..]))
            end += _text.Slice(end, length).TrimEnd(' ').Length;
        if (!isQuoted && (end == _text.Length || _text[end] != ';')) end = BeforeClosing(start, end);
        var behind = isQuoted ? end + 1 : end;
        if (isQuoted) start++;
        else if (_text[start..Math.Min(end, reach)].IndexOfAny(';', ',') is > 0 and var comma
            && _text[start + comma] == ',' && ConnectionPairs.Join("", _text[(start + comma)..]))
            behind = end = start + comma;
        return ConnectionPairs.Join(_text[..keyAt], _text[behind..]) ? Add(start, end, Secrecy.All, ref hits) : 0;
    }

    int Loose(ReadOnlySpan<char> key, Secrecy secrecy, int start, int word, bool isColon, ref Hits hits)
    {
        if (_text[start..].StartsWith(Hits.Marker)) return start + Hits.Marker.Length;
        var quote = start;
        while (quote < _text.Length && _text[quote] == '\\') quote++;
        if (quote < _text.Length && _text[quote] is '"' or '\'' or '`')
            return Add(quote + 1, QuotedEnd(quote, _text.Length, quote - start, isOuter: true), secrecy, ref hits);
        if (isColon && IsHeader(key))
            return Add(start, BeforeClosing(start, EndAt(start, LineEnds)), secrecy, ref hits);
        if (_text[start] is '{' or '[' or '(') return InBrackets(start, secrecy, ref hits);
        if (isColon && secrecy != Secrecy.All) return start;
        // The name of another pair, a call, an object that prints itself.
        var name = _text[start..word].TrimEnd('=').IndexOfAny("=:({[");
        if (name >= 0 && !_text.Slice(start, name).ContainsAnyExcept(NameChars))
            return start + Math.Max(name, 1);
        if (word < _text.Length && _text[word] == '<') return word;
        return IsProse(start, word, isColon) ? word : Add(start, BeforeClosing(start, word), secrecy, ref hits);
    }

    /// <summary>Behind a colon a word of letters alone, before more words, is the first of a sentence.</summary>
    readonly bool IsProse(int start, int end, bool isColon) =>
        isColon && end + 1 < _text.Length && _text[end] == ' ' && char.IsAsciiLetter(_text[end + 1])
            && !_text[start..end].ContainsAnyExceptInRange('A', 'z');

    /// <summary>
    /// Each text in quotes that names nothing; without any, each word. Nothing where a bracket is missing.
    /// </summary>
    readonly int InBrackets(int open, Secrecy secrecy, ref Hits hits)
    {
        var line = _text[..Math.Min(open + NearMax, _text.Length)];
        if (line[open..].IndexOfAny(Breaks) is >= 0 and var length) line = line[..(open + length)];
        var depth = 0;
        var end = open;
        for (; end < line.Length; end++)
        {
            if (line[end] is '"' or '\'') end = QuotedEnd(end, line.Length);
            else if (line[end] is '{' or '[' or '(') depth++;
            else if (line[end] is '}' or ']' or ')' && --depth == 0) break;
        }
        if (end >= line.Length) return open + 1;
        var hasQuotes = line[open..end].ContainsAny('"', '\'');
        for (var at = open + 1; at < end;)
        {
            if (line[at] == '\\' || line[at..].StartsWith(Hits.Marker))
            {
                at += line[at] == '[' ? Hits.Marker.Length : EscapeLength(line[at..end]);
                continue;
            }
            var isQuote = line[at] is '"' or '\'';
            var valueEnd = isQuote ? QuotedEnd(at, line.Length) : EndAt(at, ParameterEnds);
            var behind = SkipSpaces(isQuote ? valueEnd + 1 : valueEnd);
            var isName = behind < line.Length && line[behind] is ':' or '=';
            if (isQuote ? !isName : !hasQuotes && !isName && !line[at..valueEnd].ContainsAny(Assignments))
                Add(isQuote ? at + 1 : at, Math.Min(valueEnd, end), secrecy, ref hits);
            at = valueEnd < end && line[valueEnd] == '\\' ? valueEnd : Math.Max(at, valueEnd) + 1;
        }
        return end;
    }

    static int EscapeLength(ReadOnlySpan<char> text)
    {
        var escapes = text.IndexOfAnyExcept('\\');
        if (escapes < 0) return text.Length;
        return escapes + (text[escapes] == 'u' ? EscapedAnd.Length : 1);
    }

    static bool IsHeader(ReadOnlySpan<char> key) =>
        key.EndsWith("authorization", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith("cookie", StringComparison.OrdinalIgnoreCase) || key.Contains('-');

    /// <summary>The word that ends before this place; spaces and a closing quote may stand between.</summary>
    readonly ReadOnlySpan<char> KeyBefore(int at, out int start)
    {
        var end = at;
        while (end > 0 && at - end < 3 && _text[end - 1] == ' ') end--;
        if (end > 0 && _text[end - 1] is '"' or '\'' or '`') end--;
        while (end > 0 && at - end < 8 && _text[end - 1] == '\\') end--;
        start = WordStart(end, end);
        // Two words, as connection strings have them: Shared Access Key.
        if (start > 1 && _text[start - 1] == ' ' && _text[start..end].Equals("key", StringComparison.OrdinalIgnoreCase))
            start = WordStart(start - 1, end);
        return _text[start..end];
    }

    readonly int WordStart(int start, int end)
    {
        while (start > 0 && end - start < KeyLengthMax
            && (char.IsLetterOrDigit(_text[start - 1]) || _text[start - 1] is '_' or '-' or '.')) start--;
        return start;
    }

    /// <summary>
    /// Where the quote or brace that opens here closes; a backslash, or the same once more, makes it part of the value.
    /// Without one the value ends with its line.
    /// </summary>
    /// <param name="isOuter">A quote before a word opens one within: <c>"Server=db;Password="a;b""</c>.</param>
    readonly int QuotedEnd(int open, int limit, int escapes = 0, bool isOuter = false)
    {
        var quote = _text[open] == '{' ? '}' : _text[open];
        ReadOnlySpan<char> stops = [quote, '\\', '\r', '\n'];
        var end = open + 1;
        while (_text[end..limit].IndexOfAny(stops) is >= 0 and var step)
        {
            end += step;
            if (_text[end] is '\r' or '\n') return end;
            var quoteAt = end;
            while (quoteAt < limit && _text[quoteAt] == '\\') quoteAt++;
            if (quoteAt < limit && _text[quoteAt] == quote)
            {
                var isDouble = quoteAt == end && escapes == 0 && quoteAt + 1 < limit && _text[quoteAt + 1] == quote;
                var isInner = isOuter && quoteAt + 1 < limit && char.IsLetterOrDigit(_text[quoteAt + 1]);
                if (quoteAt - end <= escapes && !isDouble && !isInner) return end;
                quoteAt += isDouble ? 2 : 1;
            }
            end = quoteAt;
        }
        return limit;
    }

    int End(ref int last, int start, SearchValues<char> ends) => last > start ? last : last = EndAt(start, ends);

    readonly int EndAt(int start, SearchValues<char> ends)
    {
        while (_text[start..].IndexOfAny(ends) is >= 0 and var length)
        {
            start += length;
            // JSON writes '+' as \u002B, which belongs to the value, and a quote as \u0022, which ends it.
            var isEscaped = start + 6 <= _text.Length && _text[start] == '\\' && _text[start + 1] == 'u'
                && ushort.TryParse(_text.Slice(start + 2, 4), NumberStyles.AllowHexSpecifier, null, out var letter)
                && !ends.Contains((char)letter);
            if (!isEscaped) return start;
            start++;
        }
        return _text.Length;
    }

    /// <summary>The end, but for brackets that were opened before the value and a sentence's end.</summary>
    readonly int BeforeClosing(int start, int end)
    {
        var near = Math.Max(start, end - ReachMax);
        var value = _text[near..end];
        return near + (value.ContainsAny('(', '[', '{') ? value : value.TrimEnd(".,)]}")).Length;
    }

    readonly int SkipSpaces(int at)
    {
        var end = Math.Min(_text.Length, at + 8);
        while (at < end && _text[at] is ' ' or '\t') at++;
        return at;
    }

    readonly int Add(int start, int end, Secrecy secrecy, ref Hits hits)
    {
        var value = _text[start..end];
        var isNumber = !value.ContainsAnyExcept("0123456789.,-+");
        if (SecretNames.IsValue(value) && !(isNumber && secrecy == Secrecy.Texts)) hits.Add(start, end);
        return end;
    }
}
