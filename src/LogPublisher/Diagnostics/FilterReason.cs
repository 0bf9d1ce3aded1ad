namespace LogPipeline.Publisher;

/// <summary>Why the sink's own options kept an event from being sent. What Serilog filters out before the sink is not known to it.</summary>
public enum FilterReason
{
    /// <summary>Sampling of its level left it out.</summary>
    Sampled,

    /// <summary>It said what another had said shortly before, and is told in that one's summary.</summary>
    Repeated,
}
