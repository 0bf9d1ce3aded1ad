using System.CommandLine;
using System.CommandLine.Help;

namespace LogPipeline.Worker.Cli.Completion;

/// <summary>Prints what a shell runs to complete verbs, options and values.</summary>
static class CompletionCommand
{
    static readonly Argument<string> Shell = new("SHELL")
    {
        Description = "bash, zsh, fish or pwsh.", CompletionSources = { "bash", "zsh", "fish", "pwsh" },
    };

    public static Command Create()
    {
        var command = new Command("completion", "Prints the script by which a shell completes verbs, options and values.") { Shell };
        command.SetAction(Run);
        return command;
    }

    static int Run(ParseResult parsed)
    {
        var shell = parsed.GetValue(Shell)!;
        if (!CompletionScripts.All.TryGetValue(shell, out var script))
        {
            parsed.InvocationConfiguration.Error.WriteLine(
                Terminal.Printable($"'{shell}' is no shell known here; use bash, zsh, fish or pwsh."));
            return ExitCode.Usage;
        }
        // Shells on Unix take no CR.
        parsed.InvocationConfiguration.Output.Write(script.ReplaceLineEndings("\n") + "\n");
        return ExitCode.Done;
    }

    /// <summary>Values are offered as help names them, and help itself under its usual names alone.</summary>
    public static void AddValues(Command command)
    {
        foreach (var option in command.Options)
        {
            if (option is HelpOption)
                foreach (var alias in (string[])["/h", "/?", "-?"]) option.Aliases.Remove(alias);
            if (ValuesIn(option.HelpName) is not { } values) continue;
            option.CompletionSources.Clear();
            option.CompletionSources.Add(values);
        }
        foreach (var verb in command.Subcommands) AddValues(verb);
    }

    static string[]? ValuesIn(string? helpName) => helpName?.Contains('|', StringComparison.Ordinal) == true ? helpName.Split('|') : null;
}
