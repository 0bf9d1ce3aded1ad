using System.CommandLine;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Cli;

/// <summary>What every verb that is told something reads: the environment, and the file.</summary>
static class VerbSettings
{
    public static readonly Option<string?> ConfigFile = new("--config")
    {
        Description = "A file of settings; variables win over it. "
            + $"{ConfigurationFile.DefaultPath} in the working directory if it is there.",
        HelpName = "FILE",
        Recursive = true,
    };

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
