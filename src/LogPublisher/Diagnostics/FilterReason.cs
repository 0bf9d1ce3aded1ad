namespace LogPipeline.Publisher;

/// <summary>
/// Why the sink's own options kept an event from being sent. What Serilog filters out before the sink is not known to
/// it.
/// </summary>
public enum FilterReason
{
    /// <summary>Sampling of its level left it out.</summary>
    Sampled,

    /// <summary>It repeated another event of shortly before, whose summary counts it.</summary>
    Repeated,
}
