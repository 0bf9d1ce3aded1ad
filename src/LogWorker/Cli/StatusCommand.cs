using System.CommandLine;
using System.Net;
using LogPipeline.Worker.Web;
using Spectre.Console;

namespace LogPipeline.Worker.Cli;

/// <summary>Answers the four questions about a running worker: is it flowing, is anything lost, how late, what is wrong.</summary>
static class StatusCommand
{
    public static Command Create()
    {
        var command = new Command("status",
            "Says of a running worker whether records flow, whether any are lost, how late they are, and what is wrong; ends with 1 "
            + "when something is.")
        {
            WorkerClient.Url, VerbSettings.Output,
        };
        command.SetAction((parsed, cancellationToken) => WorkerClient.UseAsync(parsed, RunAsync, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, WorkerClient client, CancellationToken cancellationToken)
    {
        var (status, text) = await client.GetAsync("/api/stats", cancellationToken).ConfigureAwait(false);
        if (status != HttpStatusCode.OK || StatsAnswer.TryRead(text) is not { } stats)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(
                status is null ? text : $"{client.Address} answered {(int)status}: {text.Trim()}"));
            return ExitCode.Failed;
        }
        var report = StatusReport.Of(stats);
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json) parsed.InvocationConfiguration.Output.WriteLine(text);
        else Show(Terminal.Output, stats, client.Address, report);
        return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    static void Show(IAnsiConsole console, StatsAnswer stats, Uri address, StatusReport report)
    {
        console.MarkupLine($"[bold]logworker {Terminal.Sanitize(stats.Worker.Version)}[/] at {Terminal.Sanitize(address.ToString())}, "
            + $"writes to {Terminal.Sanitize(stats.Writer.Directory)}");
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        foreach (var (question, answer) in report.Answers) grid.AddRow($"[grey]{question}[/]", Terminal.Sanitize(answer));
        console.Write(grid);
        foreach (var one in report.Problems) console.MarkupLine($"[red]{Terminal.Sanitize(one)}[/]");
        if (report.Problems.Count == 0) console.MarkupLine("[green]nothing is wrong[/]");
    }
}
