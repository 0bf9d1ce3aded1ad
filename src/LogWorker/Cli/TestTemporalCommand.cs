using System.CommandLine;
using LogPipeline.Worker.Cli.Doctor;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// Tests the connection to Temporal step by step; after the first step that fails it shows what to do next.
/// </summary>
static class TestTemporalCommand
{
    public static Command Create()
    {
        var command = new Command("test-temporal",
            "Tests the way to Temporal step by step and sends one batch through; ends with 0 when all is well, 78 "
            + "when the configuration is wrong.");
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var settings = VerbSettings.Of(parsed);
        var checks = TemporalChecks.Of(TemporalTarget.Read(settings), settings, TimeProvider.System);
        var hasFailed = false;
        await foreach (var result in SetupCheck.RunAllAsync(checks, cancellationToken).ConfigureAwait(false))
        {
            CheckReport.Show(Terminal.Output, CheckReport.WithoutSecrets(result, settings));
            hasFailed |= result.HasFailed;
            if (result.HasFailed && checks.Any(check => check.IsGate && check.Name == result.Name)) break;
        }
        return hasFailed ? ExitCode.Failed : ExitCode.Done;
    }
}
