using System.CommandLine;
using LogPipeline.Worker.Cli.Doctor;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Configuration;

namespace LogPipeline.Worker.Cli;

/// <summary>Checks the whole set-up of a worker, and says of each thing that is wrong what to do next.</summary>
static class DoctorCommand
{
    static readonly Option<bool> Json = new("--json") { Description = "The same as --output json." };

    public static Command Create()
    {
        var command = new Command("doctor",
            "Checks configuration, directories, keys, certificates, the running worker, the way through Temporal and Loki; ends with 1 "
            + "when a check failed, 78 when the configuration is wrong.")
        {
            Json, VerbSettings.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var isJson = parsed.GetValue(Json) || parsed.GetValue(VerbSettings.Output) == OutputForm.Json;
        var results = new List<CheckResult>();
        await foreach (var result in ResultsAsync(parsed, cancellationToken).ConfigureAwait(false))
        {
            results.Add(result);
            if (!isJson && !result.IsBehindFailed) CheckReport.Show(Terminal.Output, result);
        }
        if (isJson)
            parsed.InvocationConfiguration.Output.WriteLine(
                JsonSerializer.Serialize(CheckReport.ToAnswer(results), CliJson.Default.DoctorAnswer));
        else CheckReport.ShowSum(Terminal.Output, results);
        var failed = results.Where(result => result.HasFailed).ToList();
        if (failed.Exists(result => result.Name == DoctorChecks.Configuration)) return ExitCode.Configuration;
        return failed.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    static IAsyncEnumerable<CheckResult> ResultsAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        WorkerSettings settings;
        try
        {
            settings = VerbSettings.Of(parsed);
        }
        // A file that cannot be read: nothing else is known.
        catch (ConfigurationException e)
        {
            return e.Errors.Select(DoctorChecks.Wrong).ToAsyncEnumerable();
        }
        return DoctorChecks.RunAsync(settings, TimeProvider.System, cancellationToken);
    }
}
