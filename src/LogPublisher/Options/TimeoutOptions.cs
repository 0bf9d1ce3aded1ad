namespace LogPipeline.Publisher;

/// <summary>Longest waits.</summary>
public sealed record TimeoutOptions
{
    /// <summary>
    /// LOG_BACK_PRESSURE. Longest time that logging an event waits, and only while the queue is full; then the event
    /// is dropped and counted.
    /// </summary>
    public TimeSpan BackPressure { get; set; } = TimeSpan.FromMilliseconds(100);

    /// <summary>LOG_START_TIMEOUT. Longest wait for Temporal's answer to one batch.</summary>
    public TimeSpan Start { get; set; } = TimeSpan.FromSeconds(4);

    /// <summary>
    /// LOG_CLOSE_TIMEOUT. Longest time that closing the sink waits for Temporal; the rest goes to the spool.
    /// </summary>
    public TimeSpan Close { get; set; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// LOG_AUDIT_TIMEOUT. Longest time that logging an event waits with <c>AuditTo.Temporal</c>; then it throws.
    /// </summary>
    public TimeSpan Audit { get; set; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// LOG_REPORT_INTERVAL. Longest time in which workers hear nothing of where this publisher's events are: with no
    /// batch to bring it, a workflow of its own does. Zero: they hear nothing, with batches neither.
    /// </summary>
    public TimeSpan Report { get; set; } = TimeSpan.FromMinutes(1);
}
