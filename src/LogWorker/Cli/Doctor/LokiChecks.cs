using LogPipeline.Worker.Destinations;
using LogPipeline.Worker.Destinations.Loki;

namespace LogPipeline.Worker.Cli.Doctor;

/// <summary>Loki, where the worker pushes to it.</summary>
sealed class LokiChecks(LokiOptions? options, TimeProvider time)
{
    static readonly TimeSpan AnswerMax = TimeSpan.FromSeconds(5);

    TimeSpan? _ahead;
    bool _hasFailed;

    public async Task<CheckResult> PushAsync(CancellationToken cancellationToken)
    {
        var result = await AskAsync(cancellationToken).ConfigureAwait(false);
        _hasFailed = result.HasFailed;
        return result;
    }

    public CheckResult Clock() => _ahead is { } ahead ? ClockCheck.Judge("Loki's clock", "Loki", ahead)
        : CheckResult.Skipped("Loki's clock", "Loki did not tell its time.") with { IsBehindFailed = _hasFailed };

    async Task<CheckResult> AskAsync(CancellationToken cancellationToken)
    {
        if (options is null) return CheckResult.Skipped("Loki", "LOG_LOKI_URL is not set: Promtail or Alloy ships the files.");
        using var client = new LokiClient(options with { Timeout = options.Timeout < AnswerMax ? options.Timeout : AnswerMax });
        try
        {
            var before = time.GetUtcNow();
            var (problem, theirs) = await client.ProbeAsync(cancellationToken).ConfigureAwait(false);
            // The header has whole seconds.
            if (theirs is { } date) _ahead = ClockCheck.AheadBy(before - TimeSpan.FromSeconds(1), date, time.GetUtcNow());
            return problem is null ? CheckResult.Ok("Loki", $"{options.Url} takes pushes of this login.")
                : CheckResult.Failed("Loki", problem, "Correct the variable that the sentence is about, or Loki's own configuration.");
        }
        catch (DestinationUnavailableException e)
        {
            return CheckResult.Failed("Loki", e.Message, "Start Loki there, or correct LOG_LOKI_URL.");
        }
    }
}
