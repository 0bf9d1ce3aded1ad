using System.CommandLine;
using LogPipeline.Worker.Canary;
using LogPipeline.Worker.Hosting;
using LogPipeline.Worker.Observability;
using LogPipeline.Workflows.Configuration;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Sends one canary the whole way and shows when it came where.</summary>
static class CanaryCommand
{
    public static Command Create()
    {
        var command = new Command("canary",
            "Sends one numbered event through Temporal and the worker, looks for it in its file and, where the worker pushes there, in "
            + "Loki; ends with 1 when it is missing.")
        {
            VerbSettings.Output,
        };
        command.SetAction(RunAsync);
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var (options, connection) = VerbSettings.Of(parsed).Read(LogWorkerOptions.Read);
        var (client, code) = await DeadLettersCommand.ConnectAsync(parsed, connection, "No canary was sent.", cancellationToken)
            .ConfigureAwait(false);
        if (client is null) return code;
        var probe = new CanaryProbe(connection, options.TaskQueue, worker => DirectoryOf(worker, options), options.Loki,
            TimeProvider.System);
        var result = await probe.SendAsync(client, CanaryEvent.FirstOf(TimeProvider.System.GetUtcNow()), cancellationToken)
            .ConfigureAwait(false);
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
            parsed.InvocationConfiguration.Output.WriteLine(JsonSerializer.Serialize(result, CliJson.Default.CanaryResult));
        else Show(Terminal.Output, result, options);
        return result.Problem is null ? ExitCode.Done : ExitCode.Failed;
    }

    /// <summary>A worker on this machine has its files where these settings say, below its name if it has one.</summary>
    static string? DirectoryOf(string worker, LogWorkerOptions options)
    {
        if (!worker.EndsWith($"@{Environment.MachineName}", StringComparison.Ordinal)) return null;
        var directory = Path.GetFullPath(options.Directory);
        var slash = worker.IndexOf('/');
        if (slash > 0)
            directory = Path.Combine(options.Sharing.Name is null ? directory : Path.GetDirectoryName(directory)!, worker[..slash]);
        return Directory.Exists(directory) ? directory : null;
    }

    static void Show(IAnsiConsole console, CanaryResult result, LogWorkerOptions options)
    {
        console.MarkupLine($"[bold]{Terminal.Sanitize(result.Batch)}[/]");
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn(new GridColumn().NoWrap().RightAligned()).AddColumn();
        Add("accepted", result.AcceptedSeconds, $"by Temporal at {options.Address}");
        Add("written", result.WrittenSeconds, options.Loki is null ? $"by {result.Worker}" : $"by {result.Worker}, and pushed");
        Add("read", result.ReadSeconds, $"in {result.File}");
        Add("in Loki", result.LokiSeconds, $"at {options.Loki?.Url}");
        console.Write(grid);
        if (result.WrittenSeconds is not null && result.ReadSeconds is null && result.Problem is null)
            console.MarkupLine("[grey]its file is on another machine, or in a directory that these settings do not name[/]");
        console.MarkupLine(result.Problem is { } problem ? $"[red]missing:[/] {Terminal.Sanitize(problem)}" : "[green]it came through[/]");

        void Add(string stage, double? seconds, string where)
        {
            if (seconds is { } at)
                grid.AddRow($"[grey]{stage}[/]", $"{(at * 1000).ToString("N0", CultureInfo.InvariantCulture)} ms",
                    Terminal.Sanitize(where));
        }
    }
}
