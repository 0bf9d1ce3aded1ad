using System.CommandLine;
using LogPipeline.Worker.Configuration;
using LogPipeline.Worker.Hosting;
using LogPipeline.Workflows.Configuration;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Shows what the worker would run with.</summary>
static class ConfigCommand
{
    public static Command Create()
    {
        var show = new Command("show",
            "Shows each option, what holds and where it comes from; ends with 78 when it is wrong.");
        show.Add(VerbSettings.Output);
        show.SetAction(Show);
        var what = $"What the worker is told by variables and {ConfigurationFile.DefaultPath}.";
        return new Command("config", what) { show };
    }

    static int Show(ParseResult parsed)
    {
        var settings = VerbSettings.Of(parsed);
        ConfigurationException? wrong = null;
        (string Address, string Namespace)? temporal = null;
        try
        {
            var (options, _) = settings.Read(LogWorkerOptions.Read);
            temporal = (options.Address, options.Namespace);
        }
        catch (ConfigurationException e)
        {
            wrong = e;
        }

        var shown = SettingsReport.Of(settings, temporal);
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Table) Show(Terminal.Output, shown);
        else
        {
            var json = JsonSerializer.Serialize(shown, CliJson.Default.IReadOnlyListShownOption);
            parsed.InvocationConfiguration.Output.WriteLine(json);
        }
        // What is wrong is told as at the worker's start, behind what there is.
        return wrong is null ? ExitCode.Done : throw wrong;
    }

    static void Show(IAnsiConsole console, IReadOnlyList<ShownOption> shown)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Option", "Variable", "Value", "From");
        foreach (var option in shown)
        {
            string[] cells = [option.Name, option.Variable, option.Value ?? "-", option.From];
            table.AddRow([.. cells.Select(Harmless)]);
        }
        console.Write(table);
    }

    static string Harmless(string text) => Markup.Escape(HarmlessWriter.Harmless(text));
}
