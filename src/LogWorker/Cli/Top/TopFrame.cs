using LogPipeline.Worker.Observability;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace LogPipeline.Worker.Cli.Top;

/// <summary>What <c>logworker top</c> shows at one time.</summary>
static class TopFrame
{
    const string Bars = "▁▂▃▄▅▆▇█";
    const int SparkWidthMin = 10;
    // The names of figures, before it.
    const int SparkMargin = 12;

    static readonly string[] Levels = ["fatal", "error", "warning", "info", "debug", "trace"];

    public static IRenderable Of(TopHistory history, Uri address, DateTimeOffset now, int width)
    {
        var rows = new List<IRenderable>();
        if (history.Problem is { } problem) rows.Add(new Markup($"[red]{Terminal.Sanitize(problem)}[/]"));
        if (history.Stats is not { } stats) return new Rows([.. rows, new Markup("[grey]It is asked again and again; q ends.[/]")]);
        var age = history.Problem is null ? $"up {Figures.Age(TimeSpan.FromSeconds(stats.Worker.UptimeSeconds))}"
            : $"as of {history.At.UtcDateTime:HH:mm:ss}, {Figures.Age(now - history.At)} ago";
        rows.Add(new Markup($"[bold]logworker {Terminal.Sanitize(stats.Worker.Version)}[/] at {Terminal.Sanitize(address.ToString())}, "
            + $"{age}, now {now.UtcDateTime:HH:mm:ss} UTC"));
        rows.Add(Text.Empty);
        rows.Add(Facts(history, stats, now, width));
        rows.AddRange(StatusReport.Of(stats).Problems.Select(one => new Markup($"[red]{Terminal.Sanitize(one)}[/]")));
        rows.Add(Text.Empty);
        rows.Add(Channels(history, stats.Volume));
        return new Rows(rows);
    }

    static Grid Facts(TopHistory history, Web.StatsAnswer stats, DateTimeOffset now, int width)
    {
        var grid = new Grid().AddColumn(new GridColumn().NoWrap()).AddColumn();
        void Row(string name, string text) => grid.AddRow($"[grey]{name}[/]", text);
        var steps = history.Steps(Math.Max(SparkWidthMin, width - SparkMargin), now);
        var minute = $"{Figures.Rate(stats.RecordsPerSecond)} over the last minute";
        Row("records/s", history.Rate(of => of.Records.Written) is { } rate
            ? $"{Figures.Rate(rate)} now, {minute}, {Figures.Rate(steps.Max() ?? rate)} at most in {TopHistory.Window.TotalMinutes:0} min"
            : minute);
        if (steps.Any(step => step is not null)) Row("", $"[green]{Spark(steps)}[/]");
        Row("latency", stats.Latency is { Median: { } median, Percentile95: { } late }
            ? $"{Figures.Seconds(median)} from event to disk at the median, {Figures.Seconds(late)} at 95 %" : "[grey]no batch yet[/]");
        Row("waiting", stats.Temporal.PendingBatches is { } pending ? Figures.Count(pending, "batch", "batches") : "[grey]not known[/]");
        Row("dead", Red(stats.DeadLetters > 0, $"{Figures.Count(stats.DeadLetters, "letter", "letters")} kept, "
            + $"{Figures.Count(stats.Records.DeadLettered, "record", "records")} since the start"));
        Row("attempts", $"{Figures.Count(stats.Batches.FailedAttempts)} failed, "
            + $"{Figures.Count(stats.Batches.OutOfOrder, "batch", "batches")} out of order");
        Row("written", $"{Figures.Count(stats.Records.Written, "record", "records")}, {Figures.Bytes(stats.Bytes)} in "
            + Figures.Count(stats.Batches.Written, "batch", "batches"));
        Row("disk", Red(!stats.Writer.IsReady, Terminal.Sanitize($"{(stats.Writer.IsReady ? "" : "not written, ")}"
            + $"{(stats.Writer.FreeBytes is { } free ? $"{Figures.Bytes(free)} free" : "free room not known")}, "
            + stats.Writer.Directory)));
        Row("Temporal", Red(!stats.Temporal.IsReached, Terminal.Sanitize($"{(stats.Temporal.IsReached ? "reached" : "not reached")} at "
            + $"{stats.Temporal.Address}, {stats.Temporal.Namespace}/{stats.Temporal.TaskQueue}")));
        return grid;
    }

    static Table Channels(TopHistory history, IReadOnlyList<VolumeStats> volume)
    {
        var table = new Table().Border(TableBorder.None).AddColumn(new TableColumn("[bold]channel[/]"));
        foreach (var name in (string[])["records", "/s", .. Levels])
            table.AddColumn(new TableColumn($"[bold]{name}[/]") { Alignment = Justify.Right, NoWrap = true });
        foreach (var channel in volume.GroupBy(one => one.Channel, StringComparer.Ordinal)
            .OrderByDescending(one => one.Sum(level => level.Records)).ThenBy(one => one.Key, StringComparer.Ordinal))
        {
            var rate = history.Rate(of => of.Volume.Where(one => one.Channel == channel.Key).Sum(one => one.Records));
            table.AddRow([Terminal.Sanitize(channel.Key), Figures.Count(channel.Sum(one => one.Records)),
                rate is { } perSecond ? Figures.Rate(perSecond) : "-",
                .. Levels.Select(level => Cell(level, channel.Where(one => one.Level == level).Sum(one => one.Records)))]);
        }
        return table;
    }

    static string Cell(string level, long records) => records == 0 ? "[grey]0[/]"
        : level switch { "fatal" or "error" => $"[red]{Figures.Count(records)}[/]", "warning" => $"[yellow]{Figures.Count(records)}[/]",
            _ => Figures.Count(records) };

    static string Red(bool isWrong, string text) => isWrong ? $"[red]{text}[/]" : text;

    /// <summary>One character for each; a blank: nothing is known.</summary>
    public static string Spark(double?[] steps)
    {
        var max = steps.Max() is > 0 and var most ? most : 1;
        return string.Concat(steps.Select(step => step is { } rate ? Bars[(int)Math.Round(rate / max * (Bars.Length - 1))] : ' '));
    }
}
