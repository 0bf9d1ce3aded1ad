using System.Text.RegularExpressions;
using Serilog.Events;
using Serilog.Formatting.Display;
using Serilog.Parsing;

namespace LogPipeline.Worker.Formats;

/// <summary>
/// What a line of text holds: an output template of Serilog's. Serilog takes any text for one and shows what it does
/// not understand; here it is refused.
/// </summary>
sealed partial class TextTemplate
{
    public const string DefaultText =
        "{Timestamp:yyyy-MM-dd HH:mm:ss.fff zzz} [{Level:u3}] {Message:lj}{NewLine}{Exception}";

    /// <summary>Widest column.</summary>
    public const int WidthMax = 1_000;
    const int MatchMillisecondsMax = 1000;

    const int PartsMax = 100;
    const int FormatLengthMax = 128;

    readonly MessageTemplateTextFormatter _formatter;

    TextTemplate(string text, IEnumerable<PropertyToken> holes)
    {
        _formatter = new MessageTemplateTextFormatter(text, CultureInfo.InvariantCulture);
        Names = holes.Select(hole => hole.PropertyName).ToHashSet(StringComparer.Ordinal);
    }

    public static TextTemplate Default { get; } = Parse(DefaultText);

    /// <summary>The properties that it names.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <exception cref="FormatException">It is no template; the message has what to use.</exception>
    public static TextTemplate Parse(string text)
    {
        var tokens = new MessageTemplateParser().Parse(text).Tokens.ToList();
        if (tokens.Count > PartsMax) throw new FormatException($"use up to {PartsMax} parts");
        var holes = tokens.OfType<PropertyToken>().ToList();
        var understood = 0;
        foreach (Match match in Brace().Matches(text))
        {
            if (match.Value is "{{" or "}}") continue;
            if (match.Value.Length == 1)
                throw new FormatException(match.Value == "{"
                    ? "close each '{' with '}', or write '{{' for a brace" : "write '}}' for a brace");
            if (understood == holes.Count || holes[understood].ToString() != match.Value)
                throw new FormatException($"name a property in '{match.Value}', with a width and a format if need "
                    + $"be, such as {{Level,-7:u3}}");
            Check(holes[understood++]);
        }
        return new TextTemplate(text, holes);
    }

    public void Write(LogEvent logEvent, TextWriter output) => _formatter.Format(logEvent, output);

    /// <summary>
    /// A precision of hundreds of digits, or a format that is a text of its own, is no use and costs time. Publishers
    /// leave them out too.
    /// </summary>
    public static bool IsAllowedFormat(string? format) =>
        format is null || (format.Length <= FormatLengthMax && !Precision().IsMatch(format));

    static void Check(PropertyToken hole)
    {
        if (hole.Alignment is { Width: > WidthMax })
            throw new FormatException($"use a width up to {WidthMax} in '{hole}', such as {{Level,-7}}");
        if (!IsAllowedFormat(hole.Format))
            throw new FormatException(
                $"use a format of up to {FormatLengthMax} characters and two digits of precision in '{hole}'");
        if (hole.PropertyName == "Level" && hole.Format is { } level && !LevelFormat().IsMatch(level))
            throw new FormatException($"use u, w or t and a number in '{hole}', such as {{Level:u3}}");
        if (hole.PropertyName is "Timestamp" or "UtcTimestamp") Try(hole);
    }

    static void Try(PropertyToken hole)
    {
        try
        {
            _ = DateTimeOffset.UnixEpoch.ToString(hole.Format, CultureInfo.InvariantCulture);
        }
        catch (FormatException e)
        {
            throw new FormatException(
                $"use a format of .NET's dates in '{hole}', such as {{Timestamp:yyyy-MM-dd HH:mm:ss.fff}}", e);
        }
    }

    [GeneratedRegex(@"\{\{|\}\}|\{[^{}]*\}|[{}]", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex Brace();

    [GeneratedRegex("^[A-Za-z][0-9]{3,}$", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex Precision();

    [GeneratedRegex("^[uwt][0-9]{0,2}$", RegexOptions.None, MatchMillisecondsMax)]
    private static partial Regex LevelFormat();
}
