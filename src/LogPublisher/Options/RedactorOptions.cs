using System.Text.RegularExpressions;
using LogPipeline.Publisher.Redaction;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Publisher.Options;

/// <summary>Makes the redactor that settled options ask for.</summary>
static class RedactorOptions
{
    const int PatternLengthMax = 10_000;

    public static Redactor Redactor(RedactionOptions settled)
    {
        if (settled.Scope == RedactionScope.Off) return Redaction.Redactor.Off;
        const StringSplitOptions words = StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries;
        var names = settled.Names?.Split(',', words) ?? [];
        return new Redactor(settled.Scope, names, settled.Pattern is { } pattern ? Regex(pattern) : null, settled.Hook);
    }

    public static string? Pattern(EnvironmentReader environment, string variable, string? value)
    {
        var fromEnvironment = environment.ReadText(variable);
        if ((fromEnvironment ?? value) is not { Length: > 0 } given) return null;
        try
        {
            if (given.Length <= PatternLengthMax)
            {
                Regex(given);
                return given;
            }
        }
        // A pattern that is none, or one that can take time out of proportion to the text.
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
        }
        environment.Refuse(fromEnvironment is null ? SinkOptionNames.Of(variable) : variable, given,
            $"use a regular expression of {PatternLengthMax} characters at most without look-around and "
            + $"back-references");
        return null;
    }

    static Regex Regex(string pattern) => new(pattern, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
}
