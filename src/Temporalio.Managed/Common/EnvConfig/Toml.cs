using System.Buffers;
using System.Globalization;
using System.Text;

namespace Temporalio.Common.EnvConfig;

/// <summary>
/// Reads the part of TOML that configuration files of clients are written in: comments, tables, dotted and quoted keys,
/// all four kinds of texts, booleans, and inline tables. Numbers and dates are passed over; arrays are refused.
/// </summary>
sealed class Toml
{
    const int DepthMax = 16;
    static readonly SearchValues<char> BareKey = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    readonly string _text;
    int _at;
    int _line = 1;

    Toml(string text) => _text = text;

    /// <exception cref="TomlException">The text cannot be taken.</exception>
    public static TomlTable Parse(string text) => new Toml(text.TrimStart('\uFEFF').ReplaceLineEndings("\n")).ReadFile();

    char Peek => _at < _text.Length ? _text[_at] : '\0';

    bool Ended => _at >= _text.Length;

    TomlTable ReadFile()
    {
        var root = new TomlTable(1);
        var table = root;
        while (true)
        {
            SkipBlank();
            if (Ended) return root;
            if (Peek == '[') table = ReadHeader(root);
            else ReadPair(table, 0);
            EndLine();
        }
    }

    TomlTable ReadHeader(TomlTable root)
    {
        _at++;
        if (Peek == '[') throw Error("arrays of tables ([[…]]) are not used in this file.");
        var table = root;
        foreach (var key in ReadKeys()) table = table.Enter(key, _line);
        Take(']', "a ']' ends the table's name");
        if (table.Opened) throw Error("this table stands here a second time.");
        table.Opened = true;
        return table;
    }

    void ReadPair(TomlTable table, int depth)
    {
        var keys = ReadKeys();
        Take('=', "a '=' follows the key");
        SkipSpaces();
        var line = _line;
        var value = ReadValue(depth);
        foreach (var key in keys[..^1]) table = table.Enter(key, line);
        table.Add(keys[^1], value, line);
    }

    List<string> ReadKeys()
    {
        var keys = new List<string>();
        do
        {
            SkipSpaces();
            keys.Add(Peek switch
            {
                '"' => ReadBasic(),
                '\'' => ReadLiteral(),
                _ => ReadBare(),
            });
            if (keys.Count > DepthMax) throw Error($"a key has at most {DepthMax} parts.");
            SkipSpaces();
        }
        while (Skip('.'));
        return keys;
    }

    string ReadBare()
    {
        var from = _at;
        while (!Ended && BareKey.Contains(Peek)) _at++;
        return _at > from ? _text[from.._at] : throw Error($"a key was expected, not {Shown()}.");
    }

    object ReadValue(int depth)
    {
        switch (Peek)
        {
            case '"': return At("\"\"\"") ? ReadMultiline('"') : ReadBasic();
            case '\'': return At("'''") ? ReadMultiline('\'') : ReadLiteral();
            case '{': return ReadInline(depth + 1);
            case '[': throw Error("arrays are not used in this file.");
        }
        var from = _at;
        while (!Ended && Peek is not ('\n' or '#' or ',' or '}')) _at++;
        var word = _text[from.._at].TrimEnd();
        return word switch
        {
            "true" => true,
            "false" => false,
            "" => throw Error("a value was expected after the '='."),
            _ when char.IsAsciiDigit(word[0]) || word[0] is '+' or '-' || word is "inf" or "nan" => new TomlOther(word),
            _ => throw Error($"'{(word.Length > 40 ? word[..40] + "…" : word)}' is no value; put texts in quotes."),
        };
    }

    TomlTable ReadInline(int depth)
    {
        if (depth > DepthMax) throw Error($"tables lie at most {DepthMax} deep in each other.");
        var table = new TomlTable(_line) { Opened = true };
        _at++;
        SkipSpaces();
        if (Skip('}')) return table;
        do
        {
            ReadPair(table, depth);
            SkipSpaces();
        }
        while (Skip(','));
        Take('}', "a '}' ends an inline table on the line where it began");
        return table;
    }

    string ReadLiteral()
    {
        var end = _text.IndexOfAny(['\'', '\n'], ++_at);
        if (end < 0 || _text[end] == '\n') throw Error("a text that began with ' does not end on its line.");
        var value = _text[_at..end];
        _at = end + 1;
        return value;
    }

    string ReadBasic()
    {
        _at++;
        var value = new StringBuilder();
        while (true)
        {
            if (Ended || Peek == '\n') throw Error("a text that began with \" does not end on its line.");
            var c = _text[_at++];
            if (c == '"') return value.ToString();
            if (c == '\\') ReadEscape(value);
            else value.Append(c);
        }
    }

    string ReadMultiline(char quote)
    {
        var began = _line;
        var end = new string(quote, 3);
        _at += 3;
        if (Peek == '\n') NewLine();
        var value = new StringBuilder();
        while (!At(end))
        {
            if (Ended) throw new TomlException(began, $"a text that began with {end} does not end.");
            if (Peek == '\n') _line++;
            var c = _text[_at++];
            if (c != '\\' || quote == '\'') value.Append(c);
            else if (RestOfLineIsBlank()) SkipWhite();
            else ReadEscape(value);
        }
        _at += 3;
        // Up to two quotes may stand before the three that end it.
        for (var extra = 0; extra < 2 && Skip(quote); extra++) value.Append(quote);
        return value.ToString();
    }

    void ReadEscape(StringBuilder value)
    {
        if (Ended) throw Error("a text ends within an escape.");
        var c = _text[_at++];
        switch (c)
        {
            case 'b': value.Append('\b'); break;
            case 't': value.Append('\t'); break;
            case 'n': value.Append('\n'); break;
            case 'f': value.Append('\f'); break;
            case 'r': value.Append('\r'); break;
            case 'e': value.Append('\u001b'); break;
            case '"' or '\\': value.Append(c); break;
            case 'u': value.Append(ReadRune(4)); break;
            case 'U': value.Append(ReadRune(8)); break;
            default: throw Error($"'\\{c}' is no escape; for a path, put the text in 'single quotes'.");
        }
    }

    string ReadRune(int digits) =>
        _at + digits <= _text.Length
        && int.TryParse(_text.AsSpan(_at, digits), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var code)
        && Rune.TryCreate(code, out var rune)
            ? Advance(digits, rune.ToString())
            : throw Error($"an escape needs {digits} hexadecimal digits that name a character.");

    string Advance(int by, string value)
    {
        _at += by;
        return value;
    }

    void EndLine()
    {
        SkipSpaces();
        SkipComment();
        if (!Ended && Peek != '\n') throw Error($"the line should end here, not go on with {Shown()}.");
    }

    void SkipBlank()
    {
        while (true)
        {
            SkipSpaces();
            SkipComment();
            if (Ended || Peek != '\n') return;
            NewLine();
        }
    }

    void SkipComment()
    {
        if (Peek != '#') return;
        while (!Ended && Peek != '\n') _at++;
    }

    void SkipSpaces()
    {
        while (Peek is ' ' or '\t') _at++;
    }

    void SkipWhite()
    {
        while (Peek is ' ' or '\t' or '\n')
            if (Peek == '\n') NewLine();
            else _at++;
    }

    bool RestOfLineIsBlank()
    {
        var i = _at;
        while (i < _text.Length && _text[i] is ' ' or '\t') i++;
        return i < _text.Length && _text[i] == '\n';
    }

    void NewLine()
    {
        _at++;
        _line++;
    }

    bool At(string what) => string.CompareOrdinal(_text, _at, what, 0, what.Length) == 0;

    bool Skip(char c)
    {
        if (Peek != c || Ended) return false;
        _at++;
        return true;
    }

    void Take(char c, string rule)
    {
        SkipSpaces();
        if (!Skip(c)) throw Error($"{rule}; here stands {Shown()}.");
    }

    string Shown() => Ended ? "the end of the file" : Peek == '\n' ? "the end of the line" : $"'{Peek}'";

    TomlException Error(string what) => new(_line, what);
}
