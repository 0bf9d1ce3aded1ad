namespace TemporalDevServer.Engine;

/// <summary>How long a worker may have a workflow task. Pure.</summary>
static class WorkflowTaskTimeouts
{
    // From this attempt on a worker gets more and more time, so that a task that always fails is not tried without
    // pause.
    const int BackoffFromAttempt = 3;
    const long BackoffInitial = 5 * Ticks.PerSecond;
    const long BackoffMax = 300 * Ticks.PerSecond;

    public static long Of(long timeout, int attempt)
    {
        if (attempt <= BackoffFromAttempt) return timeout;
        return timeout + (long)Math.Min(
            BackoffMax, BackoffInitial * Math.Pow(2, Math.Min(attempt - BackoffFromAttempt - 1, 30)));
    }
}
