namespace LogPipeline.Worker.Batches;

/// <summary>
/// Checks what a header says of its publisher. It is for people to look at, so that one that is not what a publisher
/// sends is left out, and its batch written all the same.
/// </summary>
static class ReportAdmission
{
    /// <summary>Longest name of a machine, in characters.</summary>
    const int HostLengthMax = 255;

    const int VersionLengthMax = 100;
    const int ReasonLengthMax = 1_000;

    /// <summary>Most reasons for dropped events; there are nine.</summary>
    const int ReasonsMax = 32;

    static readonly string[] States = ["closed", "open", "half_open", "denied"];

    /// <returns>Null: there is no report, or it is none.</returns>
    public static PublisherReport? Admit(PublisherReport? report) => report is not null && IsOne(report) ? report : null;

    static bool IsOne(PublisherReport report) =>
        BatchId.IsName(report.Source) && BatchId.IsName(report.Instance)
        && IsText(report.Host, HostLengthMax) && IsText(report.Version, VersionLengthMax)
        && report.Counts is { } counts && AreCounts(counts)
        && report.Breaker is { } breaker && States.Contains(breaker.State)
        && (breaker.Reason is null || breaker.Reason.Length <= ReasonLengthMax)
        && report.Spool is { Bytes: >= 0 };

    static bool IsText(string? text, int lengthMax) =>
        text is { Length: > 0 } && text.Length <= lengthMax && !text.Any(char.IsControl);

    static bool AreCounts(PublisherCounts counts) =>
        IsCount(counts.Emitted) && IsCount(counts.Notices) && IsCount(counts.Adopted) && IsCount(counts.Filtered)
        && IsCount(counts.Queued) && IsCount(counts.Spooled) && IsCount(counts.InTemporal) && IsCount(counts.FallbackFile)
        && IsCount(counts.SetAside) && counts.Dropped is { } dropped && dropped.Count <= ReasonsMax
        && dropped.All(one => BatchId.IsName(one.Key) && IsCount(one.Value));

    // So many that sums of them are numbers still.
    static bool IsCount(long count) => count is >= 0 and <= PipelineDefaults.SequenceMax;
}
