using System.Text.RegularExpressions;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// Expressions that take time linear in the text: the expression and the text may come from different people.
/// </summary>
static class LinearRegex
{
    /// <param name="option">Which option the expression is of, for the sentence.</param>
    /// <returns>The expression, or what is wrong with it; neither where none was given.</returns>
    public static (Regex? Expression, string? Problem) Parse(string option, string? expression)
    {
        if (expression is null) return (null, null);
        try
        {
            return (new Regex(expression, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant), null);
        }
        catch (ArgumentException e)
        {
            return (null, $"{option} was '{expression}': {e.Message}");
        }
        catch (NotSupportedException)
        {
            return (null, $"{option} was '{expression}'; use an expression without look-around, backreferences, conditions, atomic "
                + "groups and large counts: the time that a line takes must not grow faster than the line.");
        }
    }
}
