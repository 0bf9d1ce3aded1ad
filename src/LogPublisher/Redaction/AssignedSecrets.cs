using System.Buffers;

namespace LogPipeline.Publisher.Redaction;

/// <summary>
/// Finds secrets by what stands before them: <c>Password=…</c> in connection strings, command lines and queries,
/// <c>"api_key": "…"</c> in JSON (also inside a JSON text), <c>Authorization: …</c> and other headers,
/// <c>password: …</c>, <c>&lt;Password&gt;…&lt;/</c> in XML, and <c>scheme://user:password@host</c>.
/// Each '=', ':' and '>' is examined once, with bounded steps to both sides; where a value ends is searched once for
/// all that end there. So the time grows with the text's length and no faster.
/// </summary>
ref struct AssignedSecrets
{
    const int KeyLengthMax = 64;
    const int LookAheadMax = 512;
    const int BareUserInfoLengthMin = 16;

    static readonly SearchValues<char> Assignments = SearchValues.Create("=:>");
    static readonly SearchValues<char> HardEnds = SearchValues.Create(";\"'\r\n");
    static readonly SearchValues<char> SoftEnds = SearchValues.Create(" \t&,;\"'<>\r\n");
    static readonly SearchValues<char> LineEnds = SearchValues.Create("\"'\r\n");
    static readonly SearchValues<char> HostEnds = SearchValues.Create("@/ \t\"'?#<>\r\n");
    static readonly string[] Words = ["null", "none", "true", "false", "undefined"];

    readonly ReadOnlySpan<char> _text;
    readonly SecretNames _names;
    // Behind the place where one was searched last, the next one of each kind stands there.
    int _softEnd;
    int _lineEnd;

    AssignedSecrets(ReadOnlySpan<char> text, SecretNames names)
    {
        _text = text;
        _names = names;
    }

    public static void Find(ReadOnlySpan<char> text, SecretNames names, ref Hits hits)
    {
        // Most texts hold none of these.
        var at = text.IndexOfAny(Assignments);
        if (at >= 0) new AssignedSecrets(text, names).Find(at, ref hits);
    }

    void Find(int at, ref Hits hits)
    {
        while (true)
        {
            var next = _text[at] switch
            {
                '=' => AfterEquals(at, ref hits),
                ':' => AfterColon(at, ref hits),
                _ => AfterTag(at, ref hits),
            };
            at = Math.Max(at + 1, next);
            if (at >= _text.Length || _text[at..].IndexOfAny(Assignments) is not (>= 0 and var step)) return;
            at += step;
        }
    }

    /// <returns>Where the search goes on.</returns>
    int AfterEquals(int at, ref Hits hits)
    {
        var start = SkipSpaces(at + 1);
        if (start >= _text.Length || _text[at + 1] is '=' or '>') return start;
        var key = KeyBefore(at, out _);
        if (key.IsEmpty || !(IsSecret(key) || key.Equals("sig", StringComparison.OrdinalIgnoreCase))) return at + 1;
        if (_text[start] == '\\' && start + 1 < _text.Length && _text[start + 1] is '"' or '\'')
            return AddQuoted(start + 1, isEscaped: true, ref hits);
        return _text[start] is '"' or '\''
            ? AddQuoted(start, isEscaped: false, ref hits) : AddUnquoted(start, ref hits);
    }

    int AfterColon(int at, ref Hits hits)
    {
        if (_text[at..].StartsWith("://")) return UserInfo(at + 3, ref hits);
        var start = SkipSpaces(at + 1);
        if (start >= _text.Length) return start;
        var key = KeyBefore(at, out var isQuoted);
        if (key.IsEmpty || !IsSecret(key)) return at + 1;
        if (isQuoted && _text[start] == '\\' && start + 1 < _text.Length)
            return AddQuoted(start + 1, isEscaped: true, ref hits);
        if (IsHeader(key) && !isQuoted) return Add(start, LineEnd(start), ref hits);
        if (!isQuoted && !key.Contains("pass", StringComparison.OrdinalIgnoreCase)
            && !key.Contains("pwd", StringComparison.OrdinalIgnoreCase)) return at + 1;
        return _text[start] is '"' or '\''
            ? AddQuoted(start, isEscaped: false, ref hits) : AddUnquoted(start, ref hits);
    }

    int AfterTag(int at, ref Hits hits)
    {
        var key = KeyBefore(at, out var isQuoted);
        var before = at - key.Length - 1;
        if (key.IsEmpty || isQuoted || before < 0 || _text[before] is not ('<' or ':') || !IsSecret(key)) return at + 1;
        return Add(at + 1, TagEnd(at + 1), ref hits);
    }

    /// <summary>The password, or the whole when it is one long word with digits in it, as tokens are given.</summary>
    readonly int UserInfo(int start, ref Hits hits)
    {
        var ahead = _text[start..Math.Min(_text.Length, start + LookAheadMax)];
        var end = ahead.IndexOfAny(HostEnds);
        if (end < 0 || ahead[end] != '@') return start;
        var colon = ahead[..end].IndexOf(':');
        if (colon >= 0) return Add(start + colon + 1, start + end, ref hits);
        return end >= BareUserInfoLengthMin && ahead[..end].ContainsAnyInRange('0', '9')
            ? Add(start, start + end, ref hits) : start;
    }

    readonly bool IsSecret(ReadOnlySpan<char> key) => _names.Of(key) != Secrecy.None;

    static bool IsHeader(ReadOnlySpan<char> key) =>
        key.EndsWith("authorization", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith("cookie", StringComparison.OrdinalIgnoreCase)
        || (key.Contains('-') && (key.EndsWith("key", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith("token", StringComparison.OrdinalIgnoreCase)
            || key.EndsWith("secret", StringComparison.OrdinalIgnoreCase)));

    /// <summary>The word that ends before this place; spaces and a closing quote may stand between.</summary>
    readonly ReadOnlySpan<char> KeyBefore(int at, out bool isQuoted)
    {
        var end = at;
        while (end > 0 && at - end < 3 && _text[end - 1] == ' ') end--;
        isQuoted = end > 0 && _text[end - 1] is '"' or '\'';
        if (isQuoted)
        {
            end--;
            if (end > 0 && _text[end - 1] == '\\') end--;
        }
        var start = WordStart(end, end);
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
    /// The value in quotes that opens at this place, as far as the closing one; without one, to the text's end.
    /// </summary>
    readonly int AddQuoted(int open, bool isEscaped, ref Hits hits)
    {
        var quote = _text[open];
        var end = open + 1;
        for (; end < _text.Length; end++)
        {
            if (_text[end] == '\\')
            {
                if (isEscaped && end + 1 < _text.Length && _text[end + 1] == quote) break;
                end++;
            }
            else if (_text[end] == quote)
            {
                // A doubled quote is part of a connection string's value.
                if (end + 1 >= _text.Length || _text[end + 1] != quote) break;
                end++;
            }
        }
        return Add(open + 1, Math.Min(end, _text.Length), ref hits);
    }

    /// <summary>
    /// In a connection string a value ends with ';' and may hold spaces; in a sentence or a query it ends earlier. It
    /// is taken as the former when no other key stands before the ';'. The search goes on within the value, as what
    /// looks like one may be the key of another.
    /// </summary>
    int AddUnquoted(int start, ref Hits hits)
    {
        var soft = SoftEnd(start);
        var hard = _text[start..Math.Min(_text.Length, start + LookAheadMax)].IndexOfAny(HardEnds) + start;
        var end = hard > soft && _text[hard] == ';' && !_text[soft..hard].ContainsAny(Assignments) ? hard : soft;
        Add(start, end, ref hits);
        return start;
    }

    int SoftEnd(int start) => _softEnd > start ? _softEnd : _softEnd = EndAt(start, SoftEnds);

    int LineEnd(int start) => _lineEnd > start ? _lineEnd : _lineEnd = EndAt(start, LineEnds);

    readonly int TagEnd(int start)
    {
        var length = _text[start..].IndexOf('<');
        return length < 0 ? _text.Length : start + length;
    }

    readonly int EndAt(int start, SearchValues<char> ends)
    {
        var length = _text[start..].IndexOfAny(ends);
        return length < 0 ? _text.Length : start + length;
    }

    readonly int SkipSpaces(int at)
    {
        var end = Math.Min(_text.Length, at + 8);
        while (at < end && _text[at] is ' ' or '\t') at++;
        return at;
    }

    readonly int Add(int start, int end, ref Hits hits)
    {
        var value = _text[start..end];
        if (value.IsEmpty || value.SequenceEqual(Hits.Marker) || !value.ContainsAnyExcept('*')) return end;
        foreach (var word in Words)
            if (value.Equals(word, StringComparison.OrdinalIgnoreCase)) return end;
        hits.Add(start, end);
        return end;
    }
}
