namespace TemporalDevServer.Engine;

/// <summary>How long a worker may have a workflow task. Pure.</summary>
static class WorkflowTaskTimeouts
{
    // From this attempt on the timeout grows, so that a task that always fails is not retried without pause.
    const int BackoffFromAttempt = 3;
    const long BackoffInitial = 5 * Ticks.PerSecond;
    const long BackoffMax = 300 * Ticks.PerSecond;

    public static long Of(long timeout, int attempt)
    {
        if (attempt <= BackoffFromAttempt) return timeout;
        return timeout + RetrySchedule.Backoff(BackoffInitial, 2, BackoffMax, attempt - BackoffFromAttempt - 1);
    }
}
