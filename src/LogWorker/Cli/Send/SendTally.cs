using LogPipeline.Publisher;

namespace LogPipeline.Worker.Cli.Send;

/// <summary>What was sent, where it is, and what to do about the rest.</summary>
sealed class SendTally
{
    /// <summary>Lines that an earlier run has sent, by <c>--skip</c>.</summary>
    public long Skipped { get; set; }

    /// <summary>Lines whose events the sink has taken or, by its options, held back.</summary>
    public long Lines { get; set; }

    public long Events { get; set; }

    /// <summary>Of them, lines with bytes that are no text.</summary>
    public long LinesReplaced { get; set; }

    /// <summary>Why it ended before the input did, in sentences; null: it did not.</summary>
    public string? Trouble { get; set; }

    /// <summary>What sends the rest, and nothing twice; null: nothing is left, or nothing was sent.</summary>
    public string? GoOn { get; set; }

    /// <summary>Everything is in Temporal that the input held.</summary>
    public static bool IsAllAccepted(PublisherStats stats) =>
        stats is { SetAside: 0, Dropped: 0, Queued: 0, Spooled: 0, WrittenToFiles: 0 };

    /// <param name="eventBytesMax">Of a record.</param>
    public void Write(TextWriter output, TemporalSink sink, EventMaker maker, bool isFollowing, TimeSpan took,
        int eventBytesMax)
    {
        var stats = sink.Stats;
        output.WriteLine($"{Lines} {(Lines == 1 ? "line" : "lines")} sent as {sink.Source}/{sink.Instance} in "
            + $"{took.TotalSeconds:0.00} s ({Lines / Math.Max(took.TotalSeconds, 0.001):0} lines/s)");
        if (Events != Lines) Row("events made of them", Events);
        if (Skipped > 0) Row("lines skipped before", Skipped);
        Row("accepted by Temporal", stats.Accepted);
        if (stats.Adopted > 0) Row("  of earlier runs", stats.Adopted, " found in the spool");
        if (stats.Notices > 0)
            Row("  of the sink's own", stats.Notices, " (warnings and summaries, in the stream)");
        if (stats.Filtered > 0)
            Row("kept back", stats.Filtered,
                $" ({string.Join(", ", stats.FilteredByReason.Select(f => $"{f.Value} {f.Key}"))})");
        Row("in the spool", stats.Spooled);
        if (stats.WrittenToFiles > 0) Row("written to files", stats.WrittenToFiles);
        if (stats.SetAside > 0) Row("refused, set aside", stats.SetAside);
        var reasons = string.Join(", ", stats.DroppedByReason.Select(d => $"{d.Value} {d.Key}"));
        Row("dropped", stats.Dropped, stats.Dropped == 0 ? "" : $" ({reasons})");
        if (stats.Truncated > 0)
            Row("cut", stats.Truncated, $" (LOG_EVENT_BYTES_MAX is {eventBytesMax}, and a line's text has 5/8 of it; "
                + "the record's field 'truncated' names what)");
        if (LinesReplaced > 0)
            Row("with wrong bytes", LinesReplaced, " (lines; U+FFFD stands for what is no UTF-8; "
                + "'iconv -f latin1 -t utf-8' makes UTF-8 of Latin-1)");
        if (maker.WithoutTime > 0) Row("without a time", maker.WithoutTime, " (they have that of the line before)");
        if (maker.WithoutJson > 0) Row("not JSON", maker.WithoutJson, " (sent as text)");
        if (stats.Spooled > 0) output.WriteLine(isFollowing
            ? "What is in the spool is safe on this disk and is sent by the next run that follows this file."
            : "What is in the spool is safe on this disk: do not send it again. It is sent by the next run, or by any "
                + "application with the same spool directory, address, namespace, task queue and keys.");
        if (stats.LastError is { } error) output.WriteLine($"Last error: {error}");
        if (GoOn is not null) output.WriteLine($"To go on without sending a line twice: {GoOn}");

        void Row(string name, long count, string more = "") => output.WriteLine($"{name,-21} {count}{more}");
    }
}
