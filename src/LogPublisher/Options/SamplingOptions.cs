namespace LogPipeline.Publisher;

/// <summary>Which events are not sent.</summary>
public sealed record SamplingOptions
{
    /// <summary>
    /// LOG_SAMPLE_VERBOSE. One in so many Verbose events is kept; 1: all. An event of a trace is kept or not with its
    /// whole trace.
    /// </summary>
    public int Verbose { get; set; } = 1;

    /// <summary>LOG_SAMPLE_DEBUG. As <see cref="Verbose"/>, of Debug.</summary>
    public int Debug { get; set; } = 1;

    /// <summary>LOG_SAMPLE_INFORMATION. As <see cref="Verbose"/>, of Information.</summary>
    public int Information { get; set; } = 1;

    /// <summary>
    /// LOG_REPEAT_WINDOW. For so long after an event, others that say the same (template, level, message, exception,
    /// channel) are kept back; then one event tells how many there were. Zero: every event is sent.
    /// </summary>
    public TimeSpan RepeatWindow { get; set; } = TimeSpan.Zero;

    /// <summary>
    /// LOG_SHED_PERCENT. Taken room in the spool (in the queue, while the disk takes nothing) from which on Verbose
    /// and Debug are dropped; Information follows when half of the rest is taken, Warning at three quarters: 80, 90,
    /// 95 %. Error and Fatal are not shed. 100: nothing is.
    /// </summary>
    public int ShedPercent { get; set; } = 80;
}
