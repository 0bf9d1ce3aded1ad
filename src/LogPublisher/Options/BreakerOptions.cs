namespace LogPipeline.Publisher;

/// <summary>How often an unreachable Temporal is tried.</summary>
public sealed record BreakerOptions
{
    /// <summary>
    /// LOG_BREAK_AFTER. Starts in a row that fail to reach Temporal before nothing but trials is sent; at least 2.
    /// </summary>
    public int After { get; set; } = 2;

    /// <summary>
    /// LOG_BREAK_MAX. Longest time from the beginning of one trial to the next while Temporal is not reached; it
    /// begins with 1 s and doubles. A trial that is never answered takes <see cref="TimeoutOptions.Start"/>, and the
    /// next one follows it soon.
    /// </summary>
    public TimeSpan IntervalMax { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// LOG_DENIED_DELAY. Time between two attempts while Temporal denies access, which only people can change. Each
    /// reads credentials anew.
    /// </summary>
    public TimeSpan DeniedDelay { get; set; } = TimeSpan.FromSeconds(30);
}
