using LogPipeline.Worker.Web;

namespace LogPipeline.Worker.Cli;

/// <summary>A publisher in words.</summary>
/// <param name="Name">Its source and instance.</param>
/// <param name="Text">Where its events are.</param>
/// <param name="Gaps">What is missing or may be, a sentence each; empty: nothing is.</param>
sealed record PublisherLine(string Name, string Text, IReadOnlyList<string> Gaps);

/// <summary>Publishers in words: those that lack something first, then as they were heard of.</summary>
static class PublisherLines
{
    /// <summary>Most lines that are told.</summary>
    public const int ShownMax = 20;

    /// <summary>Several times as long as a publisher is silent by default.</summary>
    static readonly TimeSpan Silence = TimeSpan.FromMinutes(5);

    public static IReadOnlyList<PublisherLine> Of(PublishersAnswer answer, DateTimeOffset now) =>
        [.. answer.Publishers.Select(one => new PublisherLine($"{one.Source} {one.Instance}", TextOf(one, now),
            [.. GapsOf(one, now)])).OrderBy(line => line.Gaps.Count == 0)];

    static string TextOf(PublisherAnswer one, DateTimeOffset now)
    {
        var counts = one.Counts;
        var here = $"{Figures.Count(counts.Written)} written here";
        if (one.ReportedAt is not { } at) return $"{here}; it tells nothing of itself (an older version, or LOG_REPORT_INTERVAL is 0)";
        var waiting = Waiting(counts) is > 0 and var count ? $", {Figures.Count(count)} on its host" : "";
        var ended = one.Ended == true ? "ended" : "reported";
        return $"{Figures.Count(counts.Emitted ?? 0)} emitted, {Figures.Count(counts.InTemporal ?? 0)} taken by Temporal, {here}{waiting}; "
            + $"{ended} {Ago(now - at)} on {one.Host} ({one.Version})";
    }

    static IEnumerable<string> GapsOf(PublisherAnswer one, DateTimeOffset now)
    {
        if (one.ReportedAt is not { } at) yield break;
        var counts = one.Counts;
        var dropped = counts.Dropped?.Values.Sum() ?? 0;
        if (dropped > 0)
            yield return $"{Figures.Count(dropped)} of its events are lost: {ReasonsOf(counts)}.";
        if (counts.SetAside > 0)
            yield return $"Temporal refuses {Figures.Count(counts.SetAside.Value)} of its events for good; they are kept on {one.Host}.";
        var missing = counts.Emitted + counts.Notices + counts.Adopted - (counts.Filtered + counts.Queued + counts.Spooled
            + counts.InTemporal + counts.FallbackFile + counts.SetAside + dropped);
        if (missing is not (0 or null))
            yield return $"Its books do not balance by {Figures.Count(missing.Value)} events: that is a defect of the sink.";
        if (one.Breaker is { State: not "closed" } breaker)
            yield return $"It does not reach Temporal ({breaker.State}"
                + $"{(breaker.Since is { } since ? $" since {since:u}" : "")}): {breaker.Reason}";
        if (one.Ended == false && now - at > Silence)
            yield return $"Nothing was heard of it for {Span(now - at)}, and it did not say that it ends: it was killed, or does not reach "
                + $"Temporal. {Figures.Count(Waiting(counts))} of its events waited on {one.Host} then"
                + (one.Spool?.Oldest is { } oldest ? $", the oldest since {oldest:u}." : ".");
    }

    static string ReasonsOf(PublisherCountsAnswer counts) => string.Join(", ", counts.Dropped!.Where(one => one.Value > 0)
        .Select(one => $"{Figures.Count(one.Value)} {one.Key}"));

    static long Waiting(PublisherCountsAnswer counts) => (counts.Queued ?? 0) + (counts.Spooled ?? 0);

    static string Ago(TimeSpan time) => $"{Span(time)} ago";

    static string Span(TimeSpan time) => time switch
    {
        { TotalMinutes: < 2 } => $"{Math.Max(0, (int)time.TotalSeconds)} s",
        { TotalHours: < 2 } => $"{(int)time.TotalMinutes} min",
        _ => $"{(int)time.TotalHours} h",
    };
}
