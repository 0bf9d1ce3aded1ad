namespace LogPipeline.Tests.Publisher;

/// <summary>
/// Reads JSON as RFC 8259 has it and nothing beside: written for these tests from the grammar, so that what the sink writes is
/// not judged by the library of those who wrote it. Stricter in two places: names within an object differ, and surrogates come in pairs.
/// Objects are dictionaries, arrays lists, numbers their text in a <see cref="Number"/>.
/// </summary>
sealed class StrictJson
{
    const int DepthMax = 200;

    readonly string _text;
    int _at;

    StrictJson(string text) => _text = text;

    public sealed record Number(string Text)
    {
        public double Double => double.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        public decimal Decimal => decimal.Parse(Text, NumberStyles.Float, CultureInfo.InvariantCulture);
        public long Long => long.Parse(Text, CultureInfo.InvariantCulture);
    }

    public static Dictionary<string, object?> ReadLine(byte[] utf8)
    {
        foreach (var b in utf8)
            if (b is (byte)'\n' or (byte)'\r') throw new FormatException("The record is not one line.");
        var json = new StrictJson(new UTF8Encoding(false, throwOnInvalidBytes: true).GetString(utf8));
        var value = json.Value(0);
        if (json._at != json._text.Length) throw json.Wrong("something follows the value");
        return value as Dictionary<string, object?> ?? throw new FormatException("The record is not an object.");
    }

    object? Value(int depth)
    {
        if (depth > DepthMax) throw Wrong("too deep");
        Space();
        object? value = Peek() switch
        {
            '{' => Object(depth),
            '[' => Array(depth),
            '"' => Text(),
            't' => Word("true", true),
            'f' => Word("false", false),
            'n' => Word("null", null),
            _ => ReadNumber(),
        };
        Space();
        return value;
    }

    Dictionary<string, object?> Object(int depth)
    {
        var members = new Dictionary<string, object?>(StringComparer.Ordinal);
        _at++;
        Space();
        if (Peek() == '}') { _at++; return members; }
        while (true)
        {
            Space();
            var name = Text();
            Space();
            Take(':');
            if (!members.TryAdd(name, Value(depth + 1))) throw Wrong($"the name '{name}' comes twice");
            if (Peek() == ',') { _at++; continue; }
            Take('}');
            return members;
        }
    }

    List<object?> Array(int depth)
    {
        var elements = new List<object?>();
        _at++;
        Space();
        if (Peek() == ']') { _at++; return elements; }
        while (true)
        {
            elements.Add(Value(depth + 1));
            if (Peek() == ',') { _at++; continue; }
            Take(']');
            return elements;
        }
    }

    string Text()
    {
        Take('"');
        var text = new StringBuilder();
        while (true)
        {
            var c = Next();
            if (c == '"') break;
            if (c < 0x20) throw Wrong("a control character stands in a text");
            if (c != '\\') { text.Append(c); continue; }
            text.Append(Next() switch
            {
                '"' => '"',
                '\\' => '\\',
                '/' => '/',
                'b' => '\b',
                'f' => '\f',
                'n' => '\n',
                'r' => '\r',
                't' => '\t',
                'u' => Hex(),
                var other => throw Wrong($"'\\{other}' is no escape"),
            });
        }
        var read = text.ToString();
        if (read.EnumerateRunes().Any(rune => rune == Rune.ReplacementChar) && !read.Contains('\ufffd'))
            throw Wrong("half a surrogate pair");
        return read;
    }

    char Hex()
    {
        var value = 0;
        for (var i = 0; i < 4; i++)
        {
            var digit = Next();
            if (!char.IsAsciiHexDigit(digit)) throw Wrong($"'{digit}' is no hexadecimal digit");
            value = value * 16 + Convert.ToInt32(digit.ToString(), 16);
        }
        return (char)value;
    }

    Number ReadNumber()
    {
        var start = _at;
        if (Peek() == '-') _at++;
        if (Peek() == '0') _at++;
        else Digits();
        if (Peek() == '.') { _at++; Digits(); }
        if (Peek() is 'e' or 'E')
        {
            _at++;
            if (Peek() is '+' or '-') _at++;
            Digits();
        }
        return new Number(_text[start.._at]);
    }

    void Digits()
    {
        var start = _at;
        while (char.IsAsciiDigit(Peek())) _at++;
        if (_at == start) throw Wrong("a digit is missing");
    }

    object? Word(string word, object? value)
    {
        foreach (var c in word) Take(c);
        return value;
    }

    void Space()
    {
        while (Peek() is ' ' or '\t') _at++;
    }

    char Peek() => _at < _text.Length ? _text[_at] : '\0';

    char Next() => _at < _text.Length ? _text[_at++] : throw Wrong("the text ends");

    void Take(char expected)
    {
        if (Next() != expected) throw Wrong($"'{expected}' is missing");
    }

    FormatException Wrong(string what) => new($"At {_at}: {what}, in {_text[..Math.Min(_text.Length, 500)]}");
}
