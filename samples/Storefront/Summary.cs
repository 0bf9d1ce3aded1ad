using LogPipeline.Publisher;
using Spectre.Console;

namespace LogPipeline.Samples.Storefront;

/// <summary>Where every event ended: the books of the sink against the lines of the files.</summary>
sealed class Summary(PublisherStats stats, LogFiles files)
{
    readonly long _written = files.CountLines();

    /// <summary>Every event is a line, in the spool, or lost for a reason that is known.</summary>
    public bool Balances => stats.Balances && stats.Queued == 0 && stats.Adopted == 0 && _written == stats.Accepted;

    public void Print(IAnsiConsole console)
    {
        void Row(string name, long count, string note = "") =>
            console.MarkupLineInterpolated($"{string.Create(CultureInfo.InvariantCulture, $"  {name,-14}{count,9:N0}  {note}").TrimEnd()}");
        Row("emitted", stats.Emitted);
        if (stats.Notices > 0) Row("+ notices", stats.Notices, "made by the sink itself");
        Row("= written", _written, $"lines in {files.Files.Count()} files, by {stats.Batches} batches");
        Row("+ spooled", stats.Spooled, stats.Spooled > 0 ? "on disk, sent when Temporal is back" : "");
        if (stats.Filtered > 0) Row("+ kept back", stats.Filtered,
            string.Join(", ", stats.FilteredByReason.Select(filtered => $"{filtered.Value} {filtered.Key}")));
        if (stats.WrittenToFiles > 0) Row("+ by the sink", stats.WrittenToFiles, "LOG_FALLBACK is WriteFile");
        if (stats.SetAside > 0) Row("+ set aside", stats.SetAside, $"refused by Temporal: {stats.LastError}");
        Row("+ dropped", stats.Dropped, string.Join(", ", stats.DroppedByReason.Select(dropped => $"{dropped.Value} {dropped.Key}")));
        if (_written != stats.Accepted) Row("+ unaccounted", stats.Accepted - _written, "accepted by Temporal, and not lines yet");
        console.MarkupLine(Balances ? "  [green]It balances.[/]" : "  [red]It does not balance.[/]");
    }
}
