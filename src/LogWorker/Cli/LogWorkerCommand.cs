using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;
using LogPipeline.Worker.Cli.Completion;
using LogPipeline.Worker.Cli.Send;
using LogPipeline.Worker.Cli.Tail;
using LogPipeline.Worker.Cli.Top;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Configuration;
using TemporalDevServer.Cli;

namespace LogPipeline.Worker.Cli;

/// <summary>The program's root command, and the exit code of each way to fail.</summary>
static class LogWorkerCommand
{
    /// <param name="arguments">What stands behind the program's name.</param>
    /// <param name="output">What is written for programs and people, but for tables; null: standard output.</param>
    /// <param name="errors">What is said about that; null: standard error.</param>
    public static async Task<int> RunAsync(string[] arguments, TextWriter? output = null, TextWriter? errors = null)
    {
        var parsed = Create().Parse(arguments);
        // The host drains on SIGTERM, within its own time; the default here would end the process after two seconds.
        var invocation =
            new InvocationConfiguration { ProcessTerminationTimeout = null, EnableDefaultExceptionHandler = false };
        invocation.Output = output ?? invocation.Output;
        invocation.Error = errors ?? invocation.Error;
        if (parsed.Action is not (HelpExamples or PrintVersion) && UsageCheck.WhyWrong(parsed, arguments) is { } why)
        {
            await invocation.Error.WriteLineAsync(Terminal.Printable(WithoutSecrets(why, arguments))).ConfigureAwait(false);
            return ExitCode.Usage;
        }
        try
        {
            if (parsed.Errors.Count > 0) return await RefuseAsync(arguments, parsed, invocation).ConfigureAwait(false);
            return await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        }
        catch (Exception e) when (e is ConfigurationException or IOException or UnauthorizedAccessException)
        {
            await invocation.Error.WriteLineAsync(e.Message).ConfigureAwait(false);
            return e is ConfigurationException ? ExitCode.Configuration : ExitCode.Failed;
        }
    }

    static async Task<int> RefuseAsync(string[] arguments, ParseResult parsed, InvocationConfiguration invocation)
    {
        var (error, said) = (invocation.Error, new StringWriter());
        invocation.Error = said;
        await parsed.InvokeAsync(invocation).ConfigureAwait(false);
        await error.WriteAsync(WithoutSecrets(said.ToString(), arguments)).ConfigureAwait(false);
        return ExitCode.Usage;
    }

    // What is wrong with the arguments is said with the arguments, which may hold secrets.
    static string WithoutSecrets(string text, string[] arguments)
    {
        for (var i = 0; i < arguments.Length; i++)
        {
            var isSecret = i > 0 && arguments[i - 1].StartsWith('-') && ShownValue.IsSecret(arguments[i - 1]);
            var shown = isSecret ? ShownValue.Hidden : ShownValue.Masked(arguments[i]);
            if (shown != arguments[i] && arguments[i].Length > 0)
                text = text.Replace(arguments[i], shown, StringComparison.Ordinal);
        }
        return text;
    }

    public static RootCommand Create()
    {
        var root = new RootCommand(
            "Takes batches of log records from Temporal and writes each exactly once to files for Promtail or Alloy.") 
        {
            VerbSettings.ConfigFile, RunCommand.Daemon, RunCommand.Once,
            SendCommand.Create(), TailCommand.Create(), SpoolCommand.Create(), VerifyCommand.Create(), DeadLettersCommand.Create(),
            StatusCommand.Create(), TopCommand.Create(), HealthCommand.Create(), DoctorCommand.Create(), CanaryCommand.Create(),
            BenchCommand.Create(), TestTemporalCommand.Create(), ConfigCommand.Create(), Server(), CompletionCommand.Create(),
        };
        root.SetAction(RunCommand.RunAsync);
        root.Options.OfType<VersionOption>().Single().Action = new PrintVersion();
        var help = root.Options.OfType<HelpOption>().Single();
        help.Action = new HelpExamples((HelpAction)help.Action!);
        CompletionCommand.AddValues(root);
        return root;
    }

    static Command Server() => VerbSettings.WithoutFile(ServerCommand.AddTo(
        new Command("server", "Runs the embedded Temporal server: for development, tests and one-machine use.")));

    sealed class PrintVersion : SynchronousCommandLineAction
    {
        public override bool ClearsParseErrors => true;

        public override int Invoke(ParseResult parseResult)
        {
            parseResult.InvocationConfiguration.Output.WriteLine(ProductVersion.Text);
            return ExitCode.Done;
        }
    }
}
