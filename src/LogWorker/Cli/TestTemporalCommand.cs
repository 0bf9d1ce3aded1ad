using System.CommandLine;
using LogPipeline.Worker.Cli.TemporalTest;
using LogPipeline.Worker.Configuration;
using LogPipeline.Workflows.Codecs;
using LogPipeline.Workflows.Configuration;
using LogPipeline.Workflows.Connecting;
using Microsoft.Extensions.Logging.Abstractions;
using Spectre.Console;
using Temporalio.Client;

namespace LogPipeline.Worker.Cli;

/// <summary>
/// Tests the connection to Temporal step by step; after the first step that fails it shows what to do next.
/// </summary>
static class TestTemporalCommand
{
    static readonly TimeSpan StepTimeout = TimeSpan.FromSeconds(6);
    static readonly TimeSpan BatchTimeout = TimeSpan.FromSeconds(30);

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
        var connect = settings.Read(ReadConnection);
        var steps = await WalkAsync(connect, settings, cancellationToken).ConfigureAwait(false);
        Show(Terminal.Output, steps);
        return steps.Exists(step => step.HasFailed) ? ExitCode.Failed : ExitCode.Done;
    }

    /// <exception cref="ConfigurationException">A variable, a file it names or temporal.toml is wrong.</exception>
    static TemporalClientConnectOptions ReadConnection(IReadOnlyDictionary<string, string> variables)
    {
        var environment = new EnvironmentReader(variables.GetValueOrDefault);
        var connect = TemporalSettings.Read(environment, variables);
        var keys = CodecVariables.ReadKeys(environment, File.ReadAllText);
        var gzipBytesMin = CodecVariables.ReadGzip(environment, PipelineCodec.DefaultGzipBytesMin);
        environment.ThrowIfWrong();
        connect!.DataConverter = PipelineCodec.Converter(keys, gzipBytesMin);
        // The steps report all that the core would log.
        connect.Runtime = TemporalSettings.CreateRuntime(NullLogger.Instance);
        return connect;
    }

    static async Task<List<TestStep>> WalkAsync(
        TemporalClientConnectOptions connect, WorkerSettings settings, CancellationToken cancellationToken)
    {
        var colon = connect.TargetHost!.LastIndexOf(':');
        var host = connect.TargetHost[..colon].Trim('[', ']');
        var port = int.Parse(connect.TargetHost.AsSpan(colon + 1), NumberStyles.None, CultureInfo.InvariantCulture);
        var server = new ServerSteps(connect, settings);
        var usesTls = TemporalSettings.UsesTls(connect);
        (TimeSpan Timeout, Func<CancellationToken, Task<TestStep>> Step)[] walk = [
            (StepTimeout, token => NetworkSteps.DnsAsync(host, token)),
            (StepTimeout, token => NetworkSteps.TcpAsync(host, port, token)),
            (StepTimeout, token => usesTls
                ? NetworkSteps.TlsAsync(host, port, connect.Tls?.Domain, token)
                : Task.FromResult(new TestStep("TLS", "Not used: no API key and no TEMPORAL_TLS variable is set.",
                    IsUsed: false))),
            (StepTimeout, server.AuthAsync),
            (StepTimeout, server.NamespaceAsync),
            (StepTimeout, server.PollersAsync),
            (BatchTimeout, server.BatchAsync),
        ];
        var steps = new List<TestStep>();
        foreach (var (timeout, step) in walk)
        {
            using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            limit.CancelAfter(timeout);
            steps.Add(await step(limit.Token).ConfigureAwait(false));
            // What lies behind a failed step could only fail for the same reason.
            if (steps[^1].HasFailed) break;
        }
        return steps;
    }

    internal static void Show(IAnsiConsole console, IReadOnlyList<TestStep> steps)
    {
        var table = new Table().Border(TableBorder.Simple).AddColumns("Step", "Result", "What was found");
        foreach (var step in steps)
        {
            var result = step switch
            {
                { IsUsed: false } => "[grey]-[/]",
                { HasFailed: true } => "[red]failed[/]",
                _ => "[green]ok[/]",
            };
            table.AddRow(Terminal.Sanitize(step.Name), result, Terminal.Sanitize(step.Found));
        }
        console.Write(table);
        if (steps[^1] is { NextStep: { } next }) console.MarkupLine($"[bold]Next:[/] {Terminal.Sanitize(next)}");
    }
}
