namespace LogPipeline.Worker.Cli;

/// <summary>
/// Writes text that may hold anything (names, a server's answers) to a console: what would steer the terminal, or let
/// a line look like another, is a question mark there. Lines and tabs stay.
/// </summary>
sealed class HarmlessWriter(TextWriter console) : TextWriter
{
    readonly Lock _gate = new();
    readonly StringBuilder _shown = new();
    // A carriage return that ends no line goes back to its beginning.
    bool _hasReturn;

    public override Encoding Encoding => console.Encoding;

    public override void Write(char value) => Write([value]);

    public override void Write(ReadOnlySpan<char> buffer)
    {
        lock (_gate)
        {
            // As one: a console passes on each write at once.
            _shown.Clear();
            foreach (var value in buffer) Add(value);
            console.Write(_shown);
        }
    }

    public override void Write(char[] buffer, int index, int count) => Write(buffer.AsSpan(index, count));

    public override void Write(string? value) => Write(value.AsSpan());

    public override void Flush()
    {
        lock (_gate) console.Flush();
    }

    /// <summary>Whether a character shows nothing but changes what is shown.</summary>
    public static bool Steers(char c) => char.IsControl(c)
        || c is '\u2028' or '\u2029' or (>= '\u202a' and <= '\u202e') or (>= '\u2066' and <= '\u2069');

    /// <summary>The text with a question mark for each such character.</summary>
    public static string Harmless(string text) =>
        Contains(text) ? string.Concat(text.Select(c => Steers(c) ? '?' : c)) : text;

    static bool Contains(ReadOnlySpan<char> text)
    {
        foreach (var c in text)
            if (Steers(c)) return true;
        return false;
    }

    void Add(char value)
    {
        if (_hasReturn)
        {
            _shown.Append(value == '\n' ? '\r' : '?');
            _hasReturn = false;
        }
        if (value == '\r') _hasReturn = true;
        else _shown.Append(value is not '\n' and not '\t' && Steers(value) ? '?' : value);
    }
}
