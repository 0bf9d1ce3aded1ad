using System.Text.RegularExpressions;

namespace LogPipeline.Worker.Cli.Send;

/// <param name="Text">Its lines, with line feeds between.</param>
/// <param name="End">The place behind its last line, in bytes from the start of its input.</param>
/// <param name="Lines">How many.</param>
/// <param name="LinesReplaced">How many of them held bytes that are no text.</param>
readonly record struct InputEvent(string Text, long End, int Lines, int LinesReplaced = 0);

/// <summary>
/// Makes events of lines: each line is one, or, with an expression for the first line of an event, the lines up to the
/// next first line are one. An event that grows over a bound ends there.
/// </summary>
/// <param name="firstLine">Null: each line is an event.</param>
sealed class EventJoiner(Regex? firstLine, TimeProvider time)
{
    public const int LinesMax = 1_000;
    public const int CharactersMax = 128 * 1024;

    /// <summary>So long a growing input is waited for that an event may go on.</summary>
    public static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(3);

    readonly StringBuilder _text = new();
    int _lines;
    int _linesReplaced;
    long _end;
    long _lastAt;

    /// <summary>An event has begun and nothing was added to it for a while.</summary>
    public bool IsDue => _lines > 0 && time.GetElapsedTime(_lastAt) >= WaitMax;

    /// <summary>Adds a line.</summary>
    /// <param name="done">The event that is finished by it: itself, or the one before.</param>
    /// <returns>Whether one is.</returns>
    public bool TryAdd(in InputLine line, out InputEvent done)
    {
        if (firstLine is null)
        {
            done = new InputEvent(line.Text, line.End, 1, line.IsReplaced ? 1 : 0);
            return true;
        }
        done = default;
        var ends = _lines > 0 && (_lines == LinesMax || _text.Length + line.Text.Length > CharactersMax
            || firstLine.IsMatch(line.Text));
        if (ends) TryEnd(out done);
        if (_lines++ > 0) _text.Append('\n');
        _text.Append(line.Text);
        if (line.IsReplaced) _linesReplaced++;
        _end = line.End;
        _lastAt = time.GetTimestamp();
        return ends;
    }

    /// <summary>The event that has begun, if one has.</summary>
    public bool TryEnd(out InputEvent done)
    {
        done = new InputEvent(_text.ToString(), _end, _lines, _linesReplaced);
        _text.Clear();
        (_lines, _linesReplaced) = (0, 0);
        return done.Lines > 0;
    }
}
