using System.CommandLine;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Cli;

/// <summary>What verbs have in common: the settings of environment and file, and the form of their answers.</summary>
static class VerbSettings
{
    public static readonly Option<string?> ConfigFile = new("--config")
    {
        Description = "A file of settings; variables win over it. "
            + $"{ConfigurationFile.DefaultPath} in the working directory if it is there.",
        HelpName = "FILE",
        Recursive = true,
    };

    public static readonly Option<OutputForm> Output =
        new("--output") { Description = "For people (table, the default) or for programs.", HelpName = "table|json" };

    /// <exception cref="ConfigurationException">The file cannot be read.</exception>
    public static WorkerSettings Of(ParseResult parsed) => WorkerSettings.Load(parsed.GetValue(ConfigFile));

    /// <summary>Of a verb that has its own flags for everything.</summary>
    public static Command WithoutFile(Command command)
    {
        command.Validators.Add(result =>
        {
            if (result.GetResult(ConfigFile) is { Implicit: false })
                result.AddError($"'{command.Name}' reads no file of settings; give its flags.");
        });
        return command;
    }
}
