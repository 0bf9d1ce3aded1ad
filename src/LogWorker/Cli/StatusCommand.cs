using System.CommandLine;
using System.Net;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
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
        var (status, text) = await client.GetAsync("/api/stats", cancellationToken).ConfigureAwait(false);
        if (status != HttpStatusCode.OK || Read(text, StatsJson.Default.StatsAnswer) is not { } stats)
        {
            parsed.InvocationConfiguration.Error.WriteLine(Terminal.Printable(
                status is null ? text : $"{client.Address} answered {(int)status}: {text.Trim()}"));
            return ExitCode.Failed;
        }
        var report = StatusReport.Of(stats);
        // A worker of an earlier version knows of none.
        var (found, publishers) = await client.GetAsync("/api/publishers", cancellationToken).ConfigureAwait(false);
        if (found != HttpStatusCode.OK) publishers = """{"publishers":[]}""";
        if (parsed.GetValue(VerbSettings.Output) == OutputForm.Json)
        {
            parsed.InvocationConfiguration.Output.WriteLine(Joined(text, publishers));
            return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
        }
        Show(Terminal.Output, stats, client.Address, report);
        if (Read(publishers, PublishersJson.Default.PublishersAnswer) is { } known)
            Show(Terminal.Output, PublisherLines.Of(known, TimeProvider.System.GetUtcNow()));
        return report.Problems.Count == 0 ? ExitCode.Done : ExitCode.Failed;
    }

    static T? Read<T>(string text, JsonTypeInfo<T> type) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(text, type);
        }
        catch (JsonException)
        {
            return null;
        }
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
