namespace LogPipeline.Workflows;

/// <summary>Exponential backoff: the first wait, doubled for each further attempt, up to a bound.</summary>
/// <param name="First">The wait after the first failure.</param>
/// <param name="Max">Longest wait.</param>
/// <param name="Jitter">
/// Share of a wait, from 0 to 1, that a random number takes off at most, so that processes do not come back in step.
/// </param>
readonly record struct Backoff(TimeSpan First, TimeSpan Max, double Jitter = 0)
{
    const int DoublingsMax = 20;

    /// <param name="failures">Failures in a row before the one that this wait follows.</param>
    public TimeSpan After(int failures)
    {
        var wait = First * Math.Pow(2, Math.Min(failures, DoublingsMax));
        return wait < Max ? wait : Max;
    }

    /// <inheritdoc cref="After(int)"/>
    public TimeSpan After(int failures, Random random) => After(failures) * (1 - Jitter * random.NextDouble());
}
