using System.Diagnostics.CodeAnalysis;
using Serilog.Events;
using Serilog.Parsing;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// Finds in a message the text that each hole of its template became, and gives it to the properties. So a value reads
/// as the application rendered it, with its own type and format, and it is known whether a text of the record was a
/// text: then, and only then, it stands in quotes. Two values that both read otherwise than their JSON and touch each
/// other cannot be told apart.
/// </summary>
sealed class RenderedMessage
{
    /// <summary>Bounds the search where values could end at many positions.</summary>
    const int StepsMax = 10_000;

    readonly string _message;
    readonly List<MessageTemplateToken> _tokens;
    readonly Dictionary<string, LogEventPropertyValue> _properties;
    readonly string[]?[] _expected;
    readonly (int Start, int End)[] _pieces;
    // Positions that were tried and do not fit.
    readonly HashSet<(int Token, int At, int Surprises)> _tried = [];
    int _steps;

    RenderedMessage(string message, List<MessageTemplateToken> tokens,
        Dictionary<string, LogEventPropertyValue> properties) =>
        (_message, _tokens, _properties, _expected, _pieces) = (message, tokens, properties, new string[tokens.Count][],
            new (int, int)[tokens.Count]);

    /// <returns>False: message and template do not fit together, and the properties are as they were.</returns>
    public static bool TryAdopt(string message, List<MessageTemplateToken> tokens,
        Dictionary<string, LogEventPropertyValue> properties)
    {
        var rendered = new RenderedMessage(message, tokens, properties);
        // The fewer values are other than expected, the likelier it is what happened.
        var surprises = 0;
        while (!rendered.Fits(0, 0, surprises))
            if (++surprises > tokens.Count || rendered._steps > StepsMax) return false;
        var pieces = rendered._pieces.Select(piece => message[piece.Start..piece.End]);
        var found = tokens.Zip(pieces, (token, piece) => (Hole: token as PropertyToken, Piece: piece));
        var ofValues = found.Where(one => one.Hole is { } hole && properties.ContainsKey(hole.PropertyName));
        foreach (var ofOne in ofValues.ToLookup(one => one.Hole!.PropertyName, one => (one.Hole!, one.Piece)))
            properties[ofOne.Key] = Adopt(properties[ofOne.Key], [.. ofOne]);
        return true;
    }

    static LogEventPropertyValue Adopt(LogEventPropertyValue value, List<(PropertyToken Hole, string Piece)> rendered)
    {
        if (value is ScalarValue { Value: string } && TryText(value, rendered) is { } text) return text;
        var shown = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (hole, piece) in rendered)
            if (hole.Alignment is null) shown[hole.Format ?? ""] = piece;
            else shown.TryAdd(hole.Format ?? "", piece.Trim(' '));
        return RecordedValue.Of(value, shown);
    }

    /// <summary>
    /// The text that a value is, whole also where the property's own field was cut; null: it is something else.
    /// </summary>
    static LogEventPropertyValue? TryText(LogEventPropertyValue value,
        List<(PropertyToken Hole, string Piece)> rendered)
    {
        // Without quotes a text cannot be told from another value, and need not be.
        var (hole, piece) = rendered.Find(one => one.Hole.Format != "l") is { Hole: not null } quoted
            ? quoted : rendered[0];
        if (piece == Expected(hole, value).First()) return value;
        if (hole.Alignment is not null) piece = piece.Trim(' ');
        if (hole.Format == "l") return new ScalarValue(piece);
        var isQuoted = piece.Length > 1 && piece[0] == '"' && piece[^1] == '"';
        return isQuoted ? new ScalarValue(piece[1..^1].Replace("\\\"", "\"", StringComparison.Ordinal)) : null;
    }

    /// <summary>
    /// Whether the tokens from this one on can be what the message has from there on, so many values other than
    /// expected.
    /// </summary>
    bool Fits(int token, int at, int surprises)
    {
        if (token == _tokens.Count) return at == _message.Length;
        if (++_steps > StepsMax || !_tried.Add((token, at, surprises))) return false;
        foreach (var expected in ExpectedAt(token))
            if (FitsWith(token, at, expected, surprises)) return true;
        if (surprises == 0 || !IsValue(token, out var hole)) return false;
        var least = hole.Alignment?.Width ?? 0;
        for (var end = NextEnd(token, at + least); end >= 0; end = NextEnd(token, end + 1))
        {
            _pieces[token] = (at, end);
            if (Fits(token + 1, end, surprises - 1)) return true;
            if (_steps > StepsMax) return false;
        }
        return false;
    }

    bool FitsWith(int token, int at, string text, int surprises)
    {
        if (string.CompareOrdinal(_message, at, text, 0, text.Length) != 0) return false;
        _pieces[token] = (at, at + text.Length);
        return Fits(token + 1, at + text.Length, surprises);
    }

    /// <summary>
    /// Where a value of unknown length can end: where what comes next begins as expected; -1: nowhere.
    /// </summary>
    int NextEnd(int token, int from)
    {
        if (from > _message.Length) return -1;
        if (token + 1 == _tokens.Count) return _message.Length;
        var ends = ExpectedAt(token + 1).Select(next => _message.IndexOf(next, from, StringComparison.Ordinal))
            .Where(end => end >= 0);
        return ends.DefaultIfEmpty(-1).Min();
    }

    string[] ExpectedAt(int token) =>
        _expected[token] ??= IsValue(token, out var hole)
            ? [.. Expected(hole, _properties[hole.PropertyName])] : [_tokens[token].ToString()!];

    bool IsValue(int token, [NotNullWhen(true)] out PropertyToken? hole)
    {
        hole = _tokens[token] as PropertyToken;
        return hole is not null && _properties.ContainsKey(hole.PropertyName);
    }

    /// <summary>What the value most likely became.</summary>
    static IEnumerable<string> Expected(PropertyToken hole, LogEventPropertyValue value)
    {
        using var output = new StringWriter(CultureInfo.InvariantCulture);
        value.Render(output, hole.Format, CultureInfo.InvariantCulture);
        yield return Aligned(output.ToString(), hole.Alignment);
        if (value is ScalarValue { Value: string text }) yield return Aligned(text, hole.Alignment);
    }

    static string Aligned(string text, Alignment? alignment) => alignment switch
    {
        null => text,
        { Direction: AlignmentDirection.Right, Width: var width } => text.PadLeft(width),
        { Width: var width } => text.PadRight(width),
    };
}
