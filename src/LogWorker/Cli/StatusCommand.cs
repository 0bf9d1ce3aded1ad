using System.CommandLine;
using System.Text.Json.Nodes;
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
            + "when something is. Then where the events of each application are, and what of them is missing.")
        {
            WorkerClient.Url, VerbSettings.Output,
        };
        command.SetAction((parsed, cancellationToken) => WorkerClient.UseAsync(parsed, RunAsync, cancellationToken));
        return command;
    }

    static async Task<int> RunAsync(ParseResult parsed, WorkerClient client, CancellationToken cancellationToken)
    {
        var (stats, text) = await client.GetStatsAsync(cancellationToken).ConfigureAwait(false);
        if (stats is null)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(text));
            return ExitCode.Failed;
        }
        var report = StatusReport.Of(stats);
        // A worker of an earlier version knows of none.
        var (publishers, told) =
            await client.GetAsync("/api/publishers", PublishersJson.Default.PublishersAnswer, cancellationToken).ConfigureAwait(false);
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
            parsed.InvocationConfiguration.Output.WriteLine(Joined(text, publishers is null ? """{"publishers":[]}""" : told));
        else
        {
            Show(Terminal.Output, stats, client.Address, report);
            if (publishers is not null) Show(Terminal.Output, PublisherLines.Of(publishers, TimeProvider.System.GetUtcNow()));
        }
        return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    // Both as the worker wrote them.
    static string Joined(string stats, string publishers)
    {
        var joined = JsonNode.Parse(stats)!.AsObject();
        joined["publishers"] = JsonNode.Parse(publishers)!["publishers"]!.DeepClone();
        return joined.ToJsonString();
    }

    static void Show(IAnsiConsole console, IReadOnlyList<PublisherLine> lines)
    {
        if (lines.Count == 0) return;
        console.MarkupLine("[bold]publishers[/]");
        foreach (var line in lines.Take(PublisherLines.ShownMax))
        {
            console.MarkupLine($"[grey]{Terminal.Sanitize(line.Name)}[/]  {Terminal.Sanitize(line.Text)}");
            foreach (var gap in line.Gaps) console.MarkupLine($"  [yellow]{Terminal.Sanitize(gap)}[/]");
        }
        if (lines.Count > PublisherLines.ShownMax)
            console.MarkupLine($"[grey]and {lines.Count - PublisherLines.ShownMax} others; --output json names all[/]");
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
