using System.Text.Json.Serialization;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Configuration;
using Spectre.Console;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>Results for people, a line for each and the next step below it, and for programs.</summary>
static class CheckReport
{
    const int StateWidth = 7;
    const int NameWidth = 13;

    /// <summary>Shows one result.</summary>
    public static void Show(IAnsiConsole console, CheckResult result)
    {
        var (style, state) = result.State switch
        {
            CheckState.Ok => ("green", "ok"),
            CheckState.Warning => ("yellow", "warning"),
            CheckState.Failed => ("red", "failed"),
            _ => ("grey", "-"),
        };
        var found = Terminal.Sanitize(result.Found);
        ShowRow(console, $"[{style}]{state}[/]", Terminal.Sanitize(result.Name),
            result.State == CheckState.Skipped ? $"[grey]{found}[/]" : found);
        if (result.NextStep is { } next) ShowRow(console, "", "", $"[bold]Next:[/] {Terminal.Sanitize(next)}");
    }

    // A grid of several rows would fill the shorter ones with blanks.
    static void ShowRow(IAnsiConsole console, params string[] cells) =>
        console.Write(new Grid().AddColumn(new GridColumn().Width(StateWidth).NoWrap())
            .AddColumn(new GridColumn().Width(NameWidth).NoWrap()).AddColumn().AddRow(cells));

    /// <summary>How many failed and warn, in a line.</summary>
    public static void ShowSum(IAnsiConsole console, IReadOnlyList<CheckResult> results)
    {
        var failed = results.Count(result => result.HasFailed);
        var warnings = results.Count(result => result.State == CheckState.Warning);
        var behind = results.Count(result => result.IsBehindFailed);
        var sum = (failed, warnings) switch
        {
            (0, 0) => "[green]nothing is wrong[/]",
            (0, _) => $"[yellow]{Figures.Count(warnings, "warning", "warnings")}[/]",
            _ => $"[red]{failed} failed[/], {Figures.Count(warnings, "warning", "warnings")}",
        };
        console.MarkupLine(behind == 0 ? sum : $"{sum}; {Figures.Count(behind, "check", "checks")} behind a failed one not run");
    }

    public static DoctorAnswer ToAnswer(IReadOnlyList<CheckResult> results) => new(!results.Any(result => result.HasFailed),
        [.. results.Select(result => new CheckAnswer(result.Name, result.State.ToString().ToLowerInvariant(),
            result.Found, result.NextStep))]);

    /// <summary>Whatever a check repeats of a server's answer or an error, no secret of the settings is in it.</summary>
    public static CheckResult WithoutSecrets(CheckResult result, WorkerSettings settings)
    {
        return result with { Found = Masked(result.Found), NextStep = result.NextStep is { } next ? Masked(next) : null };

        string Masked(string text)
        {
            foreach (var (variable, value) in settings.Variables)
                if (value.Length >= SecretLengthMin && ShownValue.IsSecret(variable))
                    text = text.Replace(value, ShownValue.Hidden, StringComparison.Ordinal);
            return text;
        }
    }

    /// <summary>Shorter ones are parts of common words.</summary>
    const int SecretLengthMin = 4;
}

/// <summary>The answer of <c>doctor --output json</c>.</summary>
sealed record DoctorAnswer(bool Ok, IReadOnlyList<CheckAnswer> Checks);

/// <param name="Name">The check.</param>
/// <param name="State"><c>ok</c>, <c>warning</c>, <c>failed</c> or <c>skipped</c>.</param>
/// <param name="Found">What is there, or what is wrong.</param>
/// <param name="Next">What to do; left out: nothing is wrong.</param>
sealed record CheckAnswer(string Name, string State, string Found,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Next);
