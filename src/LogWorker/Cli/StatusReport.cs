using LogPipeline.Worker.Web;
using static LogPipeline.Worker.Cli.Figures;

namespace LogPipeline.Worker.Cli;

/// <summary>A worker's figures in words.</summary>
/// <param name="Answers">To each question one line.</param>
/// <param name="Problems">What is wrong, each with what to do; empty: nothing is.</param>
sealed record StatusReport(IReadOnlyList<(string Question, string Answer)> Answers, IReadOnlyList<string> Problems)
{
    public static StatusReport Of(StatsAnswer stats)
    {
        var waiting = stats.Temporal.PendingBatches is { } pending
            ? $"{Count(pending)} batches wait in Temporal" : "what waits in Temporal is not known";
        return new StatusReport(
        [
            ("flowing", $"{Rate(stats.RecordsPerSecond)} records/s over the last minute; "
                + $"{Count(stats.Records.Written)} in {Count(stats.Batches.Written)} batches since {stats.Worker.StartedAt:u}"),
            ("lost", $"{Count(stats.Records.DeadLettered)} records went to dead letters since then; "
                + $"{Count(stats.DeadLetters)} letters are kept"),
            ("late", stats.Latency is { Median: { } median, Percentile95: { } late }
                ? $"{Seconds(median)} from event to disk at the median, {Seconds(late)} for the slowest twentieth; {waiting}"
                : waiting),
        ], [.. ProblemsOf(stats)]);
    }

    static IEnumerable<string> ProblemsOf(StatsAnswer stats)
    {
        if (stats.Temporal is { IsReached: false, Problem: { } problem })
            yield return $"Since {stats.Temporal.Since:u}: {problem}";
        if (stats.Writer is { IsReady: false, Problem: { } trouble })
            yield return $"{trouble} Batches wait in Temporal until it can.";
        if (stats.DeadLetters > 0)
            yield return $"{Count(stats.DeadLetters)} dead letters are kept; look at them with 'logworker dead-letters list'.";
    }
}
